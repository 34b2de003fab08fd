// The talk of a room as its program holds it: says things at once, whether or not the code of the log is
// there yet, and hands on what the log says afterwards. Decides nothing itself.
import { MAX_TEXT_BYTES, utf8Length } from '@knothole/wire'
import type { Bytes, EntryBody } from '@knothole/wire'
import type {
  DeliveryTo,
  Keep,
  Message,
  SayOptions,
  SeatInput,
  TalkEffect,
  TalkView,
} from '../../core/index.ts'
import type { Clock } from '../../ports/index.ts'
import { EarlyEar } from './early-ear.ts'
import type { Overheard } from './early-ear.ts'
import { EngineError } from '../engine-error.ts'
import type { ImportReport, LoadLog, OpenRoomLog, RoomLog, RoomLogOptions } from './log-module.ts'

/** What a program does in the conversation of a room. */
export interface TalkApi {
  /** The conversation; another object once the log is there. */
  readonly talk: TalkView
  /** Says something to everyone. @throws EngineError text-empty, text-too-long */
  say(text: string, options?: SayOptions): Message
  /** Says it differently. @throws EngineError text-empty, text-too-long */
  edit(id: string, text: string): void
  /** Takes back what we said: it goes here, and others are asked to let it go. */
  remove(id: string): void
  react(id: string, emoji: string, on: boolean): void
  /** Agrees how long the room keeps what is said; the newest word counts. */
  setKeep(keep: Keep): void
  /** Tells others that we have read everything up to this message. */
  markRead(id: string): void
  /** What became of a message of ours with each person. */
  deliveryOf(id: string): readonly DeliveryTo[]
  exportTalk(format: 'json' | 'html'): Promise<Bytes>
  importTalk(bytes: Bytes): Promise<ImportReport>
  /** Erases what this device keeps of the room; until it is closed, the room stays in memory. */
  forget(): Promise<void>
}

export interface RoomTalkOptions {
  readonly load: LoadLog | undefined
  readonly clock: Clock
  /** Says this; answers the id of the entry. */
  readonly write: (body: EntryBody) => string
  readonly input: (input: SeatInput) => void
  readonly onMessage: (message: Message) => void
  readonly onTalk: () => void
}

/** Who we are to the log. */
export type Known = Omit<RoomLogOptions, 'clock' | 'input' | 'onMessage' | 'onTalk'> & {
  readonly ownName: () => string
}

/** Who leaves waits so long at most for somebody to have its goodbye: a click on "leave" must not feel slow. */
const LEAVE_WITHIN_MS = 300

/** The code of the log is asked for again after this long. */
const RETRY_MS = 5_000

export class RoomTalk implements TalkApi {
  readonly #options: RoomTalkOptions
  /** What is said, and heard, before the log is there. */
  readonly #early: TalkView
  readonly #said: Message[] = []
  readonly #opened: Promise<RoomLog>
  #resolve: (log: RoomLog) => void = () => undefined
  #known: Known | undefined
  #ear: EarlyEar | undefined
  #hearing: Promise<void> = Promise.resolve()
  #log: RoomLog | undefined
  #cancelRetry: (() => void) | undefined
  #closed = false

  constructor(options: RoomTalkOptions) {
    this.#options = options
    const said = this.#said
    this.#early = {
      get length() {
        return said.length
      },
      at: (index) => said[index],
      indexOf: (id) => said.findIndex((message) => message.id === id),
      hasEarlier: false,
      earlier: () => Promise.resolve(),
      gaps: [],
      keep: 'forever',
      storage: 'memory',
    }
    this.#opened = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Opens the log as this member, once its code is there. */
  async open(known: Known, code: Promise<OpenRoomLog> | undefined): Promise<void> {
    const { clock, load, input, onMessage, onTalk } = this.#options
    this.#known = known
    try {
      const openLog = await code
      if (openLog === undefined || this.#closed) return
      const log = openLog({ ...known, clock, input, onMessage, onTalk })
      this.#log = log
      input({ type: 'loaded', open: log.open })
      this.#resolve(log)
    } catch {
      // reason: the code could not be fetched; what is said waits, and the code is asked for again.
      if (this.#closed) return
      this.#cancelRetry = clock.schedule(clock.nowMs() + RETRY_MS, () => {
        void this.open(known, load?.())
      })
    }
  }

  handle(effect: TalkEffect): void {
    this.#log?.handle(effect)
  }

  /** Shows what somebody says before the log is there to take it. */
  overhear(overheard: Overheard): void {
    if (this.#known === undefined) return
    this.#ear ??= new EarlyEar(this.#known)
    this.#hearing = this.#hear(this.#hearing, this.#ear.hear(overheard))
  }

  /** What was heard before is shown before. */
  async #hear(before: Promise<void>, heard: Promise<readonly Message[]>): Promise<void> {
    await before
    for (const message of await heard) this.#showEarly(message)
  }

  get talk(): TalkView {
    return this.#log?.view ?? this.#early
  }

  say(text: string, { replyTo }: SayOptions = {}): Message {
    const id = this.#options.write({ type: 'text', text: checkText(text), replyTo })
    const { talk } = this
    return talk.at(talk.indexOf(id)) ?? this.#sayEarly(id, text, replyTo)
  }

  edit(id: string, text: string): void {
    this.#options.write({ type: 'edit', target: id, text: checkText(text) })
  }

  remove(id: string): void {
    this.#options.write({ type: 'delete', target: id })
  }

  react(id: string, emoji: string, on: boolean): void {
    this.#options.write({ type: 'reaction', target: id, emoji, on })
  }

  setKeep(keep: Keep): void {
    this.#options.write({ type: 'policy', keep })
  }

  markRead(id: string): void {
    this.#options.input({ type: 'read', id })
  }

  deliveryOf(id: string): readonly DeliveryTo[] {
    return this.#log?.deliveryOf(id) ?? []
  }

  async exportTalk(format: 'json' | 'html'): Promise<Bytes> {
    return (await this.#opened).exportTalk(format)
  }

  async importTalk(bytes: Bytes): Promise<ImportReport> {
    return (await this.#opened).importTalk(bytes)
  }

  async forget(): Promise<void> {
    await (await this.#opened).forget()
  }

  /** Tells those who come later that we left; resolves when somebody has that, or soon. */
  async leave(): Promise<void> {
    const { clock } = this.#options
    const log = this.#log
    if (log === undefined || this.#closed) return
    await new Promise<void>((resolve) => {
      const stop = clock.schedule(clock.nowMs() + LEAVE_WITHIN_MS, resolve)
      void log.leave().finally(stop).then(resolve)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelRetry?.()
    await this.#log?.close()
  }

  #sayEarly(id: string, text: string, replyTo: string | undefined): Message {
    const { clock } = this.#options
    if (this.#known === undefined) throw new Error('something was said before it was known by whom')
    const message: Message = {
      id,
      author: this.#known.member,
      name: this.#known.ownName(),
      text,
      atMs: Math.floor(clock.nowMs()),
      mine: true,
      replyTo,
      reactions: [],
      delivery: { type: 'waiting' },
    }
    this.#showEarly(message)
    return message
  }

  #showEarly(message: Message): void {
    const isKnown = this.#said.some(({ id }) => id === message.id)
    if (this.#closed || this.#log !== undefined || isKnown) return
    this.#said.push(message)
    this.#options.onMessage(message)
    this.#options.onTalk()
  }
}

function checkText(text: string): string {
  if (text.trim() === '')
    throw new EngineError('text-empty', 'There is nothing to say in this message.')
  if (utf8Length(text) <= MAX_TEXT_BYTES) return text
  throw new EngineError('text-too-long', `A message takes at most ${MAX_TEXT_BYTES} bytes.`)
}
