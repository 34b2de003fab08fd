// All that is kept about one linked peer: what it says it has, what goes to it and comes from it, and how
// much it may still ask of us. Everything in it is bounded, and gone with the link.
import type { FeedId, MemberId, PeerId } from '@knothole/wire'
import { TokenBucket } from '../token-bucket.ts'
import { Inbox } from './inbox.ts'
import { Ledger } from './ledger.ts'
import { CONTROL_RATE, MAX_FAULTS, MAX_HELD_BYTES, PENALTY_MS, SIGNED_RATE } from './limits.ts'
import { Outgoing } from './outgoing.ts'

export class Neighbour {
  readonly peer: PeerId
  readonly member: MemberId
  readonly isEager: boolean
  readonly ledger: Ledger = new Ledger()
  readonly outgoing: Outgoing = new Outgoing(this.ledger)
  readonly inbox: Inbox = new Inbox()
  /** Frames without entries that it may still send. */
  readonly control: TokenBucket = new TokenBucket(CONTROL_RATE)
  /** Signatures of its evidence and receipts that we may still check. */
  readonly signed: TokenBucket = new TokenBucket(SIGNED_RATE)
  /** Feeds of which it is to be told how far we have them, though it was told. */
  readonly owed: Set<FeedId> = new Set()
  /** When it was sent evidence of a feed's cut. */
  readonly evidenceMs: Map<FeedId, number> = new Map()
  /** Chunks of it whose signatures are being checked. */
  checks = 0
  /** When it was last sent all that we have, and when the next beat is due. */
  summaryMs: number = -Infinity
  /** When it was last sent all receipts. */
  receiptsMs: number = -Infinity
  beatMs: number
  /** Whether it is to be sent all that we have, at the next moment. */
  summaryDue: { readonly isAnswer: boolean } | undefined
  /** Frames that came before our store was opened. */
  readonly held: Uint8Array<ArrayBuffer>[] = []
  #heldBytes = 0
  #faultsMs: number[] = []

  constructor(options: {
    readonly peer: PeerId
    readonly member: MemberId
    readonly isEager: boolean
    readonly beatMs: number
  }) {
    this.peer = options.peer
    this.member = options.member
    this.isEager = options.isEager
    this.beatMs = options.beatMs
  }

  /** Bytes of frames of this peer that wait for our store to be opened. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  hold(data: Uint8Array<ArrayBuffer>): void {
    if (this.#heldBytes + data.length > MAX_HELD_BYTES) return
    this.held.push(data)
    this.#heldBytes += data.length
  }

  release(): Uint8Array<ArrayBuffer>[] {
    this.#heldBytes = 0
    return this.held.splice(0)
  }

  /** It did what an honest peer does not. */
  faulted(nowMs: number): void {
    this.#faultsMs.push(nowMs)
    if (this.#faultsMs.length > MAX_FAULTS) this.#faultsMs.shift()
  }

  /** Whether it did so too often to be listened to now. */
  isMuted(nowMs: number): boolean {
    const first = this.#faultsMs[0]
    const hasTooMany = this.#faultsMs.length >= MAX_FAULTS
    return hasTooMany && first !== undefined && first + PENALTY_MS > nowMs
  }
}

/** What is kept of one neighbour. */
export interface NeighbourLoad {
  readonly peer: PeerId
  readonly inboxBytes: number
  readonly heldBytes: number
  readonly onTheWayBytes: number
  readonly ranges: number
  readonly feeds: number
}

export function loadOf({ peer, inbox, heldBytes, outgoing, ledger }: Neighbour): NeighbourLoad {
  return {
    peer,
    inboxBytes: inbox.bytes,
    heldBytes,
    onTheWayBytes: outgoing.bytesOnTheWay,
    ranges: outgoing.rangesWanted,
    feeds: ledger.size,
  }
}
