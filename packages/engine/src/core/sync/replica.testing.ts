// Replicas by hand, for tests of one rule each: frames pass between them at once or are held, signatures
// are answered at once, stores when the test says so.
import { decodeLogFrame, encodeLogFrame, memberIdOf } from '@knothole/wire'
import type { Bytes, FeedId, LogFrame, MemberId, PeerId } from '@knothole/wire'
import type { StoreWrite, StoredLog } from '../../ports/index.ts'
import { sha256 } from '../log/index.ts'
import { Replica } from './replica.ts'
import type { ReplicaInput, ReplicaOutput } from './replica-io.ts'
import { SimDisk } from './sim-disk.testing.ts'
import { HASH_SIGNER } from './sim-peer.testing.ts'

const LOG_ID: Bytes = new Uint8Array(16).fill(9)
const START_MS = 1_800_000_000_000

type OutputOf<Type extends ReplicaOutput['type']> = Extract<ReplicaOutput, { type: Type }>

export class Hand {
  readonly replica: Replica
  readonly peer: PeerId
  readonly member: MemberId
  readonly author: Bytes
  readonly disk = new SimDisk()
  readonly outputs: ReplicaOutput[] = []
  /** Whether the store answers at once. */
  isStoring = true
  /** Frames that it was sent by others. */
  readonly #table: Table
  #sequence = 1
  #tokens = 0
  readonly #unstored: { batch: number; writes: readonly StoreWrite[] }[] = []

  constructor(
    table: Table,
    name: string,
    { nonce = 1, author = name }: { readonly nonce?: number; readonly author?: string } = {},
  ) {
    this.#table = table
    this.peer = name as PeerId
    this.author = sha256(new TextEncoder().encode(author))
    this.member = memberIdOf(sha256(this.author))
    this.replica = new Replica({
      logId: LOG_ID,
      sha256,
      name: { author: this.author, nonce: new Uint8Array(8).fill(nonce) },
      member: this.member,
      random: () => 0.5,
    })
  }

  get feed(): FeedId {
    return this.replica.feed
  }

  restore(stored?: StoredLog): this {
    this.give({ type: 'restored', stored })
    return this
  }

  say(...texts: string[]): void {
    const bodies = texts.map((text) => new TextEncoder().encode(text))
    this.give({ type: 'write', token: ++this.#tokens, sequence: this.#sequence, bodies })
    this.#sequence += texts.length
  }

  give(input: ReplicaInput): void {
    this.replica.handle(input, this.#table.nowMs)
    this.drain()
  }

  /** How many entries it has of a feed. */
  has(feed: FeedId): number {
    return this.replica.log.feed(feed)?.count ?? 0
  }

  of<Type extends ReplicaOutput['type']>(type: Type): OutputOf<Type>[] {
    return this.outputs.filter((out): out is OutputOf<Type> => out.type === type)
  }

  /** The store takes what it was given. */
  store(isDurable = true): void {
    for (const { batch, writes } of this.#unstored.splice(0)) {
      if (isDurable) this.disk.write(writes)
      this.give({ type: 'stored', batch, isDurable })
    }
  }

  drain(): void {
    for (let out = this.replica.poll(); out !== undefined; out = this.replica.poll()) {
      this.outputs.push(out)
      this.#do(out)
    }
  }

  #do(out: ReplicaOutput): void {
    if (out.type === 'send') this.#table.carry(this, out.peer, out.data)
    else if (out.type === 'sign')
      HASH_SIGNER.sign(this.author, out.message, (signature) =>
        this.give({ type: 'signed', id: out.id, signature }),
      )
    else if (out.type === 'verify')
      HASH_SIGNER.verify(out, (ok) => this.give({ type: 'verified', id: out.id, ok }))
    else if (out.type === 'store') {
      this.#unstored.push(out)
      if (this.isStoring) this.store()
    }
  }
}

/** What a frame becomes on its way: itself, another, or nothing. */
export type Filter = (frame: LogFrame, from: PeerId, to: PeerId) => LogFrame | undefined

export class Table {
  nowMs = START_MS
  /** Frames in the order in which they were sent. */
  readonly sent: { readonly from: PeerId; readonly to: PeerId; readonly frame: LogFrame }[] = []
  filter: Filter = (frame) => frame
  readonly #hands = new Map<PeerId, Hand>()
  readonly #links = new Set<string>()
  readonly #queue: { readonly to: PeerId; readonly from: PeerId; readonly data: Bytes }[] = []
  #isRunning = false

  hand(name: string, options?: { readonly nonce?: number; readonly author?: string }): Hand {
    const hand = new Hand(this, name, options)
    this.#hands.set(hand.peer, hand)
    return hand
  }

  link(one: Hand, other: Hand, isEager = false): void {
    this.#links.add(`${one.peer} ${other.peer}`).add(`${other.peer} ${one.peer}`)
    one.give({ type: 'link-up', peer: other.peer, member: other.member, isEager })
    other.give({ type: 'link-up', peer: one.peer, member: one.member, isEager })
    this.run()
  }

  unlink(one: Hand, other: Hand): void {
    this.#links.delete(`${one.peer} ${other.peer}`)
    this.#links.delete(`${other.peer} ${one.peer}`)
    one.give({ type: 'link-down', peer: other.peer })
    other.give({ type: 'link-down', peer: one.peer })
  }

  carry(from: Hand, to: PeerId, data: Bytes): void {
    const decoded = decodeLogFrame(data)
    if (!decoded.ok) throw new Error(`unreadable: ${decoded.fault}`)
    this.sent.push({ from: from.peer, to, frame: decoded.value })
    const frame = this.filter(decoded.value, from.peer, to)
    if (frame !== undefined) this.#queue.push({ to, from: from.peer, data: encodeLogFrame(frame) })
  }

  /** Delivers what was sent, and what follows from it. */
  run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { to, from, data } = next
      if (this.#links.has(`${from} ${to}`))
        this.#hands.get(to)?.give({ type: 'frame', peer: from, data })
    }
    this.#isRunning = false
  }

  /** Lets time pass. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    this.run()
    for (;;) {
      const deadlines = Array.from(this.#hands.values(), ({ replica }) => replica.deadlineMs())
      const dueMs = Math.min(...deadlines.map((at) => at ?? Infinity))
      if (dueMs > untilMs) break
      this.nowMs = Math.max(this.nowMs, dueMs)
      for (const hand of this.#hands.values()) {
        if ((hand.replica.deadlineMs() ?? Infinity) > this.nowMs) continue
        hand.replica.tick(this.nowMs)
        hand.drain()
      }
      this.run()
    }
    this.nowMs = untilMs
  }

  /** Frames of a kind that went from one to another. */
  count(type: LogFrame['type'], from: Hand, to: Hand): number {
    return this.sent.filter(
      (one) => one.frame.type === type && one.from === from.peer && one.to === to.peer,
    ).length
  }
}

/** Alice, bob and carol at a table, their stores opened; nobody is linked yet. */
export function three(): { table: Table; alice: Hand; bob: Hand; carol: Hand } {
  const table = new Table()
  const [alice, bob, carol] = [table.hand('alice'), table.hand('bob'), table.hand('carol')]
  for (const hand of [alice, bob, carol]) hand.restore()
  return { table, alice, bob, carol }
}
