// Brings a checked log into a room as another window of ours would: it says what it has, and gives what it
// is asked for. So an imported entry passes every check that one from a stranger does, reaches the store
// and goes to everyone else. Ends when the room has it all, or asks for nothing more.
import { decodeLogFrame, encodeLogFrame } from '@knothole/wire'
import type { Bytes, FeedId, LogFrame, WantedRange } from '@knothole/wire'
import type { Log } from '../../core/log/index.ts'
import type { Clock } from '../../ports/index.ts'

/** Entries on the way that the room has not taken: less than it lets one peer send. */
const WINDOW_BYTES = 1024 * 1024

/** How often it is looked how far the room is. */
const LOOK_EVERY_MS = 20

/** A room that takes nothing for so long will not take the rest. */
const PATIENCE_MS = 10_000

/** Feeds in one frame. */
const SUMMARY_FEEDS = 512

const HEAD_BYTES = 8
const DIGEST_BYTES = 8

export interface TalkImportOptions {
  /** What is brought. */
  readonly from: Log
  /** The log of the room. */
  readonly into: Log
  readonly clock: Clock
  /** Hands the room a frame. */
  readonly send: (data: Bytes) => void
}

export class TalkImport {
  readonly #options: TalkImportOptions
  readonly #wanted: WantedRange[] = []
  #sent: { readonly feed: FeedId; readonly upTo: number; readonly bytes: number }[] = []
  #lastGrowthMs = 0
  #had = -1

  constructor(options: TalkImportOptions) {
    this.#options = options
  }

  /** Offers all; resolves when the room has it, or takes no more. */
  async run(): Promise<void> {
    const { clock } = this.#options
    this.#lastGrowthMs = clock.nowMs()
    this.#offer()
    for (;;) {
      this.#give()
      if (this.#isDone()) return
      await new Promise<void>((resolve) => {
        clock.schedule(clock.nowMs() + LOOK_EVERY_MS, resolve)
      })
    }
  }

  /** What the room says to it. Only questions are heard. */
  hear(data: Bytes): void {
    const frame = decodeLogFrame(data)
    if (frame.ok && frame.value.type === 'want') this.#wanted.push(...frame.value.ranges)
    if (frame.ok && frame.value.type === 'want-bodies') this.#giveBodies(frame.value)
  }

  #offer(): void {
    const { from } = this.#options
    const feeds = Array.from(from.feeds(), ({ id, base, count, head }) => ({
      feed: id,
      base,
      count,
      head: head.slice(0, HEAD_BYTES),
    })).filter(({ count }) => count > 0)
    for (let at = 0; at < feeds.length; at += SUMMARY_FEEDS) {
      this.#say({
        type: 'summary',
        feeds: feeds.slice(at, at + SUMMARY_FEEDS),
        isLast: at + SUMMARY_FEEDS >= feeds.length,
        isAnswer: true,
        digest: new Uint8Array(DIGEST_BYTES),
      })
    }
  }

  #give(): void {
    const { from, into } = this.#options
    this.#sent = this.#sent.filter(({ feed, upTo }) => (into.feed(feed)?.count ?? 0) < upTo)
    let onTheWay = this.#sent.reduce((sum, { bytes }) => sum + bytes, 0)
    while (onTheWay < WINDOW_BYTES) {
      const range = this.#wanted.shift()
      if (range === undefined) return
      const [feed, after, upTo] = range
      const chunk = from.read(feed, after, { upTo })
      if (chunk === undefined) continue
      const last = chunk.from - 1 + chunk.entries.length
      if (last < upTo) this.#wanted.unshift([feed, last, upTo])
      const bytes = this.#say({ type: 'chunk', chunk })
      this.#sent.push({ feed, upTo: last, bytes })
      onTheWay += bytes
    }
  }

  #giveBodies({ feed, sequences }: LogFrame & { readonly type: 'want-bodies' }): void {
    for (const sequence of sequences) {
      const body = this.#options.from.entry(feed, sequence)?.body
      if (body !== undefined) this.#say({ type: 'bodies', feed, bodies: [[sequence, body]] })
    }
  }

  #isDone(): boolean {
    const { from, into, clock } = this.#options
    const lacks = [...from.feeds()].some(({ id, count }) => (into.feed(id)?.count ?? 0) < count)
    if (!lacks) return true
    const has = into.order.length
    if (has !== this.#had) this.#lastGrowthMs = clock.nowMs()
    this.#had = has
    return clock.nowMs() - this.#lastGrowthMs > PATIENCE_MS
  }

  #say(frame: LogFrame): number {
    const data = encodeLogFrame(frame)
    this.#options.send(data)
    return data.length
  }
}
