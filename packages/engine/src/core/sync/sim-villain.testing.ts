// A malicious member of a simulated room. Its page is an honest replica, so that it knows what is going on;
// what leaves it does not stay what it was, and more is sent than any honest page would. It signs with its
// own identity only: that is all that is beyond it.
import type { SeededRandom } from '@knothole/testkit'
import {
  AFTER_HASH_BYTES,
  MAX_LOG_FRAME_BYTES,
  decodeLogFrame,
  encodeCbor,
  encodeEntryHeader,
  encodeLogFrame,
  entryProofBytes,
} from '@knothole/wire'
import type {
  After,
  Bytes,
  Chunk,
  FeedId,
  FeedName,
  LogFrame,
  PackedEntry,
  Run,
} from '@knothole/wire'
import { sha256 } from '../log/index.ts'
import { hashSignature } from './sim-peer.testing.ts'
import type { SimPeer } from './sim-peer.testing.ts'

/** What it does, beside talking like everyone else. */
export type Vice = 'forges' | 'withholds' | 'replays' | 'floods' | 'garbles' | 'lies' | 'backdates'

export const VICES: readonly Vice[] = [
  'forges',
  'withholds',
  'replays',
  'floods',
  'garbles',
  'lies',
  'backdates',
]

/** Frames of the past that it can play back. */
const MEMORY = 64

/** Frames of a burst. */
const FLOOD = 200

export class SimVillain {
  readonly vices: ReadonlySet<Vice>
  readonly #random: SeededRandom
  readonly #past: Bytes[] = []

  constructor(vices: readonly Vice[], random: SeededRandom) {
    this.vices = new Set(vices)
    this.#random = random
  }

  /** What goes in place of a frame of its honest half. */
  tamper(data: Bytes): readonly Bytes[] {
    this.#past.push(data)
    if (this.#past.length > MEMORY) this.#past.shift()
    const decoded = decodeLogFrame(data)
    if (!decoded.ok) return [data]
    const frame = decoded.value
    if (frame.type === 'chunk') return this.#chunk(frame.chunk, data)
    if (frame.type === 'run') return this.#run(frame.run, data)
    if (this.vices.has('lies') && this.#random.chance(0.5))
      return [encodeLogFrame(this.#lie(frame))]
    return [data]
  }

  /** Something that its honest half would not have said. */
  mischief(page: SimPeer): readonly Bytes[] {
    const random = this.#random
    const frames: Bytes[] = []
    if (this.vices.has('replays')) frames.push(...random.shuffle(this.#past).slice(0, 8))
    if (this.vices.has('garbles')) frames.push(...this.#garbage())
    if (this.vices.has('backdates')) frames.push(...this.#misdated(page))
    if (this.vices.has('forges')) frames.push(this.#madeUp(page))
    if (this.vices.has('floods') && random.chance(0.3)) {
      for (let i = 0; i < FLOOD; i++)
        frames.push(random.chance(0.5) ? this.#madeUp(page) : this.#claims())
    }
    return frames
  }

  #chunk(chunk: Chunk, data: Bytes): readonly Bytes[] {
    const random = this.#random
    if (this.vices.has('withholds') && random.chance(0.9)) return []
    if (!this.vices.has('forges') || random.chance(0.3)) return [data]
    const [first] = chunk.entries
    if (first === undefined) return [data]
    const at = random.below(chunk.entries.length)
    const entries = chunk.entries.map((entry, place) =>
      place === at ? this.#altered(entry) : entry,
    )
    return [encodeLogFrame({ type: 'chunk', chunk: { ...chunk, entries } })]
  }

  /** Anything in it may be changed: times, names, bodies, where the one ends and the next begins. */
  #run(run: Run, data: Bytes): readonly Bytes[] {
    const random = this.#random
    if (this.vices.has('withholds') && random.chance(0.9)) return []
    if (!this.vices.has('forges') || random.chance(0.3)) return [data]
    const { entries } = run
    const pack = this.#flipped(entries.pack)
    const from = random.chance(0.2) ? Math.max(2, run.from + random.below(3) - 1) : run.from
    const previous = from === 1 ? run.previous : random.bytes(32)
    const isMoved = from !== run.from
    return [
      encodeLogFrame({
        type: 'run',
        run: { ...run, from, ...(isMoved ? { previous } : {}), entries: { ...entries, pack } },
      }),
    ]
  }

  #altered({ header, body }: PackedEntry): PackedEntry {
    const random = this.#random
    if (body !== undefined && random.chance(0.5)) return { header, body: this.#flipped(body) }
    return { header: this.#flipped(header), body }
  }

  #flipped(bytes: Bytes): Bytes {
    const altered = bytes.slice()
    const at = this.#random.below(altered.length)
    altered[at] = (altered[at] ?? 0) ^ (1 << this.#random.below(8))
    return altered
  }

  #lie(frame: LogFrame): LogFrame {
    const random = this.#random
    const more = (count: number): number => Math.max(0, count + random.below(20) - 5)
    if (frame.type === 'have')
      return {
        type: 'have',
        feeds: frame.feeds.map(([feed, count]) => [feed, more(count), random.bytes(8)] as const),
      }
    if (frame.type !== 'summary') return frame
    const feeds = frame.feeds.map((summary) => ({
      ...summary,
      count: more(summary.count),
      base: random.chance(0.2) ? summary.count : 0,
      head: random.bytes(8),
      ...(random.chance(0.2) ? { cut: 1 + random.below(5) } : {}),
    }))
    return { ...frame, feeds, digest: random.bytes(8) }
  }

  #garbage(): Bytes[] {
    const random = this.#random
    const past = this.#past.length > 0 ? random.pick(this.#past) : random.bytes(10)
    return [
      random.bytes(random.below(200)),
      past.slice(0, random.below(past.length)),
      new Uint8Array(MAX_LOG_FRAME_BYTES + 1 + random.below(1000)),
      encodeCbor({ type: 'of tomorrow', feeds: [] }),
      encodeCbor({ type: 'want', ranges: 'all' }),
    ]
  }

  /** Claims about feeds that nobody has. */
  #claims(): Bytes {
    const random = this.#random
    const feed = (): FeedId => feedOf(random.bytes(16))
    return encodeLogFrame({
      type: 'have',
      feeds: [[feed(), 1 + random.below(1000), random.bytes(8)]],
    })
  }

  /** A chunk in the name of somebody else, or of nobody. */
  #madeUp(page: SimPeer): Bytes {
    const random = this.#random
    const known = [...page.replica.log.feeds()]
    const name: FeedName =
      known.length > 0 && random.chance(0.7)
        ? random.pick(known).name
        : { author: random.bytes(32), nonce: random.bytes(8) }
    const feed = page.replica.log.feedId(name)
    const count = page.replica.log.feed(feed)?.count ?? 0
    const previous = page.replica.log.hashAt(feed, count)
    const atMs = Math.floor(page.nowMs())
    const sequence = count + 1
    const entry = entryOf({ feed, sequence, previous, after: [], atMs, body: random.bytes(20) })
    const chunk = { name, from: sequence, entries: [entry], proof: random.bytes(64) }
    return encodeLogFrame({ type: 'chunk', chunk })
  }

  /** Genuinely signed entries with times that cannot be: before what they name, or of another century. */
  #misdated(page: SimPeer): Bytes[] {
    const random = this.#random
    const { log } = page.replica
    const name = { author: page.options.author, nonce: random.bytes(8) }
    const feed = log.feedId(name)
    const heads = [...log.feeds()].filter(({ count }) => count > 0)
    const after: After[] = []
    if (heads.length > 0) {
      const { id, count } = random.pick(heads)
      const hash = log.hashAt(id, count)?.slice(0, AFTER_HASH_BYTES)
      if (hash !== undefined) after.push({ feed: id, sequence: count, hash })
    }
    const atMs = random.chance(0.5) ? 1_000 : 4_102_444_800_000
    const entry = entryOf({
      feed,
      sequence: 1,
      previous: undefined,
      after,
      atMs,
      body: random.bytes(20),
    })
    const proof = hashSignature(name.author, entryProofBytes(sha256(entry.header)))
    return [encodeLogFrame({ type: 'chunk', chunk: { name, from: 1, entries: [entry], proof } })]
  }
}

function feedOf(bytes: Bytes): FeedId {
  return Buffer.from(bytes).toString('base64url') as FeedId
}

function entryOf({
  body,
  ...place
}: {
  readonly feed: FeedId
  readonly sequence: number
  readonly previous: Bytes | undefined
  readonly after: readonly After[]
  readonly atMs: number
  readonly body: Bytes
}): PackedEntry {
  const bodyHash = sha256(body)
  const header = encodeEntryHeader({ ...place, tick: 0, bodyHash, bodyBytes: body.length })
  return { header, body }
}
