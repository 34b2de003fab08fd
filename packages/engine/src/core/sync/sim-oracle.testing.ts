// What must hold at every step of a simulated room, whatever happens in it: nothing forged, nothing twice,
// causes before effects, one order for all, nothing announced that could be lost, memory bounded, no honest
// person blamed. Throws at the first step at which it does not.
import { decodeEntryHeader, decodeLogFrame, entryIdOf, parseEntryId } from '@knothole/wire'
import type { Bytes, FeedId, LogFrame, PeerId } from '@knothole/wire'
import type { StoredRange } from '../../ports/index.ts'
import { compareEntries } from '../log/index.ts'
import type { Entry } from '../log/index.ts'
import {
  FIRST_WINDOW_BYTES,
  MAX_ASKED,
  MAX_CHECKS,
  MAX_EARLY_BYTES,
  MAX_HELD_BYTES,
  MAX_INBOX_BYTES,
  MAX_LEDGER_FEEDS,
  MAX_MISSING_BODIES,
  MAX_RANGES,
  MAX_RECEIPTS,
  MAX_RECEIPTS_WAITING,
  MAX_WINDOW_BYTES,
} from './limits.ts'
import type { SyncFault } from './replica-io.ts'
import type { SimPeer, SimWatcher } from './sim-peer.testing.ts'

/** A broken promise. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant'
}

/** Steps between two looks at what a page keeps. */
const LOOK_EVERY = 7

/** How many entries of a feed are promised not to be lost, by whoever keeps them. */
type Promises = Map<FeedId, number>

export class SimOracle implements SimWatcher {
  /** Header of each entry that an honest person wrote. */
  readonly #written = new Map<string, Bytes>()
  readonly #honestFeeds = new Map<FeedId, string>()
  readonly #liars = new Set<PeerId>()
  readonly #shown = new WeakMap<SimPeer, Set<string>>()
  readonly #promises = new Map<string, Promises>()
  /** Where each said that feeds begin. */
  readonly #bases = new Map<string, Map<FeedId, number>>()
  readonly #letGo = new Map<FeedId, number>()
  readonly faults = new Map<string, number>()
  steps = 0
  admissions = 0
  cuts = 0

  /** Whose word counts: `keeper` is the person, whose disk may outlive the page. */
  keeperOf: (peer: SimPeer) => string = (peer) => peer.peer

  expectLies(of: PeerId): void {
    this.#liars.add(of)
  }

  /** A page of an honest person begins. */
  honest(peer: SimPeer): void {
    this.#honestFeeds.set(peer.replica.feed, peer.peer)
    this.#shown.set(peer, new Set())
  }

  isHonestFeed(feed: FeedId): boolean {
    return this.#honestFeeds.has(feed)
  }

  get writtenCount(): number {
    return this.#written.size
  }

  admitted(peer: SimPeer, entries: readonly Entry[], how: 'admitted' | 'opened'): void {
    const shown = this.#shown.get(peer)
    if (shown === undefined) return
    this.admissions += entries.length
    for (const entry of entries) {
      const { id } = entry
      demand(!shown.has(id), `${peer.peer} was given ${id} twice`)
      shown.add(id)
      this.#genuine(peer, entry)
      this.#causal(peer, entry)
    }
    if (how === 'opened') this.#keptItsWord(peer)
  }

  cut(peer: SimPeer, feed: FeedId, at: number): void {
    this.cuts += 1
    demand(!this.#honestFeeds.has(feed), `${peer.peer} cut the honest ${feed} at ${at}`)
    const shown = this.#shown.get(peer)
    for (const id of shown ?? []) {
      const [name, sequence] = id.split('.')
      if (name === feed && Number(sequence) >= at) shown?.delete(id)
    }
  }

  pruned(peer: SimPeer, { feed, from, upTo }: StoredRange): void {
    this.#letGo.set(feed, Math.max(upTo, this.#letGo.get(feed) ?? 0))
    for (let at = from; at <= upTo; at++) this.#shown.get(peer)?.delete(entryIdOf(feed, at))
  }

  /** How far somebody let a feed go by the room's policy. */
  letGo(feed: FeedId): number {
    return this.#letGo.get(feed) ?? 0
  }

  fault(peer: SimPeer, of: PeerId, code: SyncFault): void {
    if (!this.#shown.has(peer)) return
    this.faults.set(code, (this.faults.get(code) ?? 0) + 1)
    demand(this.#liars.has(of), `${peer.peer} blames the honest ${of}: ${code}`)
  }

  sent(peer: SimPeer, data: Bytes): void {
    if (!this.#shown.has(peer) || !isClaim(data)) return
    const decoded = decodeLogFrame(data)
    if (!decoded.ok)
      throw new BrokenInvariant(`${peer.peer} sent what cannot be read: ${decoded.fault}`)
    this.#promised(peer, decoded.value)
  }

  handled(peer: SimPeer): void {
    this.steps += 1
    // What grows stays grown: a look now and then finds it, and a look at each step doubles the time.
    if (this.steps % LOOK_EVERY === 0 && this.#shown.has(peer)) boundedMemory(peer)
  }

  /** Somebody is gone, and what only that page had with it. */
  forgets(keeper: string): void {
    this.#promises.delete(keeper)
    this.#bases.delete(keeper)
  }

  /** What is shown is what was admitted and not cut, once each, in the order of all. */
  orderly(peer: SimPeer): void {
    const shown = this.#shown.get(peer)
    const { order } = peer.replica.log
    demand(order.length === shown?.size, `${peer.peer} shows ${order.length} of ${shown?.size}`)
    let before: Entry | undefined
    for (let at = 0; at < order.length; at++) {
      const entry = order.at(at)
      if (entry === undefined) throw new BrokenInvariant(`${peer.peer} has a hole at ${at}`)
      demand(shown?.has(entry.id) ?? false, `${peer.peer} shows ${entry.id} untold`)
      if (before !== undefined)
        demand(compareEntries(before, entry) < 0, `${peer.peer} shows ${entry.id} out of order`)
      before = entry
    }
  }

  /** Two see what both see in one order. */
  agree(one: SimPeer, other: SimPeer): void {
    const theirs = new Set(idsOf(other))
    const mine = new Set(idsOf(one))
    const both = [...mine].filter((id) => theirs.has(id))
    const same = [...theirs].filter((id) => mine.has(id))
    demand(
      both.every((id, at) => id === same[at]),
      `${one.peer} and ${other.peer} see another order`,
    )
  }

  /** Everybody has everything that anybody promised to keep, but for what was let go. */
  nothingLost(peers: readonly SimPeer[]): void {
    for (const [keeper, promises] of this.#promises) {
      for (const [feed, count] of promises) {
        for (const peer of peers) {
          const view = peer.replica.log.feed(feed)
          if (view?.cut !== undefined) continue
          const has = Math.max(view?.count ?? 0, this.letGo(feed))
          demand(
            has >= count,
            `${peer.peer} has ${has} of ${count} of ${feed} that ${keeper} acknowledged`,
          )
        }
      }
    }
  }

  /** Everybody has every entry from this time on that anybody promised to keep: itself, not only its number. */
  youngStay(peers: readonly SimPeer[], sinceMs: number): void {
    const promised = new Map<FeedId, number>()
    for (const promises of this.#promises.values())
      for (const [feed, count] of promises)
        promised.set(feed, Math.max(count, promised.get(feed) ?? 0))
    for (const [id, header] of this.#written) {
      const place = parseEntryId(id)
      const decoded = decodeEntryHeader(header)
      if (place === undefined || !decoded.ok || decoded.value.atMs < sinceMs) continue
      const { feed, sequence } = place
      if ((promised.get(feed) ?? 0) < sequence) continue
      for (const { peer, replica } of peers)
        demand(replica.log.entry(feed, sequence) !== undefined, `${peer} lost the young ${id}`)
    }
  }

  #genuine(peer: SimPeer, entry: Entry): void {
    const author = this.#honestFeeds.get(entry.feed.id)
    if (author === undefined) return
    const known = this.#written.get(entry.id)
    if (known === undefined) {
      demand(author === peer.peer, `${peer.peer} has ${entry.id}, which ${author} never wrote`)
      this.#written.set(entry.id, entry.header)
      return
    }
    const isSame =
      known.length === entry.header.length && known.every((byte, at) => byte === entry.header[at])
    demand(isSame, `${peer.peer} has another ${entry.id} than was written`)
  }

  /** It stands after everything that its author had read and that is here. */
  #causal(peer: SimPeer, entry: Entry): void {
    const { log } = peer.replica
    const header = decodeEntryHeader(entry.header)
    if (!header.ok || log.entry(entry.feed.id, entry.sequence) !== entry) return
    const before = [
      log.entry(entry.feed.id, entry.sequence - 1),
      ...header.value.after.map(({ feed, sequence, hash }) => {
        const theirs = log.hashAt(feed, sequence)
        const isThat = hash.every((byte, at) => byte === theirs?.[at])
        return isThat ? log.entry(feed, sequence) : undefined
      }),
    ]
    for (const cause of before) {
      if (cause === undefined) continue
      demand(
        compareEntries(cause, entry) < 0,
        `${peer.peer}: ${entry.id} before its cause ${cause.id}`,
      )
    }
  }

  /** Nothing is announced that a crash of this page would lose, if it has a disk that works. */
  #promised(peer: SimPeer, frame: LogFrame): void {
    const claims = claimsOf(frame)
    if (claims.length === 0) return
    const keeper = this.keeperOf(peer)
    const promises = this.#promises.get(keeper) ?? new Map<FeedId, number>()
    this.#promises.set(keeper, promises)
    const { disk } = peer.options
    for (const claim of claims) {
      const { feed, count } = claim
      const view = peer.replica.log.feed(feed)
      demand((view?.count ?? 0) >= count, `${peer.peer} announces ${count} of ${feed} and has less`)
      if (disk !== undefined && !disk.wasFull) {
        const begins = this.#begins(keeper, claim, disk.beginsAfter(feed))
        const kept = disk.reaches(feed, Math.max(begins, claim.base ?? view?.base ?? 0))
        demand(kept >= count, `${peer.peer} announces ${count} of ${feed} and keeps ${kept}`)
      }
      promises.set(feed, Math.max(count, promises.get(feed) ?? 0))
    }
  }

  /** Where a keeper says that a feed begins, or said last; without a summary, where the one that is due will. */
  #begins(keeper: string, { feed, base }: Claim, due: number): number {
    const told = this.#bases.get(keeper) ?? new Map<FeedId, number>()
    this.#bases.set(keeper, told)
    if (base !== undefined) told.set(feed, base)
    return told.get(feed) ?? due
  }

  /** A page that opens has what earlier pages of this disk announced. */
  #keptItsWord(peer: SimPeer): void {
    if (peer.options.disk?.wasFull !== false) return
    for (const [feed, count] of this.#promises.get(this.keeperOf(peer)) ?? []) {
      const view = peer.replica.log.feed(feed)
      if (view?.cut !== undefined) continue
      const has = view?.count ?? 0
      demand(has >= count, `${peer.peer} opened ${has} of ${count} of ${feed} that it acknowledged`)
    }
  }
}

/** What is shown, in order. Two branches of a forked feed have entries with one id: the time tells them apart. */
function idsOf(peer: SimPeer): string[] {
  const { order } = peer.replica.log
  return Array.from({ length: order.length }, (_, at) => {
    const entry = order.at(at)
    return `${entry?.id} ${entry?.atMs} ${entry?.tick}`
  })
}

function boundedMemory(peer: SimPeer): void {
  const { neighbours, ...own } = peer.replica.load()
  const limits = {
    checks: MAX_CHECKS * 2,
    receipts: MAX_RECEIPTS + MAX_RECEIPTS_WAITING,
    missingBodies: MAX_MISSING_BODIES,
    asked: MAX_ASKED * Math.max(1, neighbours.length),
  }
  for (const [what, most] of Object.entries(limits)) {
    const size = own[what as keyof typeof limits]
    demand(size <= most, `${peer.peer} keeps ${size} ${what}`)
  }
  const each = {
    inboxBytes: MAX_INBOX_BYTES + 2 * MAX_EARLY_BYTES,
    heldBytes: MAX_HELD_BYTES,
    onTheWayBytes: MAX_WINDOW_BYTES + FIRST_WINDOW_BYTES,
    ranges: MAX_RANGES,
    feeds: MAX_LEDGER_FEEDS,
  }
  for (const neighbour of neighbours) {
    for (const [what, most] of Object.entries(each)) {
      const size = neighbour[what as keyof typeof each]
      demand(size <= most, `${peer.peer} keeps ${size} ${what} of ${neighbour.peer}`)
    }
  }
}

export function demand(holds: boolean, complaint: string): asserts holds {
  if (!holds) throw new BrokenInvariant(complaint)
}

/** Whether a frame tells what its sender has: such frames begin with their type, which is `have` or `summary`. */
function isClaim(data: Bytes): boolean {
  const [, key, first] = data
  const isType = key === TEXT + 4 && first === 't'.charCodeAt(0)
  const kind = (data[6] ?? 0) - TEXT
  return isType && (kind === 'have'.length || kind === 'summary'.length)
}

/** The initial byte of a short text in CBOR, without its length. */
const TEXT = 0x60

interface Claim {
  readonly feed: FeedId
  readonly count: number
  /** Only summaries say where a feed begins. */
  readonly base?: number | undefined
}

function claimsOf(frame: LogFrame): readonly Claim[] {
  if (frame.type === 'have') return frame.feeds.map(([feed, count]) => ({ feed, count }))
  return frame.type === 'summary' ? frame.feeds : []
}
