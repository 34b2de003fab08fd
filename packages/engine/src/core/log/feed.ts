// One feed: the entries of one page session of one author, in a chain of hashes. Everything here has been
// checked; what counts ends before a cut, what is kept goes on to the next proof, which vouches for it.
import { ChunkMeter, MAX_CHUNK_BYTES, feedIdBytes, previousOf } from '@knothole/wire'
import type { Bytes, Chunk, Evidence, FeedId, FeedName, PackedEntry } from '@knothole/wire'
import type { StoredProof } from '../../ports/log-store.ts'
import type { Entry, FeedView } from './entry.ts'

const NONE: Bytes = new Uint8Array(0)

/** How much of a feed is asked for at once. */
export interface ReadLimits {
  readonly maxBytes?: number
  readonly maxEntries?: number
  readonly upTo?: number
}

export class Feed implements FeedView {
  readonly id: FeedId
  readonly idBytes: Bytes
  readonly name: FeedName
  /** Grows with every change of the chain. */
  version = 0
  /** Entries up to this one we let go ourselves: we do not want them back. */
  letGo = 0
  /** Up to where entries of others name it. */
  namedUpTo = 0
  evidence: Evidence | undefined
  #base = 0
  #entries: Entry[] = []
  #proofs: StoredProof[] = []
  /** What the two last proofs vouch for together, measured. */
  #tail = { from: 0, upTo: 0, meter: new ChunkMeter() }
  /** Hash of the last entry kept, or of entry `base` when none is. */
  #last: Bytes = NONE

  constructor(id: FeedId, name: FeedName) {
    this.id = id
    this.idBytes = feedIdBytes(id)
    this.name = name
  }

  get base(): number {
    return this.#base
  }

  /** The number of the last entry kept, whether it counts or not. */
  get end(): number {
    return this.#base + this.#entries.length
  }

  get cut(): number | undefined {
    return this.evidence?.at
  }

  get count(): number {
    return this.cut === undefined ? this.end : Math.min(this.end, this.cut - 1)
  }

  get head(): Bytes {
    return this.hashAt(this.count) ?? NONE
  }

  get proofs(): readonly StoredProof[] {
    return this.#proofs
  }

  /** An entry that is kept, counting or not. */
  kept(sequence: number): Entry | undefined {
    return this.#entries[sequence - this.#base - 1]
  }

  /** Entries kept from one number to another, both included. */
  run(from: number, upTo: number): readonly Entry[] {
    return this.#entries.slice(Math.max(0, from - this.#base - 1), upTo - this.#base)
  }

  /** The newest entry that counts. */
  get newest(): Entry | undefined {
    return this.kept(this.count)
  }

  /** The hash of an entry from `base` to `end`; empty for number 0, undefined where it is not known. */
  hashAt(sequence: number): Bytes | undefined {
    if (sequence === 0) return NONE
    if (sequence === this.end) return this.#last.length > 0 ? this.#last : undefined
    const next = this.#entries[sequence - this.#base]
    return next === undefined ? undefined : previousOf(next.header, next.sequence)
  }

  /** Takes entries that follow the last, and its hash. */
  append(entries: readonly Entry[], last: Bytes, proofs: readonly StoredProof[]): void {
    for (const entry of entries) this.#entries.push(entry)
    if (entries.length > 0) this.#last = last
    for (const proof of proofs) this.#addProof(proof)
    this.version += 1
  }

  /** Takes entries that end where the first begins, back to a new base. */
  prepend(entries: readonly Entry[], proofs: readonly StoredProof[]): void {
    this.#entries = [...entries, ...this.#entries]
    this.#base -= entries.length
    this.#proofs = [...proofs, ...this.#proofs].toSorted((a, b) => a.sequence - b.sequence)
    this.version += 1
  }

  /** Begins at a later number: of a feed of which nothing is here. */
  startAfter(base: number, hash: Bytes): void {
    this.#base = base
    this.#last = hash
    this.version += 1
  }

  /** Lets entries go from the first to this one; answers with them. */
  letGoTo(sequence: number): readonly Entry[] {
    const hash = this.hashAt(sequence)
    const gone = this.#entries.splice(0, sequence - this.#base)
    this.#base += gone.length
    if (this.#entries.length === 0 && hash !== undefined) this.#last = hash
    this.#proofs = this.#proofs.filter((proof) => proof.sequence > this.#base)
    this.letGo = Math.max(this.letGo, this.#base)
    this.version += 1
    return gone
  }

  /**
   * Cuts the feed; answers with what counted until now, and with what is not kept any more: no more is kept
   * than vouches for what still counts.
   */
  cutBy(evidence: Evidence): {
    readonly removed: readonly Entry[]
    readonly dropped: readonly Entry[]
  } {
    const removed = this.run(evidence.at, this.count)
    this.evidence = evidence
    const last = this.#proofs[this.proofIndex(evidence.at - 1)]
    const isBeforeBase = evidence.at - 1 <= this.#base
    const end = isBeforeBase ? evidence.at - 1 : (last?.sequence ?? this.end)
    return { removed, dropped: this.#truncate(end) }
  }

  /** Lets go what follows the last proof, which nobody vouches for. */
  endAtProof(): void {
    this.#truncate(this.#proofs.at(-1)?.sequence ?? this.#base)
  }

  #truncate(end: number): readonly Entry[] {
    const hash = this.hashAt(end)
    const dropped = this.#entries.splice(Math.max(0, end - this.#base))
    this.#base = Math.min(this.#base, end)
    this.#last = hash ?? NONE
    this.#proofs = this.#proofs.filter((proof) => proof.sequence <= end)
    this.version += 1
    return dropped
  }

  /** A run that ends at a proof, which is as far as the limits allow but at least to the next one. */
  read(after: number, limits: ReadLimits): Chunk | undefined {
    const from = Math.max(after, this.#base) + 1
    if (from > this.count) return undefined
    const reach = this.#reach(from, limits)
    const last = this.proofIndex(reach + 1) - 1
    const proof = this.#proofs[Math.max(last, this.proofIndex(from))]
    if (proof === undefined) return undefined
    const run = this.run(from, proof.sequence)
    const entries = proof.sequence <= reach ? run : withinMeter(run)
    return { name: this.name, from, entries, proof: proof.proof }
  }

  /** The last number up to which all entries fit. */
  #reach(from: number, limits: ReadLimits): number {
    const { maxBytes = Infinity, maxEntries = Infinity, upTo = Infinity } = limits
    const end = Math.min(this.end, upTo, from + maxEntries - 1)
    const meter = new ChunkMeter()
    let at = from
    for (; at <= end; at++) {
      const entry = this.kept(at)
      if (entry === undefined) break
      if (!meter.takeBytes(entry.headerBytes, entry.bodyBytes) || meter.bytes > maxBytes) break
    }
    return at - 1
  }

  /** The headers from a number on to the next proof, and it. */
  branchFrom(
    sequence: number,
  ): { readonly headers: readonly Bytes[]; readonly proof: Bytes } | undefined {
    const proof = this.#proofs[this.proofIndex(sequence)]
    if (proof === undefined) return undefined
    const headers = this.run(sequence, proof.sequence).map((entry) => entry.header)
    return { headers, proof: proof.proof }
  }

  /** The place of the first proof at a number or after it. */
  proofIndex(sequence: number): number {
    let from = 0
    let to = this.#proofs.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#proofs[middle]?.sequence ?? 0) < sequence) from = middle + 1
      else to = middle
    }
    return from
  }

  /** Of three proofs the one in the middle goes, if one chunk holds what the third then vouches for. */
  #addProof(proof: StoredProof): void {
    const last = this.#proofs.at(-1)?.sequence ?? this.#base
    if (proof.sequence <= last) return
    const from = (this.#proofs.at(-2)?.sequence ?? this.#base) + 1
    if (this.#tail.from !== from) this.#tail = { from, upTo: from - 1, meter: new ChunkMeter() }
    if (this.#proofs.length > 0 && this.#tailTakes(proof.sequence)) this.#proofs.pop()
    this.#proofs.push(proof)
  }

  /** Whether one chunk holds what follows the last proof but one, up to here. */
  #tailTakes(upTo: number): boolean {
    const { meter } = this.#tail
    for (let at = this.#tail.upTo + 1; at <= upTo; at++) {
      const entry = this.kept(at)
      if (entry === undefined || entry.bodyBytes === 0) return false
      if (!meter.takeBytes(entry.headerBytes, entry.bodyBytes)) return false
      this.#tail.upTo = at
    }
    return true
  }
}

/** The entries, without the bodies that one chunk has no room for: those can be asked for by themselves. */
function withinMeter(entries: readonly Entry[]): readonly PackedEntry[] {
  const all = new ChunkMeter()
  if (entries.every((entry) => all.takeBytes(entry.headerBytes, entry.bodyBytes))) return entries
  const bare = new ChunkMeter()
  for (const { header } of entries) bare.take({ header, body: undefined })
  let { bytes } = bare
  return entries.map(({ header, body }) => {
    const more = (body?.length ?? 0) + 2
    if (body === undefined || bytes + more > MAX_CHUNK_BYTES) return { header, body: undefined }
    bytes += more
    return { header, body }
  })
}
