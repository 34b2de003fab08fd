// A room without a network: state is set by hand, messages arrive when told to. Stands in for the
// engine in the story book and in tests; no page that ships imports it.
import type { Fault, Message, Path, Person, RoomState } from '@knothole/engine'
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
import type { Engine, JoinOptions, Room, RoomEvents } from '../engine.ts'

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
export function unlinked(state: 'connecting' | 'reconnecting' | 'unreachable'): Person['link'] {
  return { state, bytesSent: 0, bytesReceived: 0, sinceMs: 0 }
}

/** A room whose doings are in the caller's hands. */
export class FakeRoom implements Room {
  state: RoomState
  closed = false
  typing: boolean[] = []
  readonly #listeners: { readonly [E in keyof RoomEvents]: Set<RoomEvents[E]> } = {
    change: new Set(),
    message: new Set(),
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

  say(text: string): Message {
    if (utf8Length(text) > MAX_TEXT_BYTES) throw new FakeEngineError('text-too-long')
    const sentTo = this.state.people
      .filter((person) => person.link.state === 'connected')
      .map((person) => person.name)
    const message = this.#message({ text, author: this.state.me.member, name: this.state.me.name })
    return { ...message, mine: true, sentTo }
  }

  setTyping(active: boolean): void {
    this.typing.push(active)
  }

  rename(name: string): void {
    this.set({ me: { ...this.state.me, name } })
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
    const message = { ...this.#message({ text, author: memberOf(name), name }), ...changes }
    for (const listener of this.#listeners.message) listener(message)
    return message
  }

  /** Lets the engine refuse something. */
  refuse(fault: Fault): void {
    for (const listener of this.#listeners.fault) listener(fault)
  }

  #message(from: Pick<Message, 'text' | 'author' | 'name'>): Message {
    const id = encodeBase64url(seededBytes(`message ${this.#count++}`))
    return { ...from, id, atMs: Date.now(), mine: false, sentTo: [] }
  }
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
): Engine & { rooms: FakeRoom[]; joinedBy: JoinOptions[] } {
  const rooms: FakeRoom[] = []
  const joinedBy: JoinOptions[] = []
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
    joinedBy,
    createRoom: (options) => open(fakeLink(options.origin, `made ${rooms.length}`), options),
    joinRoom: (link, options) => open(link, options),
    ...changes,
  }
}
