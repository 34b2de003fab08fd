// Frames of neighbours: what they say they have, ask for, and send. Believes nothing but signatures; what
// costs more than reading is counted, and refused beyond a limit.
import { MAX_CHUNK_BYTES, encodeLogFrame, memberIdOf } from '@knothole/wire'
import type {
  Bytes,
  FeedId,
  FeedSummary,
  LogFrame,
  MemberId,
  PeerId,
  Receipt,
} from '@knothole/wire'
import { RunChunk } from '../log/index.ts'
import type { Entry, Sha256 } from '../log/index.ts'
import type { Announcer } from './announcer.ts'
import type { BodyDesk } from './body-desk.ts'
import type { History } from './history.ts'
import { isSame } from './grouping.ts'
import type { Hub } from './hub.ts'
import type { Incoming } from './incoming.ts'
import { BEAT_MS, RECEIPTS_TOGETHER_MS } from './limits.ts'
import type { Neighbour } from './neighbour.ts'
import { noteOfReceipt, packetsOf } from './receipt-desk.ts'
import type { ReceiptDesk } from './receipt-desk.ts'
import type { StoreQueue } from './store-queue.ts'

/** The parts of a replica that frames go to. */
export interface Parts {
  readonly hub: Hub
  readonly announcer: Announcer
  readonly history: History
  readonly incoming: Incoming
  readonly receipts: ReceiptDesk
  readonly bodies: BodyDesk
  readonly store: StoreQueue
  readonly sha256: Sha256
  /** Whether a feed is one of ours. */
  readonly isOurs: (feed: FeedId) => boolean
}

/** A frame with entries. */
export type EntryFrame = FrameOf<'chunk' | 'run'>

/** A frame without. */
export type ControlFrame = Exclude<LogFrame, EntryFrame>

export function hasEntries(frame: LogFrame): frame is EntryFrame {
  return frame.type === 'chunk' || frame.type === 'run'
}

type FrameOf<Type extends LogFrame['type']> = Extract<LogFrame, { type: Type }>

export class Reception {
  readonly #parts: Parts
  readonly #receipts = new Map<
    number,
    { readonly receipt: Receipt; readonly member: MemberId; readonly neighbour: Neighbour }
  >()

  /** Receipts to pass on together, of each member the newest. */
  readonly #passing = new Map<MemberId, { readonly receipt: Receipt; readonly from: PeerId }>()
  #passMs: number | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A frame without entries. */
  control(frame: ControlFrame, neighbour: Neighbour, nowMs: number): void {
    if (!neighbour.control.take(nowMs)) return
    switch (frame.type) {
      case 'summary':
        this.#summary(frame, neighbour, nowMs)
        return
      case 'have':
        for (const [feed, count, head] of frame.feeds)
          this.#claim({ feed, count, head, base: 0 }, { neighbour, isNews: true }, nowMs)
        return
      case 'want':
        for (const range of frame.ranges) this.#wanted(range, neighbour)
        return
      case 'digest':
        this.#digest(frame, neighbour)
        return
      default:
        if (neighbour.signed.take(nowMs)) this.#costly(frame, neighbour, nowMs)
    }
  }

  entries(
    frame: EntryFrame,
    bytes: number,
    { neighbour, nowMs }: { neighbour: Neighbour; nowMs: number },
  ): void {
    const { hub, history } = this.#parts
    if (neighbour.isMuted(nowMs)) return
    const feed = hub.log.feedId(frame.type === 'run' ? frame.run.name : frame.chunk.name)
    const chunk = frame.type === 'run' ? new RunChunk(frame.run, feed) : frame.chunk
    if (history.asks.isDistrusted(neighbour.peer, feed, nowMs)) return
    if (!neighbour.inbox.add({ feed, chunk, bytes })) {
      hub.fault(neighbour, 'log-flood', nowMs)
      return
    }
    history.asks.heard(neighbour.peer, feed, nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#passMs
  }

  /** Passes on what members who may not be linked with each other have; elsewhere digests tell. */
  evaluate(nowMs: number): void {
    if (this.#passMs === undefined || this.#passMs > nowMs) return
    this.#passMs = undefined
    const { hub } = this.#parts
    for (const { peer, isEager, member } of hub.neighbours.values()) {
      if (!isEager) continue
      const news = [...this.#passing].filter(([of, { from }]) => of !== member && from !== peer)
      for (const receipts of packetsOf(news.map(([, { receipt }]) => receipt)))
        hub.sendBytes(peer, encodeLogFrame({ type: 'receipts', receipts }), true)
    }
    this.#passing.clear()
  }

  /** The result of checking a receipt's signature; false when the number is no receipt's. */
  verified(id: number, ok: boolean, nowMs: number): boolean {
    const waiting = this.#receipts.get(id)
    if (waiting === undefined) return false
    this.#receipts.delete(id)
    const { hub, receipts } = this.#parts
    receipts.ended()
    const { receipt, member, neighbour } = waiting
    if (!ok) hub.fault(neighbour, 'log-forged', nowMs)
    else if (receipts.take(member, receipt))
      this.#passOn(receipt, member, { from: neighbour, nowMs })
    return true
  }

  #costly(
    frame: FrameOf<'want-bodies' | 'bodies' | 'evidence' | 'want-evidence' | 'receipts'>,
    neighbour: Neighbour,
    nowMs: number,
  ): void {
    const { incoming, announcer } = this.#parts
    if (frame.type === 'evidence') {
      if (!neighbour.isMuted(nowMs)) incoming.evidence(frame.evidence, neighbour)
    } else if (frame.type === 'want-evidence') {
      for (const feed of frame.feeds) announcer.convict(feed, neighbour, nowMs)
    } else if (frame.type === 'receipts') {
      for (const receipt of frame.receipts) this.#receipt(receipt, neighbour, nowMs)
    } else if (frame.type === 'want-bodies') this.#sendBodies(frame, neighbour)
    else this.#takeBodies(frame, neighbour, nowMs)
  }

  #summary(frame: FrameOf<'summary'>, neighbour: Neighbour, nowMs: number): void {
    const { announcer } = this.#parts
    for (const summary of frame.feeds) this.#claim(summary, { neighbour, isNews: false }, nowMs)
    if (!frame.isLast) return
    neighbour.ledger.isWhole = true
    if (isSame(frame.digest, announcer.digest)) return
    if (!frame.isAnswer) neighbour.summaryDue = { isAnswer: true }
    this.#sendReceipts(neighbour, nowMs)
  }

  #wanted([feed, after, upTo]: FrameOf<'want'>['ranges'][number], neighbour: Neighbour): void {
    neighbour.outgoing.want(feed, after, upTo)
    // It asks for what we let go, and only a summary tells where a feed begins here.
    if ((this.#parts.hub.log.feed(feed)?.base ?? 0) > after)
      neighbour.summaryDue ??= { isAnswer: true }
  }

  /** A neighbour says how far it has a feed. */
  #claim(
    { feed, count, head, base, cut }: FeedSummary,
    { neighbour, isNews }: { readonly neighbour: Neighbour; readonly isNews: boolean },
    nowMs: number,
  ): void {
    const { hub, announcer, history, receipts } = this.#parts
    neighbour.ledger.note(feed, { count, base, head, cut })
    neighbour.outgoing.announced(feed, count, nowMs)
    if (this.#parts.isOurs(feed) && receipts.saw(neighbour.member, feed, count))
      hub.emit({ type: 'delivery' })
    const ours = hub.log.feed(feed)?.cut
    const theirs = neighbour.ledger.of(feed).cut
    if (ours !== undefined && (theirs === undefined || theirs > ours))
      announcer.convict(feed, neighbour, nowMs)
    else if (theirs !== undefined && (ours === undefined || ours > theirs)) {
      if (announcer.mayAccuse(feed, neighbour, nowMs))
        hub.send(neighbour, { type: 'want-evidence', feeds: [feed] })
    } else history.claimed(feed, neighbour, { isNews, nowMs })
  }

  /** Another digest than ours, while nothing is on its way: we tell what we have, and hear what it has. */
  #digest({ digest }: FrameOf<'digest'>, neighbour: Neighbour): void {
    const { announcer } = this.#parts
    if (isSame(digest, announcer.digest) || !neighbour.outgoing.isIdle) return
    if (announcer.hasNews) return
    neighbour.summaryDue ??= { isAnswer: false }
  }

  #receipt(receipt: Receipt, neighbour: Neighbour, nowMs: number): void {
    const { hub, receipts, sha256 } = this.#parts
    if (receipts.isOwn(receipt) || neighbour.isMuted(nowMs)) return
    const member = memberIdOf(sha256(receipt.member))
    if (!receipts.wants(member, receipt)) return
    const id = hub.id()
    this.#receipts.set(id, { receipt, member, neighbour })
    receipts.began()
    const message = receipts.messageOf(receipt)
    hub.emit({ type: 'verify', id, author: receipt.member, message, signature: receipt.proof })
  }

  #passOn(
    receipt: Receipt,
    member: MemberId,
    { from, nowMs }: { from: Neighbour; nowMs: number },
  ): void {
    const { hub, store } = this.#parts
    store.add({ type: 'note', ...noteOfReceipt(member, receipt) })
    this.#passing.set(member, { receipt, from: from.peer })
    this.#passMs ??= nowMs + RECEIPTS_TOGETHER_MS
    hub.emit({ type: 'delivery' })
  }

  /** All receipts we know, in frames of a size that a link takes. */
  #sendReceipts(neighbour: Neighbour, nowMs: number): void {
    if (neighbour.receiptsMs + BEAT_MS / 2 > nowMs) return
    neighbour.receiptsMs = nowMs
    const { peer } = neighbour
    const { hub, receipts } = this.#parts
    for (const some of packetsOf(receipts.all()))
      hub.sendBytes(peer, encodeLogFrame({ type: 'receipts', receipts: some }), true)
  }

  #sendBodies({ feed, sequences }: FrameOf<'want-bodies'>, neighbour: Neighbour): void {
    const { hub } = this.#parts
    const bodies: [number, Bytes][] = []
    let bytes = 0
    for (const sequence of sequences) {
      const body = hub.log.entry(feed, sequence)?.body
      if (body === undefined) continue
      bytes += body.length + 16
      if (bytes > MAX_CHUNK_BYTES) break
      bodies.push([sequence, body])
    }
    if (bodies.length > 0) hub.send(neighbour, { type: 'bodies', feed, bodies })
  }

  #takeBodies({ feed, bodies }: FrameOf<'bodies'>, neighbour: Neighbour, nowMs: number): void {
    const { hub, bodies: desk, store } = this.#parts
    const entries: Entry[] = []
    const taken: [number, Bytes][] = []
    for (const [sequence, body] of bodies) {
      if (!desk.has(feed, sequence)) continue
      const result = hub.log.putBody(feed, sequence, body)
      if (result === 'refused') {
        hub.fault(neighbour, 'log-forged', nowMs)
        return
      }
      desk.settle(feed, sequence)
      const entry = result === 'taken' ? hub.log.entry(feed, sequence) : undefined
      if (entry === undefined) continue
      entries.push(entry)
      taken.push([sequence, body])
    }
    if (entries.length === 0) return
    store.add({ type: 'bodies', feed, bodies: taken })
    hub.emit({ type: 'bodies', entries })
  }
}
