// The part of the conversation that is open: the newest entries of the log first, older ones when they are
// asked for, and of the rest names and agreements only. Says which bodies to open; opens none itself.
import { decodeEntryBody, entryIdOf, parseEntryId } from '@knothole/wire'
import type { Bytes, EntryBody, FeedId, MemberId } from '@knothole/wire'
import { compareEntries } from '../log/index.ts'
import type { Entry, FeedView, Log } from '../log/index.ts'
import { TalkFold } from './fold.ts'
import type { Content, Folded, Row, TalkEntry } from './fold.ts'
import { Opener } from './opener.ts'
import type { Batch } from './opener.ts'

/** Entries opened at first, and each time older ones are asked for: some screens. */
const PART = 200

/** Entries that wait to be opened, beyond which only the newest are. */
const MAX_WAITING = 1_000

/** Rows that asking for older ones brings at least, if there are: not all entries are rows. */
const MIN_ROWS = 50

/** Entries at the beginning of a feed among which its author's name is told. */
const NAME_WITHIN = 8

/** What changed since somebody last asked. */
export interface News {
  /** Rows that are new or changed by entries that are new. */
  readonly rows: readonly { readonly row: Row; readonly isNew: boolean }[]
  /** Bodies that their authors want gone. */
  readonly letGo: readonly (readonly [FeedId, number])[]
  readonly isChanged: boolean
}

export interface OpenPartOptions {
  readonly log: Log
  readonly authorOf: (feed: FeedView) => MemberId
}

export class OpenPart {
  readonly fold: TalkFold = new TalkFold()
  readonly #log: Log
  readonly #authorOf: (feed: FeedView) => MemberId
  readonly #opener = new Opener()
  /** Entries that were taken into the conversation, or are being opened for it. */
  #taken = new WeakSet<Entry>()
  /** The oldest entry of the open part; undefined when that is everything. */
  #horizon: Entry | undefined
  /** Rows there were when older ones were asked for. */
  #rowsBefore: number | undefined
  readonly #cuts = new Map<FeedId, number>()
  readonly #results = new Map<number, readonly (Bytes | undefined)[]>()
  #nextResult = 1
  #rows: { row: Row; isNew: boolean }[] = []
  #letGo: (readonly [FeedId, number])[] = []
  #isChanged = false

  constructor({ log, authorOf }: OpenPartOptions) {
    this.#log = log
    this.#authorOf = authorOf
  }

  get hasEarlier(): boolean {
    return this.#horizon !== undefined
  }

  get isOpeningEarlier(): boolean {
    return this.#rowsBefore !== undefined
  }

  /** What changed since the last call. */
  news(): News {
    const news = { rows: this.#rows, letGo: this.#letGo, isChanged: this.#isChanged }
    this.#rows = []
    this.#letGo = []
    this.#isChanged = false
    return news
  }

  /** Entries are new in the log. `bodyOf` knows what is open already: what we said ourselves. */
  admitted(
    entries: readonly Entry[],
    bodyOf: (entry: Entry) => EntryBody | undefined,
    at: { readonly isNews: boolean; readonly nowMs: number },
  ): void {
    const older: Entry[] = []
    const wanted: Entry[] = []
    for (const entry of entries) {
      const body = bodyOf(entry)
      if (body !== undefined) this.#add(entry, body, true)
      else if (this.#isBefore(entry)) older.push(entry)
      else wanted.push(entry)
    }
    if (this.#opener.waiting + wanted.length > MAX_WAITING) {
      this.#opener.glance([...older, ...wanted], at.nowMs)
      this.#refocus()
    } else {
      this.#want(wanted, at.isNews)
      this.#opener.glance(older, at.nowMs)
    }
  }

  /** Bodies came of entries that had none. */
  bodiesCame(entries: readonly Entry[]): void {
    for (const entry of entries) this.#taken.delete(entry)
    const { order } = this.#log
    const from = this.#horizon === undefined ? 0 : order.indexOf(this.#horizon)
    this.#want(
      entries.filter((entry) => order.indexOf(entry) >= from),
      true,
    )
  }

  /** Opens older entries. */
  earlier(): void {
    if (this.#horizon === undefined || this.#rowsBefore !== undefined) return
    this.#rowsBefore = this.fold.length
    this.#openOlder()
  }

  /** The next bodies to open. */
  next(nowMs: number): Batch | undefined {
    return this.#opener.next(nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#opener.deadlineMs()
  }

  /** The bodies of a batch, in its order. Batches are taken in theirs, however long each took to open. */
  opened(number: number, plain: readonly (Bytes | undefined)[]): void {
    this.#results.set(number, plain)
    for (;;) {
      const result = this.#results.get(this.#nextResult)
      if (result === undefined) return
      this.#results.delete(this.#nextResult)
      const batch = this.#opener.opened(this.#nextResult)
      this.#nextResult += 1
      if (batch !== undefined) this.#take(batch, result)
    }
  }

  #take(batch: Batch, plain: readonly (Bytes | undefined)[]): void {
    for (const [at, entry] of batch.entries.entries()) {
      // The open part may have moved on meanwhile.
      if (batch.isGlance || this.#isBefore(entry)) this.#glance(entry, plain[at])
      else this.#add(entry, contentOf(plain[at]), batch.isNews)
      if (!batch.isGlance && this.#isBefore(entry)) this.#taken.delete(entry)
    }
    if (!batch.isGlance) this.#findNames(batch.entries)
    if (this.#rowsBefore !== undefined && this.#opener.waiting === 0) this.#openOlder()
  }

  /** From this number on a feed does not count: what it did is undone, and the cut shown. */
  cut(feed: FeedId, at: number): void {
    this.#cuts.set(feed, Math.min(at, this.#cuts.get(feed) ?? Infinity))
    this.fold.clear()
    this.#opener.clear()
    this.#taken = new WeakSet()
    this.#rowsBefore = undefined
    this.#refocus()
    for (const [cutFeed, cutAt] of this.#cuts) this.#showCut(cutFeed, cutAt)
    this.#opener.glance([...this.#log.order.newestFirst()].toReversed(), 0)
    this.#isChanged = true
  }

  /** Entries were let go. */
  pruned(): void {
    const isGone = ({ id, problem }: Row): boolean =>
      problem !== 'forked' && this.#entryOf(id) === undefined
    if (this.fold.forget(isGone)) this.#isChanged = true
    const { order } = this.#log
    if (this.#horizon !== undefined && order.indexOf(this.#horizon) < 0)
      this.#horizon = order.length > this.fold.length ? order.at(0) : undefined
    if (this.#horizon !== undefined && order.indexOf(this.#horizon) === 0) this.#horizon = undefined
  }

  /** Opens the newest part anew; rows that are older close. */
  #refocus(): void {
    const { order } = this.#log
    const from = Math.max(0, order.length - PART)
    this.#horizon = from === 0 ? undefined : order.at(from)
    for (const entry of this.#opener.unwant()) this.#taken.delete(entry)
    if (this.#horizon !== undefined) {
      const { feed, atMs, tick, sequence } = this.#horizon
      const closed = this.fold.closeBefore({ atMs, tick, feed: feed.id, sequence })
      for (const { id } of closed) {
        const entry = this.#entryOf(id)
        if (entry !== undefined) this.#taken.delete(entry)
      }
    }
    this.#want(this.#range(from, order.length), false)
  }

  #openOlder(): void {
    const { order } = this.#log
    const end = this.#horizon === undefined ? 0 : order.indexOf(this.#horizon)
    const gained = this.fold.length - (this.#rowsBefore ?? 0)
    if (end <= 0 || gained >= MIN_ROWS) {
      if (end <= 0) this.#horizon = undefined
      this.#rowsBefore = undefined
      this.#isChanged = true
      return
    }
    const from = Math.max(0, end - PART)
    this.#horizon = from === 0 ? undefined : order.at(from)
    this.#want(this.#range(from, end), false)
    // Nothing of it has a body to wait for.
    if (this.#opener.waiting === 0) this.#openOlder()
  }

  /** Whether an entry is older than the open part. */
  #isBefore(entry: Entry): boolean {
    return this.#horizon !== undefined && compareEntries(entry, this.#horizon) < 0
  }

  #range(from: number, to: number): Entry[] {
    const entries: Entry[] = []
    for (let at = from; at < to; at++) {
      const entry = this.#log.order.at(at)
      if (entry !== undefined) entries.push(entry)
    }
    return entries
  }

  #want(entries: readonly Entry[], isNews: boolean): void {
    const sealed: Entry[] = []
    for (const entry of entries) {
      if (this.#taken.has(entry)) continue
      if (entry.body === undefined) this.#add(entry, { type: 'gone' }, isNews)
      else {
        this.#taken.add(entry)
        sealed.push(entry)
      }
    }
    this.#opener.want(sealed, isNews)
  }

  /** Authors of what is shown are called by their names, which they told where their feeds begin. */
  #findNames(entries: readonly Entry[]): void {
    const feeds = new Set(entries.map(({ feed }) => feed))
    const wanted: Entry[] = []
    for (const feed of feeds) {
      if (this.fold.nameOf(this.#authorOf(feed)) !== undefined) continue
      for (let n = feed.base + 1; n <= Math.min(feed.base + NAME_WITHIN, feed.count); n++) {
        const entry = this.#log.entry(feed.id, n)
        if (entry?.body !== undefined && !this.#taken.has(entry)) wanted.push(entry)
      }
    }
    this.#opener.look(wanted)
  }

  #glance(entry: Entry, plain: Bytes | undefined): void {
    if (this.fold.glance(this.#talkEntry(entry, contentOf(plain)))) this.#isChanged = true
  }

  #add(entry: Entry, content: Content | EntryBody, isNews: boolean): void {
    this.#taken.add(entry)
    this.#folded(this.fold.add(this.#talkEntry(entry, content)), isNews)
  }

  #folded({ row, isNew = false, letGo = [], hasNews }: Folded, isNews: boolean): void {
    if (row !== undefined || hasNews === true) this.#isChanged = true
    if (row !== undefined && isNews) this.#rows.push({ row, isNew })
    for (const id of letGo) {
      const parsed = parseEntryId(id)
      if (parsed !== undefined) this.#letGo.push([parsed.feed, parsed.sequence])
    }
  }

  #talkEntry(entry: Entry, content: Content | EntryBody): TalkEntry {
    const { id, feed, atMs, tick, sequence } = entry
    const clockMs = 'clockMs' in content ? content.clockMs : undefined
    return {
      id,
      place: { atMs, tick, feed: feed.id, sequence },
      author: this.#authorOf(feed),
      atMs: clockMs ?? atMs,
      content,
    }
  }

  /** Shown after the last entry that counts; a feed of which none does has nowhere to be shown. */
  #showCut(feed: FeedId, at: number): void {
    const last = this.#log.entry(feed, at - 1)
    if (last === undefined) return
    const { tick, atMs } = last
    this.#folded(
      this.fold.add({
        id: entryIdOf(feed, at),
        place: { atMs, tick, feed, sequence: at },
        author: this.#authorOf(last.feed),
        atMs,
        content: { type: 'problem', problem: 'forked' },
      }),
      true,
    )
  }

  #entryOf(id: string): Entry | undefined {
    const parsed = parseEntryId(id)
    return parsed === undefined ? undefined : this.#log.entry(parsed.feed, parsed.sequence)
  }
}

/** What an opened body says. */
function contentOf(plain: Bytes | undefined): Content | EntryBody {
  if (plain === undefined) return { type: 'problem', problem: 'damaged' }
  const decoded = decodeEntryBody(plain)
  if (!decoded.ok) return { type: 'problem', problem: 'damaged' }
  if (decoded.value.type !== 'unknown') return decoded.value
  return { type: 'problem', problem: 'newer-kind' }
}
