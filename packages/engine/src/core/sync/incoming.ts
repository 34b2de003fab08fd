// Chunks and evidence on their way into the log: one of a feed at a time, the peers taking turns, so that
// who sends much waits behind itself. The log judges them; this file only knows their order.
import type { Evidence, FeedId } from '@knothole/wire'
import type { Admitted, EntryFault, Log } from '../log/index.ts'
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
  readonly #checks = new Map<number, Check>()
  readonly #busy = new Set<FeedId>()
  #outcomes: Outcome[] = []
  #verifies: ToVerify[] = []
  /** Whom to serve next, so that all are served alike. */
  #turn = 0

  /** `isSkippable` says of a feed whether its beginning may be passed over: everyone let it go. */
  readonly #isSkippable: (feed: FeedId) => boolean

  constructor(options: {
    readonly log: Log
    readonly ids: () => number
    readonly isSkippable: (feed: FeedId) => boolean
  }) {
    this.#log = options.log
    this.#ids = options.ids
    this.#isSkippable = options.isSkippable
  }

  /** Signatures that are being checked. */
  get size(): number {
    return this.#checks.size
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
    while (idle < neighbours.length && this.#checks.size < MAX_CHECKS) {
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
    const check = this.#checks.get(id)
    if (check === undefined) return false
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
    if (arrival === undefined) return false
    this.#judge(arrival, neighbour)
    return true
  }

  #judge(arrival: Arrival, neighbour: Neighbour): void {
    const { feed, chunk } = arrival
    const upTo = chunk.from - 1 + chunk.entries.length
    const check = this.#log.check(chunk, { base: this.#isSkippable(feed) })
    if (check.type === 'verify') {
      const { author, message, proof } = check
      const commit = (): Admitted => check.commit()
      this.#busy.add(feed)
      this.#begin({ neighbour, feed, commit, left: 1, hasFailed: false }, [
        { author, message, proof },
      ])
    } else if (check.type === 'early') {
      neighbour.inbox.putAside(arrival)
      this.#outcomes.push({ type: 'early', neighbour, feed, upTo })
    } else if (check.type === 'known') this.#outcomes.push({ type: 'known', neighbour, feed, upTo })
    else if (check.type === 'unlinked')
      this.#outcomes.push({ type: 'unlinked', neighbour, feed, at: check.at })
    else this.#outcomes.push({ type: 'refused', neighbour, feed, fault: check.fault })
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
