// Chunks and evidence on their way into the log: one of a feed at a time, the peers taking turns, so that
// who sends much waits behind itself. The log judges them; this file only knows their order.
import { entryProofBytes } from '@knothole/wire'
import type { Evidence, FeedId } from '@knothole/wire'
import type { Admitted, CheckedChunk, EntryFault, Log, Sha256 } from '../log/index.ts'
import { lastHash, lengthOf } from '../log/index.ts'
import { isSame } from './grouping.ts'
import type { Arrival } from './inbox.ts'
import { MAX_CHECKS, MAX_CHECKS_PER_PEER } from './limits.ts'
import type { Neighbour } from './neighbour.ts'

/** What became of what a peer sent. */
export type Outcome =
  | {
      readonly type: 'admitted'
      readonly neighbour: Neighbour
      readonly admitted: Admitted
      readonly feed: FeedId | undefined
    }
  /** It told us nothing new of this feed. */
  | {
      readonly type: 'known'
      readonly neighbour: Neighbour
      readonly feed: FeedId
      readonly upTo: number
    }
  /** It came before what it continues, and waits. */
  | {
      readonly type: 'early'
      readonly neighbour: Neighbour
      readonly feed: FeedId
      readonly upTo: number
    }
  /** It begins on a branch that is not ours. */
  | {
      readonly type: 'unlinked'
      readonly neighbour: Neighbour
      readonly feed: FeedId
      readonly at: number
    }
  | {
      readonly type: 'refused'
      readonly neighbour: Neighbour
      readonly feed: FeedId | undefined
      readonly fault: EntryFault | 'forged'
    }

/** A signature to check; the result comes to `verified`. */
export interface ToVerify {
  readonly id: number
  readonly author: Uint8Array<ArrayBuffer>
  readonly message: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

interface Check {
  readonly neighbour: Neighbour
  readonly feed: FeedId | undefined
  readonly commit: () => Admitted
  left: number
  hasFailed: boolean
}

export class Incoming {
  readonly #log: Log
  readonly #ids: () => number
  readonly #sha256: Sha256
  readonly #checks = new Map<number, Check>()
  readonly #early = new Map<number, { readonly arrival: Arrival; readonly neighbour: Neighbour }>()
  /** Feeds of which a chunk is being checked, and up to where the checks begun so far reach. */
  readonly #busy = new Map<FeedId, number>()
  #outcomes: Outcome[] = []
  #verifies: ToVerify[] = []
  /** Whom to serve next, so that all are served alike. */
  #turn = 0

  /** `isSkippable` says of a feed whether its beginning may be passed over: everyone let it go. */
  readonly #isSkippable: (feed: FeedId) => boolean

  constructor(options: {
    readonly log: Log
    readonly sha256: Sha256
    readonly ids: () => number
    readonly isSkippable: (feed: FeedId) => boolean
  }) {
    this.#log = options.log
    this.#ids = options.ids
    this.#sha256 = options.sha256
    this.#isSkippable = options.isSkippable
  }

  /** Signatures that are being checked. */
  get size(): number {
    return this.#checks.size + this.#early.size
  }

  isBusy(feed: FeedId): boolean {
    return this.#busy.has(feed)
  }

  outcomes(): Outcome[] {
    const outcomes = this.#outcomes
    this.#outcomes = []
    return outcomes
  }

  verifies(): ToVerify[] {
    const verifies = this.#verifies
    this.#verifies = []
    return verifies
  }

  /** Begins as many checks as may be under way; each peer has its turn. */
  pump(neighbours: readonly Neighbour[]): void {
    let idle = 0
    while (idle < neighbours.length && this.size < MAX_CHECKS) {
      const neighbour = neighbours[this.#turn++ % neighbours.length]
      if (neighbour === undefined || !this.#serve(neighbour)) idle += 1
      else idle = 0
    }
  }

  evidence(evidence: Evidence, neighbour: Neighbour): void {
    const check = this.#log.checkEvidence(evidence)
    if (check.type === 'refused')
      this.#outcomes.push({ type: 'refused', neighbour, feed: undefined, fault: check.fault })
    if (check.type !== 'verify') return
    const { checks } = check
    const commit = (): Admitted => check.commit()
    this.#begin(
      { neighbour, feed: undefined, commit, left: checks.length, hasFailed: false },
      checks,
    )
  }

  /** Answers whether the number was one of ours. */
  verified(id: number, ok: boolean): boolean {
    const early = this.#early.get(id)
    if (early !== undefined) {
      this.#early.delete(id)
      early.neighbour.checks -= 1
      if (early.arrival.early !== undefined) early.arrival.early.ok = ok
    }
    const check = this.#checks.get(id)
    if (check === undefined) return early !== undefined
    this.#checks.delete(id)
    check.left -= 1
    if (!ok) check.hasFailed = true
    if (check.left === 0) this.#finish(check)
    return true
  }

  /** Checks the next chunk of a peer; false when there is none that may be. */
  #serve(neighbour: Neighbour): boolean {
    if (neighbour.checks >= MAX_CHECKS_PER_PEER) return false
    const arrival = neighbour.inbox.take((feed) => !this.#busy.has(feed))
    if (arrival === undefined) return this.#lookAhead(neighbour)
    this.#judge(arrival, neighbour)
    return true
  }

  /** Begins to check the signature of what continues a chunk that is being checked; false when nothing does. */
  #lookAhead(neighbour: Neighbour): boolean {
    for (const arrival of neighbour.inbox.waiting) {
      const { feed, chunk } = arrival
      const reach = this.#busy.get(feed)
      if (arrival.early !== undefined || reach === undefined || chunk.from !== reach + 1) continue
      const last = lastHash(chunk, this.#sha256)
      if (last === undefined) continue
      const message = entryProofBytes(last)
      const id = this.#ids()
      arrival.early = { id, message, ok: undefined }
      this.#early.set(id, { arrival, neighbour })
      this.#busy.set(feed, reach + lengthOf(chunk))
      neighbour.checks += 1
      this.#verifies.push({ id, author: chunk.name.author, message, signature: chunk.proof })
      return true
    }
    return false
  }

  #judge(arrival: Arrival, neighbour: Neighbour): void {
    const { feed, chunk } = arrival
    const upTo = chunk.from - 1 + lengthOf(chunk)
    const check = this.#log.check(chunk, { base: this.#isSkippable(feed) })
    if (check.type === 'verify') {
      this.#verify(arrival, check, neighbour)
    } else if (check.type === 'early') {
      neighbour.inbox.putAside(arrival)
      this.#outcomes.push({ type: 'early', neighbour, feed, upTo })
    } else if (check.type === 'known') this.#outcomes.push({ type: 'known', neighbour, feed, upTo })
    else if (check.type === 'unlinked')
      this.#outcomes.push({ type: 'unlinked', neighbour, feed, at: check.at })
    else this.#outcomes.push({ type: 'refused', neighbour, feed, fault: check.fault })
  }

  /** Its signature may have been checked already, or be checked just now. */
  #verify(
    { feed, chunk, early }: Arrival,
    check: Extract<CheckedChunk, { type: 'verify' }>,
    neighbour: Neighbour,
  ): void {
    const commit = (): Admitted => check.commit()
    const begun = { neighbour, feed, commit, left: 1, hasFailed: false }
    const upTo = chunk.from - 1 + lengthOf(chunk)
    const isAhead = early !== undefined && isSame(early.message, check.message)
    if (isAhead && early.ok !== undefined) {
      neighbour.checks += 1
      this.#finish({ ...begun, hasFailed: !early.ok })
      return
    }
    this.#busy.set(feed, Math.max(upTo, this.#reach(feed, neighbour, upTo)))
    if (isAhead) {
      neighbour.checks += 1
      this.#checks.set(early.id, begun)
    } else this.#begin(begun, [check])
  }

  /** Up to where chunks that follow each other are being checked ahead of their turn. */
  #reach(feed: FeedId, { inbox }: Neighbour, upTo: number): number {
    let reach = upTo
    for (const { feed: of, chunk, early } of inbox.waiting) {
      if (of === feed && early !== undefined && chunk.from === reach + 1) reach += lengthOf(chunk)
    }
    return reach
  }

  #begin(check: Check, signatures: readonly Signature[]): void {
    check.neighbour.checks += 1
    for (const { author, message, proof } of signatures) {
      const id = this.#ids()
      this.#checks.set(id, check)
      this.#verifies.push({ id, author, message, signature: proof })
    }
  }

  #finish(check: Check): void {
    const { neighbour, feed } = check
    neighbour.checks -= 1
    if (feed !== undefined) this.#busy.delete(feed)
    if (check.hasFailed) this.#outcomes.push({ type: 'refused', neighbour, feed, fault: 'forged' })
    else this.#outcomes.push({ type: 'admitted', neighbour, admitted: check.commit(), feed })
  }
}

interface Signature {
  readonly author: Uint8Array<ArrayBuffer>
  readonly message: Uint8Array<ArrayBuffer>
  readonly proof: Uint8Array<ArrayBuffer>
}
