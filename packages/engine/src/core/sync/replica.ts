// One member's copy of a conversation: the log, what neighbours have of it, and how the copies come
// together over links that come and go. Pure; signatures and the store are effects. SPEC.md, E330 and on.
import { MAX_RECEIPT_FEEDS, decodeLogFrame, encodeHistory, encodeLogFrame } from '@knothole/wire'
import type { Bytes, FeedCount, FeedId, PeerId } from '@knothole/wire'
import type { StoredLog } from '../../ports/index.ts'
import { Log } from '../log/index.ts'
import type { Admitted } from '../log/index.ts'
import { earliest } from '../machine.ts'
import type { Machine } from '../machine.ts'
import { Announcer } from './announcer.ts'
import { BodyDesk } from './body-desk.ts'
import { GapDesk } from './gap-desk.ts'
import type { Gap } from './gap-report.ts'
import { byPeer, isSame } from './grouping.ts'
import { History } from './history.ts'
import { Hub } from './hub.ts'
import { Incoming } from './incoming.ts'
import type { Outcome } from './incoming.ts'
import { Keeping } from './keeping.ts'
import { BEAT_MS, MAX_PARCELS, MAX_REMEMBERED, MAX_UNSTORED_BYTES, SMALL_FEED } from './limits.ts'
import { Neighbour, loadOf } from './neighbour.ts'
import type { Parcel, Shelf } from './outgoing.ts'
import { ReceiptDesk } from './receipt-desk.ts'
import type { Delivered, Unsigned } from './receipt-desk.ts'
import { Reception, hasEntries } from './reception.ts'
import type { Load, ReplicaInput, ReplicaOptions, ReplicaOutput } from './replica-io.ts'
import { StoreQueue } from './store-queue.ts'
import { WriteDesk } from './write-desk.ts'

type InputOf<Type extends ReplicaInput['type']> = Extract<ReplicaInput, { type: Type }>

const STIRS: ReadonlySet<ReplicaInput['type']> = new Set([
  'frame',
  'restored',
  'signed',
  'stored',
  'verified',
])

export class Replica implements Machine<ReplicaInput, ReplicaOutput> {
  readonly log: Log
  /** Our feed of this page. */
  readonly feed: FeedId
  readonly #options: ReplicaOptions
  readonly #hub: Hub
  readonly #store = new StoreQueue()
  readonly #writes = new WriteDesk()
  readonly #bodies = new BodyDesk()
  readonly #gaps: GapDesk
  readonly #receipts: ReceiptDesk
  readonly #announcer: Announcer
  readonly #history: History
  readonly #incoming: Incoming
  readonly #reception: Reception
  readonly #keeping: Keeping
  /** How far peers whose links ended had our feed: they may come back. */
  readonly #remembered = new Map<PeerId, number>()
  readonly #signing = new Map<number, Unsigned>()
  readonly #parcels = new Map<string, Parcel>()
  readonly #shelf: Shelf = { parcel: (...range) => this.#parcel(...range) }
  #isRestored = false
  #isStirred = false

  constructor(options: ReplicaOptions) {
    const { logId, sha256, name, random } = options
    this.#options = options
    this.log = new Log({ logId, sha256 })
    this.feed = this.log.feedId(name)
    const hub = new Hub(this.log)
    this.#hub = hub
    this.#receipts = new ReceiptDesk(logId, name.author)
    this.#announcer = new Announcer(hub, this.#receipts)
    this.#history = new History({
      log: this.log,
      neighbours: hub.neighbours,
      isArriving: (feed) => this.#isArriving(feed),
      random,
    })
    this.#gaps = new GapDesk(this.log, this.#history)
    const isSkippable = (feed: FeedId): boolean => this.#history.isSkippable(feed)
    this.#incoming = new Incoming({ log: this.log, sha256, ids: hub.id, isSkippable })
    const parts = {
      hub,
      sha256,
      announcer: this.#announcer,
      history: this.#history,
      incoming: this.#incoming,
      receipts: this.#receipts,
      bodies: this.#bodies,
      store: this.#store,
      isOurs: (feed: FeedId) => this.#isOurs(feed),
    }
    this.#reception = new Reception(parts)
    this.#keeping = new Keeping(parts)
  }

  // What others ask.

  /** Who else has an entry of ours, and read it. */
  deliveryOf(feed: FeedId, sequence: number): Delivered {
    return this.#receipts.delivered(feed, sequence)
  }

  get gaps(): readonly Gap[] {
    return this.#gaps.told
  }

  /** Bodies of ours that are not in the log yet. */
  get queuedWrites(): number {
    return this.#writes.size
  }

  /** What is kept for neighbours and of them: each number has a limit in limits.ts. */
  load(): Load {
    return {
      checks: this.#incoming.size,
      receipts: this.#receipts.size,
      missingBodies: this.#bodies.size,
      asked: this.#history.asks.size,
      unstoredBytes: this.#store.bytes,
      neighbours: Array.from(this.#hub.neighbours.values(), loadOf),
    }
  }

  // The machine.

  handle(input: ReplicaInput, nowMs: number): void {
    // What waits for its check can go on only after one of these.
    if (STIRS.has(input.type)) this.#isStirred = true
    switch (input.type) {
      case 'restored':
        this.#restored(input.stored, nowMs)
        break
      case 'link-up':
        this.#linked(input, nowMs)
        break
      case 'link-down':
        this.#unlinked(input.peer)
        break
      case 'frame':
        this.#frame(input, nowMs)
        break
      case 'write':
        this.#writes.add(input.token, input.bodies)
        break
      case 'stored':
        if (this.#keeping.stored(input.batch, nowMs)) this.#receipts.touch(nowMs)
        break
      case 'read':
        this.#receipts.setRead(input.upTo, nowMs)
        break
      default:
        this.#rest(input, nowMs)
    }
    this.#evaluate(nowMs)
  }

  tick(nowMs: number): void {
    for (const { outgoing } of this.#hub.neighbours.values()) outgoing.tick(nowMs)
    this.#evaluate(nowMs)
  }

  deadlineMs(): number | undefined {
    let deadlineMs = earliest(this.#gaps.deadlineMs(), this.#announcer.deadlineMs())
    for (const { outgoing } of this.#hub.neighbours.values())
      deadlineMs = earliest(deadlineMs, outgoing.deadlineMs())
    if (!this.#isRestored) return deadlineMs
    return earliest(
      deadlineMs,
      this.#history.deadlineMs(),
      this.#receipts.deadlineMs(),
      this.#bodies.deadlineMs(),
      this.#reception.deadlineMs(),
    )
  }

  poll(): ReplicaOutput | undefined {
    return this.#hub.poll()
  }

  #rest(input: InputOf<'signed' | 'verified' | 'drop' | 'prune'>, nowMs: number): void {
    if (input.type === 'signed') this.#signed(input.id, input.signature, nowMs)
    else if (input.type === 'drop') this.#keeping.drop(input.entries)
    else if (input.type === 'prune') {
      this.#gaps.isPruning = true
      this.#gaps.stir()
      this.#keeping.prune(input.beforeMs, nowMs)
    } else if (!this.#incoming.verified(input.id, input.ok))
      this.#reception.verified(input.id, input.ok, nowMs)
  }

  // Links.

  #linked({ peer, member, isEager = false }: InputOf<'link-up'>, nowMs: number): void {
    this.#unlinked(peer)
    // Not all at once: neighbours of many beat at different times.
    const beatMs = nowMs + BEAT_MS * (0.5 + 0.5 * this.#options.random())
    const neighbour = new Neighbour({ peer, member, isEager, beatMs })
    this.#hub.neighbours.set(peer, neighbour)
    this.#announcer.linked(neighbour, nowMs)
    this.#bodies.linked(nowMs)
    // What was written before the link goes at once, if it is little; otherwise it is asked for.
    const count = this.log.feed(this.feed)?.count ?? 0
    const had = this.#remembered.get(peer) ?? 0
    if (count > had && count - had <= SMALL_FEED) neighbour.outgoing.push(this.feed, had)
  }

  #unlinked(peer: PeerId): void {
    const neighbour = this.#hub.neighbours.get(peer)
    if (neighbour === undefined) return
    this.#hub.neighbours.delete(peer)
    this.#history.left(peer)
    this.#gaps.stir()
    this.#remembered.delete(peer)
    this.#remembered.set(peer, neighbour.ledger.of(this.feed).count)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined)
      this.#remembered.delete(oldest)
  }

  #frame({ peer, data }: InputOf<'frame'>, nowMs: number): void {
    const neighbour = this.#hub.neighbours.get(peer)
    if (neighbour === undefined) return
    const decoded = decodeLogFrame(data)
    if (!decoded.ok) this.#hub.fault(neighbour, 'log-malformed', nowMs)
    else if (hasEntries(decoded.value))
      this.#reception.entries(decoded.value, data.length, { neighbour, nowMs })
    else if (this.#isRestored) {
      this.#reception.control(decoded.value, neighbour, nowMs)
      // What they let go is not missing.
      if (decoded.value.type === 'summary') this.#gaps.stir()
    } else neighbour.hold(data)
  }

  // Our own entries.

  #draft(nowMs: number): void {
    const bodies = this.#writes.next()
    if (bodies.length === 0) return
    const draft = this.log.draft(this.#options.name, bodies, Math.floor(nowMs))
    if (draft === undefined || draft.entries.length === 0) return
    const id = this.#hub.id()
    this.#writes.drafted(id, draft)
    this.#hub.emit({ type: 'sign', id, message: draft.toSign })
  }

  #signed(id: number, signature: Bytes, nowMs: number): void {
    const receipt = this.#signing.get(id)
    if (receipt !== undefined) {
      this.#signing.delete(id)
      const data = encodeLogFrame({
        type: 'receipts',
        receipts: [this.#receipts.signed(receipt, signature)],
      })
      for (const peer of this.#hub.neighbours.keys()) this.#hub.sendBytes(peer, data, true)
      return
    }
    const signed = this.#writes.signed(id)
    if (signed === undefined) return
    const admitted = this.log.append(signed.draft, signature)
    this.#admit(admitted, undefined, nowMs)
    for (const token of signed.tokens) this.#hub.emit({ type: 'written', token })
  }

  // What comes in.

  #take(outcome: Outcome, nowMs: number): void {
    const { neighbour, feed } = outcome
    if (neighbour === this.#keeping.disk && outcome.type !== 'admitted') {
      this.#keeping.refused(feed)
      return
    }
    switch (outcome.type) {
      case 'admitted':
        this.#admit(outcome.admitted, neighbour, nowMs)
        if (feed !== undefined) this.#history.grown(feed)
        break
      case 'known':
        if (this.#history.known(outcome.feed, neighbour, outcome.upTo) === 'lie') {
          this.#history.distrust(outcome.feed, neighbour.peer, nowMs)
          this.#hub.fault(neighbour, 'log-lie', nowMs)
        }
        // It does not know that we have it.
        if (this.#announcer.holdings.count(outcome.feed) >= outcome.upTo)
          neighbour.owed.add(outcome.feed)
        break
      case 'early':
        this.#claimed(outcome.feed, outcome.upTo, neighbour)
        this.#history.early(outcome.feed, nowMs)
        break
      case 'unlinked':
        this.#history.unlinked(outcome, neighbour, nowMs)
        break
      case 'refused':
        if (feed !== undefined) {
          neighbour.inbox.drop(feed)
          this.#history.distrust(feed, neighbour.peer, nowMs)
        }
        this.#hub.fault(neighbour, outcome.fault, nowMs)
    }
  }

  /** Who sends entries has them, though it may not have announced them yet. */
  #claimed(feed: FeedId, upTo: number, neighbour: Neighbour): void {
    if (!this.#isOurs(feed)) neighbour.ledger.note(feed, { count: upTo })
  }

  #admit(admitted: Admitted, from: Neighbour | undefined, nowMs: number): void {
    const { entries, cuts, removed, writes } = admitted
    for (const write of writes) this.#store.add(write)
    if (entries.length > 0) {
      this.#hub.emit({ type: 'admitted', entries })
      this.#gaps.look(nowMs)
    }
    for (const { feed, at, why } of cuts) {
      const gone = removed.filter((entry) => entry.feed.id === feed)
      this.#hub.emit({ type: 'cut', feed, at, why, removed: gone })
      this.#history.grown(feed)
      this.#announcer.refresh(feed, nowMs)
      this.#announcer.spread(feed, nowMs)
    }
    const [first] = entries
    if (first !== undefined) this.#grown(first.feed.id, first.sequence, from)
    for (const entry of entries)
      if (entry.bodyBytes === 0) this.#bodies.miss(entry.feed.id, entry.sequence, nowMs)
  }

  /** A feed has entries from this one on that it did not have. */
  #grown(feed: FeedId, first: number, from: Neighbour | undefined): void {
    const count = this.log.feed(feed)?.count ?? 0
    if (from !== undefined) this.#claimed(feed, count, from)
    this.#history.grown(feed)
    this.#gaps.touch(feed)
    this.#keeping.grown(feed, count)
    for (const neighbour of this.#hub.neighbours.values()) {
      neighbour.inbox.wake(feed, count)
      const isTold = from === undefined || (neighbour.isEager && neighbour !== from)
      if (isTold) neighbour.outgoing.push(feed, first - 1)
    }
  }

  #restored(stored: StoredLog | undefined, nowMs: number): void {
    if (stored !== undefined) this.#keeping.restore(stored, nowMs)
    // A store that opened only after trouble is restored late; what it kept is news then.
    if (this.#isRestored) return
    this.#isRestored = true
    this.#announcer.open(nowMs)
    for (const neighbour of this.#hub.neighbours.values()) {
      for (const data of neighbour.release()) {
        const decoded = decodeLogFrame(data)
        if (decoded.ok && !hasEntries(decoded.value))
          this.#reception.control(decoded.value, neighbour, nowMs)
      }
    }
  }

  // What follows from all of it.

  #evaluate(nowMs: number): void {
    this.#draft(nowMs)
    this.#check(nowMs)
    if (this.#isRestored) {
      this.#ask(nowMs)
      const batch = this.#store.next()
      if (batch !== undefined)
        this.#hub.emit({ type: 'store', batch: batch.number, writes: batch.writes })
      this.#announcer.evaluate(nowMs)
      this.#sign(nowMs)
      this.#reception.evaluate(nowMs)
    }
    this.#pump(nowMs)
    const gaps = this.#gaps.evaluate(nowMs)
    if (gaps !== undefined) this.#hub.emit({ type: 'gaps', gaps })
  }

  /** Checks what came, as long as the store keeps up. */
  #check(nowMs: number): void {
    if (!this.#isStirred) return
    this.#isStirred = false
    const neighbours = [...this.#hub.neighbours.values(), this.#keeping.disk]
    for (;;) {
      if (this.#store.bytes < MAX_UNSTORED_BYTES) this.#incoming.pump(neighbours)
      const outcomes = this.#incoming.outcomes()
      for (const outcome of outcomes) this.#take(outcome, nowMs)
      if (outcomes.length === 0) break
    }
    for (const verify of this.#incoming.verifies()) this.#hub.emit({ type: 'verify', ...verify })
  }

  #ask(nowMs: number): void {
    const { neighbours } = this.#hub
    for (const { peer, ranges } of byPeer(this.#history.evaluate(nowMs))) {
      const neighbour = neighbours.get(peer)
      if (neighbour !== undefined) this.#hub.send(neighbour, { type: 'want', ranges })
    }
    const providers = (feed: FeedId, sequence: number): PeerId[] =>
      [...neighbours.values()]
        .filter(({ ledger }) => ledger.of(feed).count >= sequence)
        .map(({ peer }) => peer)
    for (const { peer, feed, sequences } of this.#bodies.evaluate(providers, nowMs)) {
      const neighbour = neighbours.get(peer)
      if (neighbour !== undefined)
        this.#hub.send(neighbour, { type: 'want-bodies', feed, sequences })
    }
  }

  #sign(nowMs: number): void {
    const have = (): FeedCount[] => this.#announcer.holdings.recent(MAX_RECEIPT_FEEDS)
    const draft = this.#receipts.draft(have, nowMs)
    if (draft === undefined) return
    const id = this.#hub.id()
    this.#signing.set(id, draft.receipt)
    this.#hub.emit({ type: 'sign', id, message: draft.message })
  }

  #pump(nowMs: number): void {
    for (const { peer, outgoing } of this.#hub.neighbours.values()) {
      while (outgoing.hasWork) {
        const next = outgoing.next(this.#shelf, nowMs)
        if (next === undefined) break
        this.#hub.sendBytes(peer, next.parcel.frame, next.isHistory)
      }
    }
    if (this.#parcels.size > 0) this.#parcels.clear()
  }

  /** Encoded once for all neighbours that get the same. */
  #parcel(...[feed, after, upTo, isHistory]: Parameters<Shelf['parcel']>): Parcel | undefined {
    const key = `${feed} ${after} ${upTo} ${isHistory}`
    const known = this.#parcels.get(key)
    if (known !== undefined) return known
    const chunk = this.log.read(feed, after, { upTo })
    if (chunk === undefined) return undefined
    const frame = isHistory ? encodeHistory(chunk) : encodeLogFrame({ type: 'chunk', chunk })
    const parcel = { upTo: chunk.from - 1 + chunk.entries.length, frame }
    if (this.#parcels.size < MAX_PARCELS) this.#parcels.set(key, parcel)
    return parcel
  }

  #isArriving(feed: FeedId): boolean {
    if (this.#incoming.isBusy(feed)) return true
    for (const { inbox } of this.#hub.neighbours.values()) if (inbox.has(feed)) return true
    return false
  }

  #isOurs(feed: FeedId): boolean {
    const author = this.log.feed(feed)?.name.author
    return author !== undefined && isSame(author, this.#options.name.author)
  }
}
