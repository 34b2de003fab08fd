// A room as a program holds it: drives the session's machine with sockets, WebRTC, cryptography and
// time, and speaks in events. Decides nothing itself.
import { createNanoEvents } from 'nanoevents'
import type { Bytes, Card, EntryBody, PeerId, RoomId } from '@knothole/wire'
import { Session } from '../core/index.ts'
import type {
  DeliveryTo,
  Fault,
  Keep,
  Message,
  RoomState,
  SayOptions,
  SessionInput,
  SessionOutput,
  TalkView,
} from '../core/index.ts'
import type {
  Clock,
  OpenRtc,
  OpenSocket,
  RandomBytes,
  RtcConnection,
  RtcEvent,
  RtcOptions,
  Subtle,
} from '../ports/index.ts'
import { DeadlineTimer } from './deadline-timer.ts'
import type { LoadDetours } from './detours-module.ts'
import { Introducer } from './seals/introducer.ts'
import type { Credentials } from './seals/introducer.ts'
import type { ImportReport, LoadLog } from './talk/log-module.ts'
import { checkName } from './name.ts'
import { newOwnFeed } from './talk/own-feed.ts'
import type { ByteSource, IncomingBytes, RoomBytes } from './room-bytes.ts'
import { RoomDetours } from './room-detours.ts'
import { RoomPaper } from './paper/room-paper.ts'
import type { LoadPaper, PaperApi } from './paper/room-paper.ts'
import { RoomSockets } from './room-sockets.ts'
import type { SocketPlace } from './room-sockets.ts'
import { RoomTalk } from './talk/room-talk.ts'
import type { TalkApi } from './talk/room-talk.ts'

/** What happens in a room. */
export interface RoomEvents {
  change: (state: RoomState) => void
  /** A message is new, or another than before: edited, reacted to, delivered. */
  message: (message: Message) => void
  /** The order of the talk, or what it says of itself, is another. */
  talk: () => void
  fault: (fault: Fault) => void
  /** Somebody sends bytes; without a listener they are refused. */
  bytes: (incoming: IncomingBytes) => void
}

/** A room we are in. */
export interface Room extends TalkApi {
  /** The room as it is now; a new object after every change. */
  readonly state: RoomState
  /** Listens; the answer stops listening. */
  on<Event extends keyof RoomEvents>(event: Event, listener: RoomEvents[Event]): () => void
  /**
   * Sends bytes to one peer, beside the talk and no faster than they are taken. Resolves when that is
   * over, with whether the other side took all of them; rejects when the source fails.
   */
  sendBytes(to: PeerId, source: ByteSource, label?: string): Promise<boolean>
  /** Bringing somebody in where no server can. */
  readonly paper: PaperApi
  /** Tells others that we are typing, or have stopped. */
  setTyping(active: boolean): void
  /** Takes another name. @throws EngineError name-invalid */
  rename(name: string): void
  /** Leaves for good: tells those who come later, which takes a moment, and closes. */
  leave(): Promise<void>
  /** Goes away; afterwards nothing is left running. */
  close(): Promise<void>
}

export interface RoomPorts {
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly openSocket: OpenSocket
  /** Answers whether the server of a socket URL can be reached. */
  readonly knock?: ((socketUrl: string) => Promise<boolean>) | undefined
  readonly openRtc: OpenRtc
  readonly subtle: Subtle
  /** Loads what is needed when a link is not up at once; without it nothing is relayed. */
  readonly loadDetours?: LoadDetours | undefined
  /** Loads the log, at once; without it nothing that is said goes anywhere. */
  readonly loadLog?: LoadLog | undefined
  /** Loads what writes and reads invitations on paper. */
  readonly loadPaper?: LoadPaper | undefined
  /** Calls at every change of this computer's network; the answer stops it. */
  readonly watchNetwork?: ((call: () => void) => () => void) | undefined
}

export interface RoomOptions {
  readonly room: RoomId
  readonly link: string
  readonly socketUrl: string
  /** Other rendezvous of the room, in their order. */
  readonly also?: readonly SocketPlace[] | undefined
  readonly card: Card
  readonly roomIsNew: boolean
  /** The socket and the first connection are opened while these are derived and loaded. */
  readonly credentials: Promise<Credentials>
  /** Our name, where that had to be loaded too; otherwise the card has it. */
  readonly name?: Promise<string>
}

/** Joins a room. Resolves once we know who we are, before the rendezvous has answered. */
export async function openRoom(options: RoomOptions, ports: RoomPorts): Promise<Room> {
  const room = new LiveRoom(options, ports)
  try {
    await room.identified
  } catch (cause) {
    await room.close()
    throw cause
  }
  return room
}

type CryptoEffect = Extract<
  SessionOutput,
  {
    type:
      | 'join'
      | 'seal-card'
      | 'seal-signal'
      | 'open-card'
      | 'open-signal'
      | 'seal-relayed'
      | 'open-relayed'
  }
>

/** Tells the talk that people may be others. */
const PEOPLE: SessionInput = { type: 'talk', input: { type: 'people' } }

class LiveRoom implements Room {
  readonly #ports: RoomPorts
  readonly #session: Session
  readonly identified: Promise<void>
  #introducer: Introducer | undefined
  readonly #detours: RoomDetours
  readonly #talk: RoomTalk
  readonly paper: RoomPaper
  /** Transfers of bytes, once their code is there. */
  #bytes: RoomBytes | undefined
  #stopWatching: (() => void) | undefined
  readonly #events = createNanoEvents<RoomEvents>()
  readonly #connections = new Map<number, RtcConnection>()
  readonly #sockets: RoomSockets
  #effects: Promise<void> = Promise.resolve()
  readonly #timer: DeadlineTimer
  #closed = false
  #stepping = false
  /** The state shown last; undefined when it changed since. */
  #state: RoomState | undefined

  constructor(options: RoomOptions, ports: RoomPorts) {
    this.#ports = ports
    const random = (): number => new DataView(ports.randomBytes(4).buffer).getUint32(0) / 2 ** 32
    const { room, socketUrl, also = [] } = options
    this.#sockets = new RoomSockets({
      places: [{ socketUrl, room }, ...also],
      openSocket: ports.openSocket,
      knock: ports.knock,
      input: (input) => this.#input(input),
    })
    this.#session = new Session({ ...options, random, places: 1 + also.length })
    this.#detours = new RoomDetours({
      load: ports.loadDetours,
      subtle: ports.subtle,
      sealing: async () => {
        const { peer, relay } = await options.credentials
        return relay === undefined ? undefined : { room: options.room, peer, key: relay }
      },
      input: (input) => this.#input(input),
      adopt: (connection, open) => this.#takeConnection(connection, open),
      onLoaded: (module) => {
        this.#bytes = module.openBytes(
          (input) => this.#input({ type: 'bulk', input }),
          (incoming) => {
            this.#events.emit('bytes', incoming)
            return (this.#events.events.bytes?.length ?? 0) > 0
          },
        )
      },
    })
    this.paper = new RoomPaper({
      load: ports.loadPaper,
      ports,
      room: this,
      card: () => ({ ...options.card, name: this.state.me.name }),
      introducer: () => this.#introducer,
      connections: this.#connections,
      input: (input) => this.#input(input),
    })
    this.#talk = new RoomTalk({
      load: ports.loadLog,
      clock: ports.clock,
      write: (body) => this.#write(body),
      input: (input) => this.#input({ type: 'talk', input }),
      onMessage: (message) => this.#events.emit('message', message),
      onTalk: () => this.#events.emit('talk'),
    })
    this.#timer = new DeadlineTimer(ports.clock, () => {
      this.#session.tick(ports.clock.nowMs())
      this.#step()
    })
    this.#session.start(ports.clock.nowMs())
    this.identified = this.#identify(options)
    this.#effects = this.identified.catch(() => undefined)
    this.#stopWatching = ports.watchNetwork?.(() => this.#input({ type: 'network-changed' }))
    this.#step()
  }

  get state(): RoomState {
    return (this.#state ??= this.#session.state())
  }

  on<Event extends keyof RoomEvents>(event: Event, listener: RoomEvents[Event]): () => void {
    return this.#events.on(event, listener)
  }

  get talk(): TalkView {
    return this.#talk.talk
  }

  say(text: string, options?: SayOptions): Message {
    return this.#talk.say(text, options)
  }

  edit(id: string, text: string): void {
    this.#talk.edit(id, text)
  }

  remove(id: string): void {
    this.#talk.remove(id)
  }

  react(id: string, emoji: string, on: boolean): void {
    this.#talk.react(id, emoji, on)
  }

  setKeep(keep: Keep): void {
    this.#talk.setKeep(keep)
  }

  markRead(id: string): void {
    this.#talk.markRead(id)
  }

  deliveryOf(id: string): readonly DeliveryTo[] {
    return this.#talk.deliveryOf(id)
  }

  exportTalk(format: 'json' | 'html'): Promise<Bytes> {
    return this.#talk.exportTalk(format)
  }

  importTalk(bytes: Bytes): Promise<ImportReport> {
    return this.#talk.importTalk(bytes)
  }

  forget(): Promise<void> {
    return this.#talk.forget()
  }

  async sendBytes(to: PeerId, source: ByteSource, label = ''): Promise<boolean> {
    await this.#detours.load()
    return this.#closed || this.#bytes === undefined ? false : this.#bytes.send(to, source, label)
  }

  setTyping(active: boolean): void {
    this.#input({ type: 'typing', active })
  }

  rename(name: string): void {
    this.#input({ type: 'rename', name: checkName(name) })
  }

  leave(): Promise<void> {
    return this.#talk.leave().then(() => this.close())
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#input({ type: 'leave' })
    this.#closed = true
    this.#timer.set(undefined)
    this.#stopWatching?.()
    this.#detours.close()
    this.paper.close()
    this.#bytes?.close()
    this.#events.events = {}
    await Promise.all([this.#effects, this.#talk.close()])
  }

  #write(body: EntryBody): string {
    const id = this.#session.write(body, this.#ports.clock.nowMs())
    this.#step()
    return id
  }

  #input(input: SessionInput): void {
    if (this.#closed) return
    this.#session.handle(input, this.#ports.clock.nowMs())
    this.#step()
  }

  /** Does what the session wants done, tells what changed, and sets the timer. */
  #step(): void {
    // An output can lead to an input at once (a socket that closes as it opens): the outer step goes on.
    if (this.#stepping) return
    this.#stepping = true
    const changed = this.#drain()
    // Who is here, and by what name, matters to what is said.
    if (changed) this.#session.handle(PEOPLE, this.#ports.clock.nowMs())
    this.#drain()
    this.#stepping = false
    if (changed) {
      this.#state = undefined
      if (this.#introducer !== undefined) this.#events.emit('change', this.state)
    }
    this.#timer.set(this.#closed ? undefined : this.#session.deadlineMs())
  }

  /** Does what the session wants done; answers whether anything changed. */
  #drain(): boolean {
    let changed = false
    for (let out = this.#session.poll(); out !== undefined; out = this.#session.poll()) {
      if (out.type === 'changed') changed = true
      else this.#perform(out)
    }
    return changed
  }

  #perform(out: Exclude<SessionOutput, { type: 'changed' }>): void {
    switch (out.type) {
      case 'open-socket':
        this.#sockets.open(out.socket, out.place)
        return
      case 'close-socket':
        return this.#sockets.close(out.socket)
      case 'knock':
        void this.#sockets.knock(out.place)
        this.#detours.knock()
        return
      case 'rtc-open':
        this.#takeConnection(out.connection, this.#ports.openRtc, out.options)
        return
      case 'rtc':
        this.#connections.get(out.connection)?.command(out.command)
        return
      case 'rtc-close':
        this.#connections.get(out.connection)?.close()
        this.#connections.delete(out.connection)
        return
      case 'bulk':
        this.#bytes?.handle(out.out)
        return
      case 'load-detours':
        void this.#detours.load()
        return
      case 'climb':
        this.#detours.climb(out)
        return
      case 'talk':
        this.#talk.handle(out.out)
        return
      case 'overheard':
        this.#talk.overhear(out)
        return
      case 'fault':
        this.#events.emit('fault', out.fault)
        return
      case 'send':
        this.#sockets.send(out.socket, out.frame)
        return
      default:
        this.#enqueue(out)
    }
  }

  async #identify({ room, credentials, name, card }: RoomOptions): Promise<void> {
    const code = this.#ports.loadLog?.()
    // Whether it could be had is asked when it is needed.
    code?.catch(() => undefined)
    const [known, ownName = card.name] = await Promise.all([credentials, name])
    const { peer, member, relay, keys, identity } = known
    const feed = await newOwnFeed(this.#ports, keys.logId, identity.publicKey)
    this.#session.identify({ peer, member, feed, relayKey: relay?.publicKey }, ownName)
    this.#introducer = new Introducer({ room, ...known }, this.#ports)
    const { subtle, randomBytes } = this.#ports
    const own = { subtle, randomBytes, keys, identity, member, feed }
    void this.#talk.open({ ...own, ownName: () => this.state.me.name }, code)
    this.#step()
  }

  /** Cryptography runs side by side; its results take effect in the order in which they were asked for. */
  #enqueue(effect: CryptoEffect): void {
    const work = this.identified.then(() => this.#work(effect))
    const done = this.#effects.then(async () => (await work)())
    // A failure here is a fault of ours: the platform reports `done` as unhandled, the others go on.
    this.#effects = done.catch(() => undefined)
  }

  /** Does an effect and answers with what is then to be done with its result. */
  async #work(effect: CryptoEffect): Promise<() => void> {
    const introducer = this.#introducer
    if (introducer === undefined) throw new Error('an effect was begun before the keys were there')
    switch (effect.type) {
      case 'join': {
        const { nonce, card, offer, socket } = effect
        const sdp = offer === undefined ? undefined : this.#connections.get(offer)?.localSdp()
        const room = this.#sockets.roomOf(socket)
        const frame = await introducer.join(nonce, card, { offerSdp: sdp, room })
        return () => this.#sockets.send(socket, frame)
      }
      case 'seal-card': {
        const card = await introducer.sealCard(effect.card)
        return () => this.#input({ type: 'card-sealed', card })
      }
      case 'seal-signal': {
        const { to, signal } = effect
        const sealed = await introducer.sealSignal(to, signal)
        return () => this.#input({ type: 'signal-sealed', to, sealed })
      }
      case 'open-card': {
        const opened = await introducer.openCard(effect.peer, effect.sealed)
        return () => this.#input(opened)
      }
      case 'open-signal': {
        const { peer, sealed, toAnyone, isCarried } = effect
        const opened = await introducer.openSignal(peer, sealed, toAnyone)
        return () =>
          this.#input(opened.type === 'signal-opened' ? { ...opened, isCarried } : opened)
      }
      case 'seal-relayed':
      case 'open-relayed':
        return this.#detours.relay(effect)
    }
  }

  #takeConnection(connection: number, open: OpenRtc, options?: RtcOptions): void {
    const hear = (event: RtcEvent): void => this.#input({ type: 'rtc', connection, event })
    this.#connections.set(connection, open(hear, options))
  }
}
