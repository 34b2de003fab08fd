// Rooms as programs hold them, with the real cryptography, in virtual time, at a real rendezvous that
// may be made to lie. Virtual time stands still while cryptography works.
import {
  deriveRoomKeys,
  generateKeyPair,
  generateRelayKey,
  memberOf,
  openRoom,
  peerOf,
  signingKeyOf,
} from '@knothole/engine'
import type {
  Credentials,
  Fault,
  Message,
  OpenRtc,
  Person,
  Room,
  RoomPorts,
  Subtle,
} from '@knothole/engine'
import { loadPlainDetours } from '@knothole/engine/detours'
import { MemoryLog, MemoryLogStore, plainLog } from '@knothole/engine/log'
import {
  FakeInternet,
  FakeRtc,
  FakeSockets,
  SeededRandom,
  VirtualClock,
  watchCrypto,
} from '@knothole/testkit'
import type { FakeHost, FakePage } from '@knothole/testkit'
import { roomIdOf, socketPath } from '@knothole/wire'
import type { Bytes, Card, PeerId, RoomId } from '@knothole/wire'
import { Adversary } from './adversary.testing.ts'
import { nodeCrypto } from './shell/node-crypto.ts'
import { SimulatedServer } from './simulated-server.testing.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** A room and its secret. */
export interface SealedRoom {
  readonly id: RoomId
  readonly secret: Bytes
}

/** Somebody in a room, and what they have seen. */
export interface Guest {
  readonly name: string
  readonly host: FakeHost
  readonly page: FakePage
  readonly room: Room
  readonly credentials: Credentials
  readonly peer: PeerId
  readonly disk: MemoryLog
  /** Each as it came first. */
  readonly messages: Message[]
  readonly faults: Fault[]
}

export interface JoinOptions {
  readonly card?: Partial<Card>
  /** Stands between this guest's engine and its connections. */
  readonly tamper?: (open: OpenRtc) => OpenRtc
  readonly host?: FakeHost
  /** What an earlier page of this guest kept. */
  readonly disk?: MemoryLog
}

export class SealedWorld {
  readonly clock: VirtualClock = new VirtualClock()
  readonly random: SeededRandom
  readonly internet: FakeInternet
  readonly rtc: FakeRtc
  readonly sockets: FakeSockets
  readonly server: SimulatedServer
  readonly adversary: Adversary = new Adversary()
  readonly subtle: Subtle
  readonly guests: Guest[] = []
  readonly #settled: () => Promise<void>
  #room: SealedRoom | undefined

  /** A world with one room in it. */
  static async create(seed: string): Promise<SealedWorld> {
    const world = new SealedWorld(seed)
    world.#room = await world.makeRoom()
    return world
  }

  private constructor(seed: string) {
    const { clock } = this
    this.random = new SeededRandom(seed)
    this.internet = new FakeInternet({ clock, random: this.random })
    this.rtc = new FakeRtc(this.internet)
    this.sockets = new FakeSockets(this.internet)
    this.server = new SimulatedServer({ clock, crypto: nodeCrypto, sockets: this.sockets })
    this.server.start()
    if (this.sockets.accept !== undefined)
      this.sockets.accept = this.adversary.before(this.sockets.accept)
    const { subtle, settled } = watchCrypto(globalThis.crypto.subtle as unknown as Subtle, turn)
    this.subtle = subtle
    this.#settled = settled
  }

  get room(): SealedRoom {
    if (this.#room === undefined) throw new Error('the world is not ready')
    return this.#room
  }

  /** A room with a secret that the server never hears. */
  async makeRoom(): Promise<SealedRoom> {
    const room = { id: roomIdOf(this.random.bytes(16)), secret: this.random.bytes(16) }
    const { admission } = await deriveRoomKeys(this.subtle, room.secret)
    this.server.addRoom(room.id, admission.publicKey)
    return room
  }

  async credentials(secret: Bytes): Promise<Credentials> {
    const { subtle } = this
    const keys = await deriveRoomKeys(subtle, secret)
    const identity = await signingKeyOf(subtle, await generateKeyPair(subtle))
    const session = await signingKeyOf(subtle, await generateKeyPair(subtle))
    const peer = await peerOf(subtle, session.publicKey)
    const member = await memberOf(subtle, identity.publicKey)
    const relay = await generateRelayKey(subtle)
    return { keys, identity, session, peer, member, relay }
  }

  /** Somebody opens the link. */
  async join(
    name: string,
    { id, secret }: SealedRoom = this.room,
    {
      card = {},
      tamper = (open) => open,
      host = this.internet.addHost(name),
      disk = new MemoryLog(),
    }: JoinOptions = {},
  ): Promise<Guest> {
    const credentials = await this.credentials(secret)
    const page = this.rtc.openPage(host)
    const ports: RoomPorts = {
      clock: this.clock,
      randomBytes: this.random.fork(name).bytes,
      openSocket: this.sockets.openFrom(host),
      openRtc: tamper(page.openRtc),
      loadDetours: loadPlainDetours,
      loadLog: plainLog(() => Promise.resolve(new MemoryLogStore(disk))),
      subtle: this.subtle,
    }
    const options: Parameters<typeof openRoom>[0] = {
      room: id,
      link: `https://knothole.test/r/${id}#…`,
      socketUrl: `wss://knothole.test${socketPath(id)}`,
      card: { name, device: 'desktop', ...card },
      roomIsNew: false,
      credentials: Promise.resolve(credentials),
    }
    const room = await openRoom(options, ports)
    const { peer } = credentials
    const guest: Guest = {
      name,
      host,
      page,
      disk,
      room,
      credentials,
      peer,
      messages: [],
      faults: [],
    }
    room.on('message', (message) => {
      if (!guest.messages.some(({ id }) => id === message.id)) guest.messages.push(message)
    })
    room.on('fault', (fault) => guest.faults.push(fault))
    this.guests.push(guest)
    return guest
  }

  /** Lets virtual time pass, and waits for the cryptography in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms
    await this.#settled()
    while (this.clock.step(untilMs)) await this.#settled()
    this.clock.runUntil(untilMs)
  }

  /** Lets time pass until a condition holds; answers whether it came to hold. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const untilMs = this.clock.nowMs() + withinMs
    while (!condition() && this.clock.nowMs() < untilMs) await this.pass(20)
    return condition()
  }

  /** Whether everyone in the room is linked to everyone, or these are. */
  isMesh(guests: readonly Guest[] = this.guests): boolean {
    return guests.every((guest) =>
      guests.every(
        (other) => guest === other || personAt(guest, other)?.link.state === 'connected',
      ),
    )
  }

  async close(): Promise<void> {
    for (const { room } of this.guests) await Promise.all([room.close(), this.pass(1)])
  }
}

/** One person as another sees them. */
export function personAt(guest: Guest, other: Guest): Person | undefined {
  return guest.room.state.people.find(({ peer }) => peer === other.peer)
}

/** The kinds of faults a guest was told of. */
export function faultsOf(guest: Guest): Set<Fault['code']> {
  return new Set(guest.faults.map(({ code }) => code))
}
