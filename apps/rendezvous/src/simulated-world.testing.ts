// A whole system in virtual time from one seed: sessions, their WebRTC and sockets, and the real
// rendezvous. Offers what happens in the world (crash, move, kill) and what must hold in it.
import { FakeInternet, FakeRtc, FakeSockets, SeededRandom, VirtualClock } from '@knothole/testkit'
import type { FakeHost, Weather } from '@knothole/testkit'
import { roomIdOf } from '@knothole/wire'
import type { Card } from '@knothole/wire'
import { SimulatedPeer, transparentCrypto } from './simulated-peer.testing.ts'
import type { SimulatedDisk } from './simulated-talk.testing.ts'
import { SimulatedServer } from './simulated-server.testing.ts'

export interface WorldOptions {
  readonly seed: string
  readonly weather?: Partial<Weather>
  /** Whether pages can be relayed; they can unless this is false. */
  readonly hasDetours?: boolean
  /** Whether the room is at a second rendezvous, too. */
  readonly hasOther?: boolean
  /** Whether there is a TURN server. */
  readonly hasTurn?: boolean
  /** Calls of the clock at most; a large room needs more. */
  readonly maxSteps?: number
}

export class SimulatedWorld {
  readonly random: SeededRandom
  readonly clock: VirtualClock
  readonly internet: FakeInternet
  readonly rtc: FakeRtc
  readonly turn: FakeHost
  readonly sockets: FakeSockets
  readonly server: SimulatedServer
  /** The second rendezvous, where there is one. */
  readonly other: { readonly server: SimulatedServer; readonly sockets: FakeSockets } | undefined
  readonly room: ReturnType<typeof roomIdOf>
  readonly admissionKey: ReturnType<SeededRandom['bytes']>
  readonly #hasDetours: boolean
  /** Everyone who ever was here; `here` leaves out those who are gone. */
  readonly peers: SimulatedPeer[] = []
  /** Packets handed to the rendezvous to relay. */
  relayed = 0
  #pages = 0
  #isHung = false

  constructor(options: WorldOptions) {
    const { seed, weather = {}, hasDetours = true, hasTurn = false } = options
    const clock = new VirtualClock({ maxSteps: options.maxSteps ?? 1_000_000 })
    this.clock = clock
    this.#hasDetours = hasDetours
    this.random = new SeededRandom(seed)
    this.internet = new FakeInternet({ clock, random: this.random, weather })
    this.turn = this.internet.addHost('turn')
    this.rtc = new FakeRtc(this.internet, hasTurn ? { turn: this.turn } : {})
    this.sockets = new FakeSockets(this.internet)
    this.room = roomIdOf(this.random.bytes(16))
    this.admissionKey = this.random.bytes(32)
    const crypto = transparentCrypto(this.random.fork('server'))
    this.server = new SimulatedServer({
      clock,
      crypto,
      sockets: this.sockets,
      turnUrls: hasTurn ? ['turn:knothole.test:3478'] : [],
    })
    this.server.addRoom(this.room, this.admissionKey)
    this.server.start()
    if (options.hasOther !== true) return
    const sockets = new FakeSockets(this.internet)
    const server = new SimulatedServer({ clock, crypto, sockets })
    server.addRoom(this.room, this.admissionKey)
    server.start()
    this.other = { server, sockets }
  }

  get answers(): boolean {
    return this.server.isUp && !this.#isHung
  }

  onRelayed(): void {
    this.relayed += 1
  }

  get here(): SimulatedPeer[] {
    return this.peers.filter(({ isGone }) => !isGone)
  }

  /** Somebody opens the link. */
  join(
    name: string,
    host: FakeHost = this.internet.addHost(name),
    { disk, ...card }: Partial<Card> & { readonly disk?: SimulatedDisk } = {},
  ): SimulatedPeer {
    this.#pages += 1
    const random = this.random.fork(`page ${this.#pages}`)
    const hasDetours = this.#hasDetours
    const kept = disk === undefined ? {} : { disk }
    const peer = new SimulatedPeer(this, { name, host, random, hasDetours, card, ...kept })
    this.peers.push(peer)
    return peer
  }

  /** The page is loaded anew: the same host and disk, another peer. */
  reload(peer: SimulatedPeer): SimulatedPeer {
    peer.crash()
    return this.join(peer.name, peer.host, { disk: peer.disk })
  }

  /** The network gives the host another address: paths and sockets are dead, and nobody is told. */
  move(peer: SimulatedPeer): void {
    peer.host.move()
    this.sockets.silence(peer.host)
    this.other?.sockets.silence(peer.host)
  }

  /** A router forgets the path between two: it is dead, and nobody is told. */
  breakLink(peer: SimulatedPeer, other: SimulatedPeer): void {
    for (const { transport } of peer.page.connections())
      if (transport.peer?.host === other.host) transport.flush()
  }

  /** The server hangs: sockets stay open, new ones open, and no word comes on any. */
  hangServer(): void {
    for (const { host } of this.here) this.sockets.silence(host)
    this.#isHung = true
    this.sockets.accept = () => ({ onFrame: () => undefined, onClose: () => undefined })
  }

  at(ms: number, call: () => void): void {
    this.clock.schedule(this.clock.nowMs() + ms, call)
  }

  /** Runs until everyone here is linked to everyone here on a path of their own; answers whether that came. */
  meet(withinMs: number): boolean {
    return this.clock.runUntilTrue(() => this.isMesh(), withinMs)
  }

  isMesh(peers: readonly SimulatedPeer[] = this.here): boolean {
    return peers.every((peer) => peers.every((other) => other === peer || isLinked(peer, other)))
  }

  /** What is wrong in a world at rest, false alarms included; empty when nothing is. */
  complaints(): string[] {
    const alarms = this.here.flatMap(({ name, faults }) =>
      faults.map(({ code }) => `${name} saw ${code}`),
    )
    return [...this.disorders(), ...alarms]
  }

  /** What is wrong with people and links. */
  disorders(): string[] {
    const { here } = this
    const count = here.length - 1
    const found: string[] = []
    for (const peer of here) {
      const { name, state, page } = peer
      const links = here
        .filter((other) => other !== peer)
        .map((other) => `${other.name} ${peer.linkTo(other)?.state ?? 'unknown'}`)
        .filter((link) => !link.endsWith(' connected'))
      if (links.length > 0) found.push(`${name} is not linked: ${links.join(', ')}`)
      if (state.people.length !== count) found.push(`${name} sees ${state.people.length} people`)
      if (this.server.isUp && !peer.isOnline)
        found.push(`${name} is ${state.rendezvous.state} at the rendezvous`)
      const open = page.connections().length
      if (open !== count) found.push(`${name} holds ${open} connections, not ${count}`)
    }
    return found
  }
}

/** Whether frames pass from one to the other on a path of their own, and both sides say so. */
export function isLinked(peer: SimulatedPeer, other: SimulatedPeer): boolean {
  return isUp(peer, other) && isUp(other, peer) && !isRelayed(peer, other)
}

/** Whether one side says that frames pass, by whatever path. */
export function isUp(peer: SimulatedPeer, other: SimulatedPeer): boolean {
  return peer.linkTo(other)?.state === 'connected'
}

/** Whether what one side sends goes through others' hands. */
export function isRelayed(peer: SimulatedPeer, other: SimulatedPeer): boolean {
  const { path } = peer.linkTo(other) ?? {}
  return path === 'ws-relay' || path === 'member-relay' || path === 'turn'
}
