// One peer of the simulation: the engine's session on testkit's sockets and WebRTC. Seals are plain
// CBOR that names its envelope and its author: enough to see who may read what, at no cost.
import * as v from 'valibot'
import { Session } from '@knothole/engine'
import { BulkDesk, DetoursOfRoom, MeshOfRoom } from '@knothole/engine/detours'
import type {
  Fault,
  LinkStatus,
  Message,
  Person,
  RtcConnection,
  SessionInput,
  SessionOutput,
  Socket,
} from '@knothole/engine'
import type { FakeHost, FakePage, FakeRtc, FakeSockets, SeededRandom } from '@knothole/testkit'
import {
  decodeCbor,
  encodeCbor,
  encodeClientFrame,
  FEED_NONCE_BYTES,
  feedIdOf,
  feedNameBytes,
  LOG_ID_BYTES,
  MAX_RELAY_BYTES,
  peerIdOf,
  RELAY_KEY_BYTES,
  socketPath,
} from '@knothole/wire'
import type { Bytes, Card, MemberId, PeerId, RoomId } from '@knothole/wire'
import type { CryptoPort } from './core/index.ts'
import { SimulatedBulk } from './simulated-bulk.testing.ts'
import { SimulatedSeals, memberOf, sha256 } from './simulated-seals.testing.ts'
import { SimulatedDisk, SimulatedTalk } from './simulated-talk.testing.ts'

/** Signatures that hold when they begin with the key, and a hash that is its input. */
export function transparentCrypto(random: SeededRandom): CryptoPort {
  return {
    sha256: (data) => data,
    hmacSha1: (_key, data) => data,
    hmacSha256: (_key, data) => data,
    verify: ({ key, signature }) => key.every((byte, at) => signature[at] === byte),
    randomBytes: random.bytes,
  }
}

export interface PeerWorld {
  readonly room: RoomId
  readonly admissionKey: Bytes
  readonly rtc: FakeRtc
  readonly sockets: FakeSockets
  /** The second rendezvous, where there is one. */
  readonly other: { readonly sockets: FakeSockets } | undefined
  /** Whether the server answers requests. */
  readonly answers: boolean
  /** Told of each packet for the rendezvous to relay. */
  onRelayed(): void
}

const plainRelay = v.tuple([
  v.string(),
  v.string(),
  v.instance(Uint8Array<ArrayBuffer>),
  v.number(),
])

/** How long the code of the detours takes to load. */
const LOAD_MS = 60

/** And that of the log, which is asked for at once. */
const LOG_LOAD_MS = 40

type Effect = Exclude<SessionOutput, { type: 'changed' }>

export class SimulatedPeer {
  readonly name: string
  readonly device: Card['device']
  readonly host: FakeHost
  readonly peer: PeerId
  readonly member: MemberId
  readonly page: FakePage
  readonly faults: Fault[] = []
  readonly disk: SimulatedDisk
  readonly talk: SimulatedTalk
  /** What is sent beside the talk. */
  readonly bulk: SimulatedBulk = new SimulatedBulk((input) =>
    this.#later(0, () => this.#input({ type: 'bulk', input })),
  )
  isGone = false
  /** At which rendezvous it is, or tries to be. */
  place = 0
  readonly #world: PeerWorld
  readonly #seals: SimulatedSeals
  readonly #session: Session
  readonly #connections = new Map<number, RtcConnection>()
  readonly #open = new Map<number, Socket>()
  readonly #hasDetours: boolean
  #relayed = 0
  readonly #seen: Bytes[] = []
  readonly #heardRelayed = new Set<string>()
  #cancelTimer: (() => void) | undefined
  /** What came while the page is frozen. */
  #frozen: SessionInput[] | undefined
  #isStepping = false

  constructor(
    world: PeerWorld,
    options: {
      readonly name: string
      readonly host: FakeHost
      readonly random: SeededRandom
      readonly roomIsNew?: boolean
      /** Whether this page can be relayed. */
      readonly hasDetours?: boolean
      readonly card?: Partial<Card>
      /** What an earlier page of this host kept. */
      readonly disk?: SimulatedDisk
    },
  ) {
    const { name, host, random, hasDetours = true, disk = new SimulatedDisk() } = options
    this.disk = disk
    this.#hasDetours = hasDetours
    this.#world = world
    this.name = name
    this.device = options.card?.device ?? 'desktop'
    this.host = host
    const session = random.bytes(32)
    const identity = random.bytes(32)
    this.peer = peerIdOf(session)
    this.member = memberOf(identity)
    this.#seals = new SimulatedSeals({
      room: world.room,
      admissionKey: world.admissionKey,
      session,
      identity,
      input: (input) => this.#input(input),
      send: (socket, frame) => this.#open.get(socket)?.send(frame),
      localSdp: (connection) => this.#connections.get(connection)?.localSdp(),
    })
    this.page = world.rtc.openPage(host)
    this.#session = new Session({
      room: world.room,
      link: 'https://knothole.test/r/room#secret',
      card: { name, device: 'desktop', relays: true, ...options.card },
      roomIsNew: options.roomIsNew ?? false,
      places: world.other === undefined ? 1 : 2,
      random: random.next,
    })
    this.#session.start(this.#nowMs())
    const relayKey = random.bytes(RELAY_KEY_BYTES)
    const logId = new Uint8Array(LOG_ID_BYTES)
    const feedName = { author: identity, nonce: random.bytes(FEED_NONCE_BYTES) }
    const feed = { id: feedIdOf(sha256(feedNameBytes(logId, feedName))), name: feedName }
    this.#session.identify({ peer: this.peer, member: this.member, feed, relayKey })
    this.talk = new SimulatedTalk({
      logId,
      identity,
      disk,
      random: random.next,
      input: (input) => this.#input({ type: 'talk', input }),
    })
    this.#step()
    this.#later(LOG_LOAD_MS, () => {
      this.#input({ type: 'talk', input: { type: 'loaded', open: this.talk.open } })
      this.talk.restore()
    })
  }

  get state(): ReturnType<Session['state']> {
    return this.#session.state()
  }

  get isOnline(): boolean {
    return this.state.rendezvous.state === 'online'
  }

  personOf(other: SimulatedPeer): Person | undefined {
    return this.state.people.find(({ peer }) => peer === other.peer)
  }

  linkTo(other: SimulatedPeer): LinkStatus | undefined {
    return this.personOf(other)?.link
  }

  /** What was told, each message as it came first. */
  get messages(): readonly Message[] {
    return this.talk.messages
  }

  /** Whether packets pass on a connection of ours to another. */
  works(other: SimulatedPeer): boolean {
    const connections = this.page.connections()
    return connections.some(({ transport: { peer, works } }) => works && peer?.host === other.host)
  }

  /** Texts that came from one author, in order of arrival. */
  textsFrom(other: SimulatedPeer): string[] {
    return this.messages.filter(({ author }) => author === other.member).map(({ text }) => text)
  }

  /** Says something; answers its id. */
  say(text: string): string {
    const id = this.#session.write({ type: 'text', text }, this.#nowMs())
    this.#step()
    return id
  }

  /** Whether a text was in anything the server sent here. Seals are plain in this world. */
  hasSeen(text: string): boolean {
    return this.#seen.some((frame) => String.fromCharCode(...frame).includes(text))
  }

  /** The computer tells the page that its network is another. */
  networkChanged(): void {
    this.#input({ type: 'network-changed' })
  }

  /** Begins or stops typing. */
  type(active: boolean): void {
    this.#input({ type: 'typing', active })
  }

  rename(name: string): void {
    this.#input({ type: 'rename', name })
  }

  /** Leaves with a word. */
  leave(): void {
    this.#input({ type: 'leave' })
    this.#end()
  }

  /** Ends without a word: the tab crashed, the battery is empty. */
  crash(): void {
    this.#end()
    this.page.crash()
    this.#world.sockets.abandon(this.host)
    this.#world.other?.sockets.abandon(this.host)
  }

  /** Nothing runs in the page any more; what comes for it waits. */
  freeze(): void {
    this.#frozen = []
    this.#cancelTimer?.()
  }

  /** It runs again: what is due comes first, then what waited. */
  thaw(): void {
    const waiting = this.#frozen ?? []
    this.#frozen = undefined
    this.#session.tick(this.#nowMs())
    this.#step()
    for (const input of waiting) this.#input(input)
  }

  #end(): void {
    this.isGone = true
    this.#cancelTimer?.()
  }

  #nowMs(): number {
    return this.#world.rtc.internet.clock.nowMs()
  }

  #input(input: SessionInput): void {
    if (this.isGone) return
    if (this.#frozen !== undefined) {
      this.#frozen.push(input)
      return
    }
    this.#session.handle(input, this.#nowMs())
    this.#step()
  }

  #step(): void {
    if (this.#isStepping) return
    this.#isStepping = true
    for (let out = this.#session.poll(); out !== undefined; out = this.#session.poll()) {
      if (out.type !== 'changed') this.#perform(out)
    }
    this.#isStepping = false
    this.#cancelTimer?.()
    const deadlineMs = this.#session.deadlineMs()
    if (deadlineMs === undefined || this.isGone) return
    this.#cancelTimer = this.#world.rtc.internet.clock.schedule(deadlineMs, () => {
      this.#session.tick(this.#nowMs())
      this.#step()
    })
  }

  #perform(out: Effect): void {
    switch (out.type) {
      case 'open-socket':
        this.#openSocket(out.socket, out.place)
        return
      case 'knock':
        this.#knock()
        return
      case 'close-socket':
        this.#open.get(out.socket)?.close()
        return
      case 'send':
        this.#open.get(out.socket)?.send(encodeClientFrame(out.frame))
        return
      case 'rtc-open': {
        const { connection } = out
        const opened = this.page.openRtc(
          (event) => this.#input({ type: 'rtc', connection, event }),
          out.options,
        )
        this.#connections.set(connection, opened)
        return
      }
      case 'rtc':
        this.#connections.get(out.connection)?.command(out.command)
        return
      case 'rtc-close':
        this.#connections.get(out.connection)?.close()
        this.#connections.delete(out.connection)
        return
      case 'bulk':
        this.bulk.handle(out.out)
        return
      case 'load-detours':
        if (this.#hasDetours) this.#later(LOAD_MS, () => this.#loadDetours())
        return
      case 'seal-relayed':
      case 'open-relayed':
        this.#relay(out)
        return
      case 'climb':
        throw new Error('nobody climbs here')
      case 'talk':
        this.talk.handle(out.out)
        return
      case 'fault':
        this.faults.push(out.fault)
        return
      case 'overheard':
        // What was said first is shown by programs; here it is read once the log is there.
        return
      default:
        this.#seals.handle(out)
    }
  }

  /** Sends so many numbered bytes. */
  sendBytes(to: SimulatedPeer, size: number): void {
    this.bulk.send(to.peer, size, `${size} of ${this.name}`)
  }

  #later(ms: number, call: () => void): void {
    const { clock } = this.#world.rtc.internet
    clock.schedule(clock.nowMs() + ms, call)
  }

  #loadDetours(): void {
    this.#input({
      type: 'detours-loaded',
      open: (host) => new DetoursOfRoom(host),
      openBulk: (host) => new BulkDesk(host),
      openMesh: (host, nowMs) => new MeshOfRoom(host, nowMs),
    })
  }

  /** Seals of relayed packets: from whom, to whom, which; each is opened once. */
  #relay(out: Extract<Effect, { type: 'seal-relayed' | 'open-relayed' }>): void {
    const { peer, via } = out
    if (out.type === 'seal-relayed') {
      this.#relayed += 1
      if (via === 'rendezvous') this.#world.onRelayed()
      const sealed = encodeCbor([this.peer, peer, out.plain, this.#relayed])
      this.#input({ type: 'detours', input: { type: 'sealed', peer, via, sealed } })
      return
    }
    const decoded = decodeCbor(out.sealed, plainRelay, MAX_RELAY_BYTES)
    const [from, to, plain, number] = decoded.ok ? decoded.value : []
    const key = `${from} ${number}`
    const isGenuine = from === peer && to === this.peer && !this.#heardRelayed.has(key)
    if (plain === undefined || !isGenuine) {
      this.#input({ type: 'detours', input: { type: 'refused', peer } })
      return
    }
    this.#heardRelayed.add(key)
    const opened = { type: 'opened', peer, via, plain: new Uint8Array(plain) } as const
    this.#input({ type: 'detours', input: opened })
  }

  /** A request and its answer, with the handshakes before. */
  #knock(): void {
    const { weather } = this.#world.rtc.internet
    const wasDark = this.host.isDark
    this.#later(4 * weather.delayMs, () => {
      const isAnswered = !wasDark && !this.host.isDark && this.#world.answers
      if (isAnswered) this.#input({ type: 'knock-answered' })
    })
  }

  #openSocket(socket: number, place = 0): void {
    this.place = place
    const { other, sockets } = this.#world
    const open = ((place === 1 ? other?.sockets : undefined) ?? sockets).openFrom(this.host)
    const url = `wss://knothole.test${socketPath(this.#world.room)}`
    const opened = open(url, {
      onOpen: () => this.#input({ type: 'socket-open', socket }),
      onFrame: (frame) => {
        this.#seen.push(frame)
        this.#input({ type: 'socket-frame', socket, frame })
      },
      onClose: (code) => this.#input({ type: 'socket-closed', socket, code }),
    })
    this.#open.set(socket, opened)
  }
}
