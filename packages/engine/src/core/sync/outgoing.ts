// What goes to one peer: its newest entries first, then the history it asked for, within a window of what
// it has not announced yet. Keeps cursors and never entries, so a peer that does not listen costs nothing.
import type { FeedId } from '@knothole/wire'
import type { Ledger } from './ledger.ts'
import {
  FIRST_WINDOW_BYTES,
  LIVE_RESERVE_BYTES,
  MAX_LEDGER_FEEDS,
  MAX_RANGES,
  MAX_WINDOW_BYTES,
  SILENCE_MS,
} from './limits.ts'

/** A piece of the log made ready to be sent. */
export interface Parcel {
  readonly upTo: number
  readonly frame: Uint8Array<ArrayBuffer>
}

/** Where parcels come from. */
export interface Shelf {
  /** The entries of a feed after a sequence, up to one at most; undefined when there are none to give. */
  parcel(feed: FeedId, after: number, upTo: number, isHistory: boolean): Parcel | undefined
}

interface OnTheWay {
  readonly feed: FeedId
  readonly after: number
  readonly upTo: number
  readonly bytes: number
  readonly sentMs: number
  readonly isLive: boolean
}

/** Pauses before what was not announced is sent again double so often. */
const MAX_DOUBLINGS = 5

/** What is announced within this time makes the window grow: the path carries more. */
const BRISK_MS = 1_000

export class Outgoing {
  readonly #ledger: Ledger
  /** Feeds whose newest entries the peer is to get, and from where on. */
  readonly #live = new Map<FeedId, number>()
  readonly #wanted = new Map<FeedId, { after: number; upTo: number }>()
  /** How far each feed was sent, hoping that it arrives. */
  readonly #sent = new Map<FeedId, number>()
  #onTheWay: OnTheWay[] = []
  #bytes = 0
  #windowBytes = FIRST_WINDOW_BYTES
  #isFull = false
  #heardMs = 0
  #vain = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  get bytesOnTheWay(): number {
    return this.#bytes
  }

  get windowBytes(): number {
    return this.#windowBytes
  }

  get rangesWanted(): number {
    return this.#wanted.size
  }

  /** Whether there is something to send, if the window has room. */
  get hasWork(): boolean {
    return this.#live.size > 0 || this.#wanted.size > 0
  }

  get isIdle(): boolean {
    return this.#onTheWay.length === 0 && this.#live.size === 0 && this.#wanted.size === 0
  }

  /** The peer is to get what a feed has after this sequence, before all history. */
  push(feed: FeedId, after: number): void {
    const wanted = this.#wanted.get(feed)
    // It is coming anyway, and could not be used before.
    if (wanted !== undefined) wanted.upTo = Infinity
    else this.#live.set(feed, Math.min(after, this.#live.get(feed) ?? after))
  }

  /** The peer asks for a range. Of a feed it has one; the newest question counts. */
  want(feed: FeedId, after: number, upTo: number): void {
    if (!this.#wanted.has(feed) && this.#wanted.size >= MAX_RANGES) return
    this.#wanted.delete(feed)
    if (upTo > after) this.#wanted.set(feed, { after, upTo })
  }

  /** The peer announced that it has a feed up to here. */
  announced(feed: FeedId, count: number, nowMs: number): void {
    const left = this.#onTheWay.filter((sent) => sent.feed !== feed || sent.upTo > count)
    if (left.length === this.#onTheWay.length) return
    const leftBytes = left.reduce((sum, { bytes }) => sum + bytes, 0)
    const isBrisk = nowMs - (this.#onTheWay[0]?.sentMs ?? 0) < BRISK_MS
    if (this.#isFull && isBrisk) this.#widen(this.#bytes - leftBytes)
    this.#onTheWay = left
    this.#bytes = leftBytes
    this.#isFull = false
    this.#heardMs = nowMs
    this.#vain = 0
  }

  /** What to send next, if the window has room: history must leave some for what is said now. */
  next(shelf: Shelf, nowMs: number): { parcel: Parcel; isHistory: boolean } | undefined {
    if (this.#bytes >= this.#windowBytes) this.#isFull = true
    const hasReserve = this.#bytes < this.#windowBytes + LIVE_RESERVE_BYTES
    const live = hasReserve ? this.#nextLive(shelf) : undefined
    if (live !== undefined) return this.#send({ ...live, isLive: true }, nowMs)
    if (this.#isFull) return undefined
    const history = this.#nextWanted(shelf)
    return history && this.#send({ ...history, isLive: false }, nowMs)
  }

  deadlineMs(): number | undefined {
    if (this.#onTheWay.length === 0) return undefined
    return this.#heardMs + SILENCE_MS * 2 ** Math.min(this.#vain, MAX_DOUBLINGS)
  }

  /** Gives up what was not announced in time: it was lost, or the peer does not want it. */
  tick(nowMs: number): void {
    const deadlineMs = this.deadlineMs()
    if (deadlineMs === undefined || deadlineMs > nowMs) return
    const lost = this.#onTheWay
    this.#onTheWay = []
    this.#bytes = 0
    this.#windowBytes = FIRST_WINDOW_BYTES
    this.#isFull = false
    this.#sent.clear()
    this.#vain += 1
    // What was asked for is asked for again by who misses it.
    for (const { feed, after, isLive } of lost) if (isLive) this.push(feed, after)
  }

  #widen(bytes: number): void {
    this.#windowBytes = Math.min(MAX_WINDOW_BYTES, this.#windowBytes + bytes)
  }

  #nextLive(shelf: Shelf): Piece | undefined {
    for (const [feed, floor] of this.#live) {
      const { count, cut } = this.#ledger.of(feed)
      const after = Math.max(floor, count, this.#sent.get(feed) ?? 0)
      const parcel = cut === undefined ? shelf.parcel(feed, after, Infinity, false) : undefined
      if (parcel !== undefined) return { feed, after, parcel }
      this.#live.delete(feed)
    }
    return undefined
  }

  #nextWanted(shelf: Shelf): Piece | undefined {
    for (const [feed, range] of this.#wanted) {
      const { after, upTo } = range
      const parcel = after < upTo ? shelf.parcel(feed, after, upTo, true) : undefined
      if (parcel !== undefined) {
        range.after = parcel.upTo
        return { feed, after, parcel }
      }
      this.#wanted.delete(feed)
    }
    return undefined
  }

  #send(
    { feed, after, parcel, isLive }: Piece & { readonly isLive: boolean },
    nowMs: number,
  ): { parcel: Parcel; isHistory: boolean } {
    const bytes = parcel.frame.length
    if (this.#onTheWay.length === 0) this.#heardMs = nowMs
    this.#onTheWay.push({ feed, after, upTo: parcel.upTo, bytes, sentMs: nowMs, isLive })
    this.#bytes += bytes
    if (this.#sent.has(feed) || this.#sent.size < MAX_LEDGER_FEEDS)
      this.#sent.set(feed, Math.max(parcel.upTo, this.#sent.get(feed) ?? 0))
    return { parcel, isHistory: !isLive }
  }
}

interface Piece {
  readonly feed: FeedId
  readonly after: number
  readonly parcel: Parcel
}
