// One room as the page holds it: the engine's state and conversation as signals, the lines between
// messages, what is unread, what the composer is about. Owns its subscriptions and the room; `close`
// ends both.
import { computed, signal } from '@preact/signals'
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { RoomState } from '@knothole/engine'
import type { EngineErrorCode, Message, Room, TalkView } from '../engine.ts'
import { engineErrorCode } from '../engine.ts'
import { ARRIVING_MS, now, passesInMs } from './passing.ts'
import type { RoomNotice } from './notices.ts'
import { noticePart } from './later-notices.ts'
import type { NoticePart } from './later-notices.ts'
import { isHere } from './people.ts'
import { Rows, countUnread } from './rows.ts'
import type { PlacedNotice, ReadMark } from './rows.ts'
import { stageOf } from './stage.ts'
import type { Stage } from './stage.ts'

/** What the next thing typed will be. */
export type Subject =
  | { readonly type: 'message' }
  | { readonly type: 'reply'; readonly to: Message }
  | { readonly type: 'edit'; readonly message: Message }

/** A room for the page to draw. */
export interface RoomModel {
  /** For what is not drawn from signals: what can be done with messages, and the whole talk. */
  readonly room: Room
  readonly state: ReadonlySignal<RoomState>
  /** The conversation as it is now; another object after every change. */
  readonly rows: ReadonlySignal<Rows>
  /** The newest message of others that came while one watched, for people who listen to the page. */
  readonly heard: ReadonlySignal<Message | undefined>
  readonly stage: ReadonlySignal<Stage>
  /** Messages of others that came while `watching` was false. */
  readonly unread: ReadonlySignal<number>
  /** Whether the newest message is in sight. */
  readonly watching: Signal<boolean>
  readonly subject: Signal<Subject>
  /** Says a text, or what the subject makes of it; or says why not. */
  say(text: string): EngineErrorCode | undefined
  setTyping(active: boolean): void
  rename(name: string): void
  /** How far one has read, and what there is. */
  standing(): Standing
  close(): void
}

/** How a conversation stands with its reader. */
export interface Standing {
  readonly read?: ReadMark | undefined
  readonly unread: number
  /** Time of the newest message; undefined without any. */
  readonly lastMs?: number | undefined
}

/** What the page knows of earlier visits, and what it keeps of this one. */
export interface Reading {
  /** The newest message read in an earlier visit. */
  readonly read?: ReadMark | undefined
  /** Calls when the newest message was seen. */
  onRead?: (newest: Message) => void
}

/**
 * The list is drawn this long after we said something or something was noted, which nobody sees: it is the
 * costly part of the page to draw, and words that are being sealed and signed would wait for it to be done.
 */
const SENT_FIRST_MS = 5

/** More unread messages are not counted. */
export const MAX_UNREAD = 999

/** Wraps a room. */
export function createRoomModel(room: Room, reading: Reading = {}): RoomModel {
  return new LiveModel(room, reading)
}

class LiveModel implements RoomModel {
  readonly room: Room
  readonly state: Signal<RoomState>
  readonly rows
  readonly heard = signal<Message | undefined>(undefined)
  readonly stage: ReadonlySignal<Stage>
  readonly unread = signal(0)
  readonly watching = signal(true)
  readonly subject = signal<Subject>({ type: 'message' })
  readonly #reading: Reading
  readonly #talk = signal(0)
  #notices: readonly PlacedNotice[] = []
  readonly #unreadAfter: Signal<ReadMark | undefined>
  readonly #talked = signal(false)
  readonly #met = new Set<string>()
  readonly #openedMs = now()
  /** Until when those who are found here were here before us; open until we are in. */
  #arrivingUntilMs = Infinity
  readonly #offs: (() => void)[]
  #readUpTo: ReadMark | undefined
  #held: ReturnType<typeof setTimeout> | undefined
  /** Runs while the list waits for words of ours to be sent. */
  #sending: ReturnType<typeof setTimeout> | undefined

  constructor(room: Room, reading: Reading) {
    this.room = room
    this.#reading = reading
    this.#readUpTo = reading.read
    this.#unreadAfter = signal(reading.read)
    this.state = signal(room.state)
    this.rows = computed(() => {
      void this.#talk.value
      return new Rows({
        talk: room.talk,
        notices: this.#notices,
        unreadAfter: this.#unreadAfter.value,
      })
    })
    this.stage = computed(() => stageOf(this.state.value, this.#talked.value))
    this.#show({ ...room.state })
    this.#look()
    this.#offs = [
      room.on('change', (state) => this.#change(state)),
      room.on('fault', (fault) => {
        const state = this.state.value
        this.#note((part) => [part.faultNotice(fault, state)])
      }),
      room.on('talk', () => this.#look()),
      room.on('message', (message) => this.#hear(message)),
      this.watching.subscribe((seen) => this.#watch(seen)),
    ]
  }

  say(text: string): EngineErrorCode | undefined {
    const subject = this.subject.peek()
    clearTimeout(this.#sending)
    this.#sending = undefined
    this.#lookLater()
    return reasonOf(() => {
      if (subject.type === 'edit') this.room.edit(subject.message.id, text)
      else {
        this.room.say(text, subject.type === 'reply' ? { replyTo: subject.to.id } : {})
        this.#unreadAfter.value = undefined
      }
      this.subject.value = { type: 'message' }
    })
  }

  #lookLater(): void {
    this.#sending ??= setTimeout(() => {
      this.#sending = undefined
      this.#look()
    }, SENT_FIRST_MS)
  }

  setTyping(active: boolean): void {
    this.room.setTyping(active)
  }

  rename(name: string): void {
    this.room.rename(name)
  }

  standing(): Standing {
    const lastMs = newestOf(this.room.talk)?.atMs
    return { read: this.#readUpTo, unread: this.unread.peek(), lastMs }
  }

  close(): void {
    for (const off of this.#offs) off()
    clearTimeout(this.#held)
    clearTimeout(this.#sending)
    void this.room.leave()
  }

  /** Adds lines, once the code that words them is here. */
  #note(linesBy: (part: NoticePart) => readonly RoomNotice[], nowMs: number = Date.now()): void {
    const part = noticePart.now
    if (part === undefined) {
      void noticePart.load().then((loaded) => loaded && this.#note(linesBy, nowMs))
      return
    }
    const times = { nowMs, lastMs: newestOf(this.room.talk)?.atMs ?? 0 }
    for (const notice of linesBy(part)) {
      this.#notices = part.withNotice(this.#notices, notice, times)
      this.#lookLater()
    }
  }

  #change(after: RoomState): void {
    clearTimeout(this.#held)
    const heldForMs = passesInMs(after, this.#openedMs)
    if (heldForMs > 0) this.#held = setTimeout(() => this.#change(this.room.state), heldForMs)
    else this.#show(after)
  }

  #show(after: RoomState): void {
    const newest = newestOf(this.room.talk)
    const goneBy = newest?.event?.type === 'left' ? newest.author : undefined
    const isArriving = now() < this.#arrivingUntilMs
    const before = this.state.peek()
    const ground = { met: new Set(this.#met), goneBy, isArriving }
    if (before.rendezvous.state !== 'connecting' || after.people.length > 0)
      this.#note((part) => part.noticesOf(before, after, ground))
    if (isArriving && after.rendezvous.state === 'online')
      this.#arrivingUntilMs = Math.min(this.#arrivingUntilMs, now() + ARRIVING_MS)
    for (const person of after.people) if (isHere(person)) this.#met.add(person.peer)
    if (this.#met.size > 0) this.#talked.value = true
    this.state.value = after
  }

  /** Takes the conversation as it is now. */
  #look(): void {
    if (this.#sending !== undefined) return
    const { talk } = this.room
    if (talk.length > 0) this.#talked.value = true
    this.#talk.value += 1
    if (this.watching.peek()) this.#read()
    else if (this.#readUpTo !== undefined)
      this.unread.value = countUnread(talk, this.#readUpTo, MAX_UNREAD)
  }

  #hear(message: Message): void {
    const isNews = message === newestOf(this.room.talk) && message.id !== this.heard.peek()?.id
    this.#look()
    if (isNews && !message.mine && this.watching.peek()) this.heard.value = message
  }

  #watch(seen: boolean): void {
    if (seen) this.#read()
    // What comes from now on stands below a line.
    else this.#unreadAfter.value = this.#readUpTo
  }

  #read(): void {
    this.unread.value = 0
    const newest = newestOf(this.room.talk)
    const before = this.#readUpTo
    if (newest === undefined) this.#readUpTo ??= { atMs: 0 }
    else if (newest.id !== before?.id) this.#readUpTo = { atMs: newest.atMs, id: newest.id }
    if (newest === undefined || newest.id === before?.id) return
    this.#reading.onRead?.(newest)
  }
}

function newestOf(talk: TalkView): Message | undefined {
  return talk.at(talk.length - 1)
}

function reasonOf(action: () => void): EngineErrorCode | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return engineErrorCode(error)
  }
}
