// A room without a network: state is set by hand, messages arrive when told to. Stands in for the
// engine in the story book and in tests; no page that ships imports it.
import type { Fault, Path, Person, RoomState } from '@knothole/engine'
import type { MemberId, PeerId, RoomId } from '@knothole/wire'
import {
  MAX_TEXT_BYTES,
  encodeBase64url,
  formatRoomLink,
  memberIdOf,
  peerIdOf,
  roomIdOf,
  utf8Length,
} from '@knothole/wire'
import type {
  Engine,
  ImportReport,
  JoinOptions,
  Keep,
  Message,
  DeliveryTo,
  Room,
  RoomEvents,
} from '../engine.ts'
import { FakeTalk } from './fake-talk.testing.ts'

/** Sixteen bytes grown from a text, so that each name has its own picture. */
export function seededBytes(seed: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16)
  let hash = 2166136261
  for (let at = 0; at < 64; at += 1) {
    hash = Math.imul(hash ^ (seed.charCodeAt(at % seed.length) + at), 16777619)
    bytes[at % 16] = (bytes[at % 16] ?? 0) ^ (hash >>> 13)
  }
  return bytes
}

export const memberOf = (name: string): MemberId => memberIdOf(seededBytes(name))
export const peerOf = (name: string): PeerId => peerIdOf(seededBytes(`peer ${name}`))
export const fakeRoomId: RoomId = roomIdOf(seededBytes('room'))

/** A link to the fake room at an origin. */
export function fakeLink(origin: string, seed = 'room'): string {
  const room = roomIdOf(seededBytes(seed))
  return formatRoomLink({ origin, room, secret: seededBytes(`secret ${seed}`) })
}

/** A person linked directly unless told otherwise. */
export function fakePerson(name: string, changes: Partial<Person> = {}): Person {
  return {
    peer: peerOf(name),
    member: memberOf(name),
    name,
    device: 'desktop',
    isMe: false,
    present: true,
    typing: false,
    link: linked('direct', 34),
    ...changes,
  }
}

/** A link that carries messages. */
export function linked(path: Path, rttMs: number): Person['link'] {
  return { state: 'connected', path, rttMs, bytesSent: 4200, bytesReceived: 18_300, sinceMs: 0 }
}

/** A link that does not. */
export function unlinked(
  state: 'connecting' | 'reconnecting' | 'unreachable' | 'through',
): Person['link'] {
  return { state, bytesSent: 0, bytesReceived: 0, sinceMs: 0 }
}

/** A room whose doings are in the caller's hands. */
export class FakeRoom implements Room {
  state: RoomState
  closed = false
  forgotten = false
  typing: boolean[] = []
  /** An invitation that nobody can take. */
  readonly paper: Room['paper'] = {
    invite: () =>
      Promise.resolve({
        text: `knothole.${'made-up-invitation-'.repeat(12)}`,
        expiresAtMs: Date.now() + 600_000,
        accept: () => Promise.resolve('wrong-kind' as const),
        cancel: () => undefined,
      }),
    answer: () => Promise.resolve('not-paper' as const),
  }
  /** Up to where was told that all is read. */
  readonly read: string[] = []
  readonly talk: FakeTalk = new FakeTalk(() => this.tell())
  /** What `deliveryOf` answers, by message. */
  readonly deliveries = new Map<string, readonly DeliveryTo[]>()
  readonly #listeners: { readonly [E in keyof RoomEvents]: Set<RoomEvents[E]> } = {
    change: new Set(),
    message: new Set(),
    talk: new Set(),
    fault: new Set(),
  }
  #count = 0

  constructor(link: string, changes: Partial<RoomState> = {}) {
    this.state = {
      room: fakeRoomId,
      link,
      me: { peer: peerOf('me'), member: memberOf('me'), name: 'Amber Heron' },
      rendezvous: { state: 'online' },
      people: [],
      capacity: 12,
      ...changes,
    }
  }

  on<E extends keyof RoomEvents>(event: E, listener: RoomEvents[E]): () => void {
    const listeners: Set<RoomEvents[E]> = this.#listeners[event]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  say(text: string, options: { readonly replyTo?: string | undefined } = {}): Message {
    if (utf8Length(text) > MAX_TEXT_BYTES) throw new FakeEngineError('text-too-long')
    const names = this.state.people
      .filter((person) => person.link.state === 'connected')
      .map((person) => person.name)
    const { member: author, name } = this.state.me
    const delivery =
      names.length === 0
        ? ({ type: 'waiting' } as const)
        : ({ type: 'delivered', to: names.length, of: names.length, names } as const)
    return this.#tell({
      ...this.#message({ text, author, name }),
      ...options,
      mine: true,
      delivery,
    })
  }

  edit(id: string, text: string): void {
    this.change(id, { text, edited: true })
  }

  remove(id: string): void {
    this.change(id, { text: '', deleted: true, reactions: [] })
  }

  react(id: string, emoji: string, on: boolean): void {
    const message = this.talk.at(this.talk.indexOf(id))
    if (message === undefined) return
    const { member } = this.state.me
    const others = message.reactions.filter((one) => one.emoji !== emoji)
    const authors = (message.reactions.find((one) => one.emoji === emoji)?.authors ?? [])
      .filter((author) => author !== member)
      .concat(on ? [member] : [])
    this.change(id, { reactions: authors.length > 0 ? [...others, { emoji, authors }] : others })
  }

  setKeep(keep: Keep): void {
    this.talk.keep = keep
    const { member: author, name } = this.state.me
    const message = this.#message({ text: '', author, name })
    this.#tell({ ...message, mine: true, event: { type: 'keep', keep } })
  }

  markRead(id: string): void {
    this.read.push(id)
  }

  deliveryOf(id: string): readonly DeliveryTo[] {
    return this.deliveries.get(id) ?? []
  }

  exportTalk(format: 'json' | 'html'): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(new TextEncoder().encode(`the talk as ${format}`))
  }

  importTalk(bytes: Uint8Array<ArrayBuffer>): Promise<ImportReport> {
    if (bytes.length < 2) return Promise.reject(new FakeEngineError('not-an-export'))
    return Promise.resolve({ added: 120, known: 8, refused: 1 })
  }

  async forget(): Promise<void> {
    this.forgotten = true
    await Promise.resolve()
  }

  setTyping(active: boolean): void {
    this.typing.push(active)
  }

  rename(name: string): void {
    this.set({ me: { ...this.state.me, name } })
  }

  leave(): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    this.closed = true
    await Promise.resolve()
  }

  /** Replaces parts of the state and tells. */
  set(changes: Partial<RoomState>): void {
    this.state = { ...this.state, ...changes }
    for (const listener of this.#listeners.change) listener(this.state)
  }

  /** Replaces a person, or adds them. */
  setPerson(person: Person): void {
    const others = this.state.people.filter(({ peer }) => peer !== person.peer)
    this.set({ people: [...others, person] })
  }

  /** Lets a message arrive. */
  hear(name: string, text: string, changes: Partial<Message> = {}): Message {
    return this.#tell({ ...this.#message({ text, author: memberOf(name), name }), ...changes })
  }

  /** Changes something about a message. */
  change(id: string, changes: Partial<Message>): void {
    const message = this.talk.at(this.talk.indexOf(id))
    if (message) this.#tell({ ...message, ...changes })
  }

  /** Tells that the talk is another. */
  tell(): void {
    for (const listener of this.#listeners.talk) listener()
  }

  #tell(message: Message): Message {
    this.talk.put(message)
    for (const listener of this.#listeners.message) listener(message)
    this.tell()
    return message
  }

  /** As many messages at once as asked for, one a minute, all of them open unless told otherwise. */
  fill(count: number, names: readonly string[], closed = 0): void {
    const from = Date.now() - count * 60_000
    const { me } = this.state
    const messages = Array.from({ length: count }, (_, index): Message => {
      const name = names[Math.floor(index / 3) % (names.length + 1)]
      const mine = name === undefined
      return {
        id: `filled.${index}`,
        author: mine ? me.member : memberOf(name),
        name: name ?? me.name,
        text: filledText(index),
        atMs: from + index * 60_000,
        mine,
        reactions: index % 17 === 0 ? [{ emoji: '👍', authors: [me.member] }] : [],
        ...(index % 11 === 10 ? { replyTo: `filled.${index - 7}` } : {}),
        ...(mine ? { delivery: { type: 'delivered', to: 2, of: 2, names: ['Ana', 'Bo'] } } : {}),
      }
    })
    this.talk.closed = messages.slice(0, closed)
    this.talk.fill(messages.slice(closed))
  }

  /** Lets the engine refuse something. */
  refuse(fault: Fault): void {
    for (const listener of this.#listeners.fault) listener(fault)
  }

  #message(from: Pick<Message, 'text' | 'author' | 'name'>): Message {
    const id = encodeBase64url(seededBytes(`message ${this.#count++}`))
    return { ...from, id, atMs: Date.now(), mine: false, reactions: [] }
  }
}

function filledText(index: number): string {
  const words = `Message ${index + 1}`
  if (index % 23 === 0) return `${words}, with code:\n\n\`\`\`\nconst at = ${index}\n\`\`\``
  if (index % 13 === 0) return `${words}: **bold**, *italic* and https://example.org/${index}`
  return `${words}, about nothing in particular${' and then some more of it'.repeat(index % 9)}.`
}

/** An engine error as the page sees it. */
export class FakeEngineError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** An engine that opens fake rooms and keeps them for the caller to drive. */
export function fakeEngine(
  changes: Partial<Engine> = {},
): Engine & { rooms: FakeRoom[]; joinedBy: JoinOptions[]; forgotten: string[] } {
  const rooms: FakeRoom[] = []
  const joinedBy: JoinOptions[] = []
  const forgotten: string[] = []
  const open = (link: string, options: JoinOptions): Promise<FakeRoom> => {
    joinedBy.push(options)
    const room = new FakeRoom(link)
    room.state = { ...room.state, me: { ...room.state.me, name: options.name } }
    rooms.push(room)
    return Promise.resolve(room)
  }
  return {
    rooms,
    browserFault: () => undefined,
    forgotten,
    forgetRoom: (link) => Promise.resolve(void forgotten.push(link)),
    joinedBy,
    createRoom: (options) => open(fakeLink(options.origin, `made ${rooms.length}`), options),
    joinRoom: (link, options) => open(link, options),
    ...changes,
  }
}
