// Receipts: ours, which follows what we have and read, and those of others, of each member the newest
// whose signature held. Answers who has an entry and who read it. Signs and verifies nothing itself.
import {
  DIGEST_BYTES,
  MAX_LOG_FRAME_BYTES,
  MAX_RECEIPT_FEEDS,
  MAX_RECEIPTS as PACKET_RECEIPTS,
  decodeLogFrame,
  encodeLogFrame,
  receiptBytes,
} from '@knothole/wire'
import type { Bytes, FeedCount, FeedId, MemberId, Receipt } from '@knothole/wire'
import type { StoredNote } from '../../ports/index.ts'
import { isSame } from './grouping.ts'
import { mix } from './holdings.ts'
import {
  MAX_RECEIPTS,
  MAX_RECEIPT_MEMORY,
  MAX_RECEIPTS_WAITING,
  RECEIPT_AFTER_MS,
  RECEIPT_AFTER_PER_MEMBER_MS,
} from './limits.ts'

/** Who has an entry of ours, beside us, and who of them read it. */
export interface Delivered {
  readonly has: readonly MemberId[]
  readonly read: readonly MemberId[]
}

interface Kept {
  readonly receipt: Receipt
  readonly have: ReadonlyMap<FeedId, number>
  readonly read: ReadonlyMap<FeedId, number>
}

/** A receipt of ours before it is signed. */
export type Unsigned = Omit<Receipt, 'proof'>

const NOTE = 'receipt:'

/** What the store keeps of a receipt. */
export function noteOfReceipt(member: MemberId, receipt: Receipt): StoredNote {
  const value = encodeLogFrame({ type: 'receipts', receipts: [receipt] })
  return { key: `${NOTE}${member}`, order: receipt.atMs, value }
}

/** What a frame of receipts, each of them, and each count in them takes at most. */
const FRAME_BYTES = 64
const RECEIPT_BYTES = 160
const COUNT_BYTES = 32

export class ReceiptDesk {
  readonly #logId: Bytes
  readonly #author: Bytes
  readonly #kept = new Map<MemberId, Kept>()
  /** What a member was ever known to have of our feeds, and to have read: it stays known. */
  readonly #had = new Map<MemberId, Map<FeedId, number>>()
  readonly #digest: Bytes = new Uint8Array(DIGEST_BYTES)
  #waiting = 0
  #own: Receipt | undefined
  #newestMs = 0
  #read: readonly FeedCount[] | undefined
  #dueMs: number | undefined
  #isSigning = false

  constructor(logId: Bytes, author: Bytes) {
    this.#logId = logId
    this.#author = author
  }

  /** Of all receipts that are known. */
  get digest(): Bytes {
    return this.#digest
  }

  /** Bytes of memory are bounded by these: receipts kept, and those that wait. */
  get size(): number {
    return this.#kept.size + this.#waiting
  }

  /** All that are known, ours first. */
  all(): Receipt[] {
    const others = [...this.#kept.values()].map(({ receipt }) => receipt)
    return this.#own === undefined ? others : [this.#own, ...others]
  }

  messageOf(receipt: Receipt): Bytes {
    return receiptBytes(this.#logId, receipt)
  }

  // Ours.

  /** What we have has changed. */
  touch(nowMs: number): void {
    this.#dueMs ??= nowMs + RECEIPT_AFTER_MS + RECEIPT_AFTER_PER_MEMBER_MS * this.#kept.size
  }

  /** How far we have read, which we tell. */
  setRead(read: readonly FeedCount[], nowMs: number): void {
    this.#read = read.slice(-MAX_RECEIPT_FEEDS)
    this.touch(nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#isSigning ? undefined : this.#dueMs
  }

  /** Our receipt and what is to be signed of it, when it is time. */
  draft(
    have: () => readonly FeedCount[],
    nowMs: number,
  ): { receipt: Unsigned; message: Bytes } | undefined {
    if (this.#isSigning || this.#dueMs === undefined || this.#dueMs > nowMs) return undefined
    this.#dueMs = undefined
    this.#isSigning = true
    // A clock that was set back must not make us look silent: what we signed last rises all the same.
    this.#newestMs = Math.max(Math.floor(nowMs), this.#newestMs + 1)
    const base = { member: this.#author, atMs: this.#newestMs, have: have() }
    const receipt = this.#read === undefined ? base : { ...base, read: this.#read }
    return { receipt, message: receiptBytes(this.#logId, receipt) }
  }

  signed(receipt: Unsigned, proof: Bytes): Receipt {
    this.#isSigning = false
    if (this.#own !== undefined) mix(this.#digest, this.#own.proof)
    this.#own = { ...receipt, proof }
    mix(this.#digest, proof)
    return this.#own
  }

  /** Takes what the store kept of receipts, which had been checked. */
  restore(notes: readonly StoredNote[], memberOf: (key: Bytes) => MemberId): void {
    for (const { key, value } of notes) {
      const frame = key.startsWith(NOTE) ? decodeLogFrame(value) : undefined
      if (frame?.ok !== true || frame.value.type !== 'receipts') continue
      for (const receipt of frame.value.receipts) {
        if (!this.isOwn(receipt)) this.take(memberOf(receipt.member), receipt)
      }
    }
  }

  // Those of others.

  /** Whether a receipt is news and may wait for its check. */
  wants(member: MemberId, { atMs }: Receipt): boolean {
    const known = this.#kept.get(member)
    if (known !== undefined ? known.receipt.atMs >= atMs : this.#kept.size >= MAX_RECEIPTS)
      return false
    return this.#waiting < MAX_RECEIPTS_WAITING
  }

  /** One of our own came back, of an earlier page of ours: ours must be newer. */
  isOwn({ member, atMs }: Receipt): boolean {
    if (!isSame(member, this.#author)) return false
    this.#newestMs = Math.max(this.#newestMs, atMs)
    return true
  }

  began(): void {
    this.#waiting += 1
  }

  ended(): void {
    this.#waiting -= 1
  }

  /** Takes a receipt whose signature held; answers whether it is news still. */
  take(member: MemberId, receipt: Receipt): boolean {
    const known = this.#kept.get(member)
    if (known !== undefined && known.receipt.atMs >= receipt.atMs) return false
    if (known === undefined && this.#kept.size >= MAX_RECEIPTS) return false
    if (known !== undefined) mix(this.#digest, known.receipt.proof)
    mix(this.#digest, receipt.proof)
    this.#kept.set(member, {
      receipt,
      have: merged(known?.have, receipt.have),
      read: merged(known?.read, receipt.read ?? []),
    })
    return true
  }

  /** A member whom we are or were linked with announced how far it has a feed of ours. */
  saw(member: MemberId, feed: FeedId, count: number): boolean {
    const had = this.#had.get(member) ?? new Map<FeedId, number>()
    if (!this.#had.has(member) && this.#had.size >= MAX_RECEIPTS) return false
    if ((had.get(feed) ?? 0) >= count) return false
    this.#had.set(member, had.set(feed, count))
    return true
  }

  delivered(feed: FeedId, sequence: number): Delivered {
    const has = new Set<MemberId>()
    const read: MemberId[] = []
    for (const [member, had] of this.#had) if ((had.get(feed) ?? 0) >= sequence) has.add(member)
    for (const [member, kept] of this.#kept) {
      if ((kept.have.get(feed) ?? 0) >= sequence) has.add(member)
      if ((kept.read.get(feed) ?? 0) >= sequence) read.push(member)
    }
    return { has: [...has], read }
  }
}

/** Receipts in lists that fit a frame each. */
export function packetsOf(receipts: readonly Receipt[]): Receipt[][] {
  const packets: Receipt[][] = []
  let bytes = Infinity
  for (const receipt of receipts) {
    const size = RECEIPT_BYTES + (receipt.have.length + (receipt.read?.length ?? 0)) * COUNT_BYTES
    bytes += size
    const last = packets.at(-1)
    if (last !== undefined && bytes <= MAX_LOG_FRAME_BYTES && last.length < PACKET_RECEIPTS)
      last.push(receipt)
    else {
      packets.push([receipt])
      bytes = FRAME_BYTES + size
    }
  }
  return packets
}

/** What was said of a feed stays said. */
function merged(
  before: ReadonlyMap<FeedId, number> | undefined,
  next: readonly FeedCount[],
): ReadonlyMap<FeedId, number> {
  const all = new Map(before)
  for (const [feed, count] of next) {
    if (all.has(feed) || all.size < MAX_RECEIPT_MEMORY)
      all.set(feed, Math.max(count, all.get(feed) ?? 0))
  }
  return all
}
