// Two streams and the carriers between them in virtual time: reliable ones that may die, relayed ones
// that drop, repeat and reorder.
import { SeededRandom } from '@knothole/testkit'
import { MAX_SEGMENT_BYTES, decodeStreamPacket } from '@knothole/wire'
import type { Bytes, LaneName } from '@knothole/wire'
import { Stream } from './stream.ts'
import type { CarrierKind } from './stream.ts'

/** How a carrier treats packets. */
export interface TestCarrier {
  readonly kind: CarrierKind
  readonly delayMs: number
  /** Bytes a ms; whatever is sent faster waits. */
  readonly rate: number
  /** Shares of packets dropped, repeated and delayed out of order; only of relayed carriers. */
  readonly loss: number
  readonly repeat: number
  readonly reorder: number
}

export const GOOD: TestCarrier = {
  kind: 'reliable',
  delayMs: 20,
  rate: 5_000,
  loss: 0,
  repeat: 0,
  reorder: 0,
}

interface Arrival {
  readonly atMs: number
  readonly order: number
  readonly to: StreamEnd
  readonly packet: Bytes
  readonly line: Line
}

/** One direction of a carrier: reliable ones keep what they could not bring, for when they heal. */
export interface Line {
  carrier: TestCarrier
  freeMs: number
  isDead: boolean
}

export class StreamEnd {
  readonly stream: Stream = new Stream()
  readonly name: string
  readonly talk: number[] = []
  readonly bulk: number[] = []
  readonly oddities: string[] = []
  /** How many frames of bulk the program takes; it may be slow. */
  appetite: number = Infinity
  /** Bytes put on carriers, and the wait of each frame of talk. */
  sentBytes = 0
  packets = 0
  line: Line | undefined

  constructor(name: string) {
    this.name = name
  }

  say(number: number, nowMs: number, bytes = 20): boolean {
    return this.stream.send('talk', numbered(number, bytes), nowMs)
  }
}

export class StreamPair {
  readonly a: StreamEnd = new StreamEnd('a')
  readonly b: StreamEnd = new StreamEnd('b')
  readonly random: SeededRandom
  nowMs = 0
  #arrivals: Arrival[] = []
  #order = 0

  constructor(random: SeededRandom) {
    this.random = random
  }

  /** Both sides use this carrier, or none. */
  use(carrier: TestCarrier | undefined): void {
    this.useAt(this.a, carrier)
    this.useAt(this.b, carrier)
  }

  /** One side uses a carrier; what is on the old one still arrives, unless it died. */
  useAt(end: StreamEnd, carrier: TestCarrier | undefined): void {
    end.line = carrier === undefined ? undefined : { carrier, freeMs: this.nowMs, isDead: false }
    end.stream.use(carrier?.kind, this.nowMs)
    this.settle()
  }

  /** Everything under way on the carriers is gone, and they bring nothing more. */
  kill(): void {
    for (const { line } of [this.a, this.b]) if (line !== undefined) line.isDead = true
  }

  settle(): void {
    this.#drain(this.a, this.b)
    this.#drain(this.b, this.a)
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    this.settle()
    for (let steps = 0; ; steps++) {
      if (steps > 2_000_000) throw new Error('something goes round in circles')
      const dueMs = this.#nextMs()
      if (dueMs === undefined || dueMs > untilMs) break
      this.nowMs = Math.max(this.nowMs, dueMs)
      this.#deliver()
      for (const { stream } of [this.a, this.b]) {
        const deadlineMs = stream.deadlineMs()
        if (deadlineMs !== undefined && deadlineMs <= this.nowMs) stream.tick(this.nowMs)
      }
      this.settle()
    }
    this.nowMs = untilMs
  }

  /** Runs until a condition holds; answers whether it came to hold. */
  until(condition: () => boolean, withinMs: number): boolean {
    const untilMs = this.nowMs + withinMs
    while (!condition() && this.nowMs < untilMs) this.pass(5)
    return condition()
  }

  /** Somebody on the way puts a packet into a stream. */
  inject(to: StreamEnd, packet: Bytes): void {
    to.stream.handle(packet, this.nowMs)
    this.settle()
  }

  #nextMs(): number | undefined {
    let next: number | undefined
    const earlier = (atMs: number): void => {
      if (next === undefined || atMs < next) next = atMs
    }
    for (const { atMs } of this.#arrivals) earlier(atMs)
    for (const { stream } of [this.a, this.b]) earlier(stream.deadlineMs() ?? Infinity)
    return next === Infinity ? undefined : next
  }

  #deliver(): void {
    const due = this.#arrivals.filter(({ atMs }) => atMs <= this.nowMs)
    this.#arrivals = this.#arrivals.filter(({ atMs }) => atMs > this.nowMs)
    for (const { to, packet, line } of due.toSorted(
      (x, y) => x.atMs - y.atMs || x.order - y.order,
    )) {
      if (!line.isDead) to.stream.handle(packet, this.nowMs)
    }
  }

  #drain(from: StreamEnd, to: StreamEnd): void {
    for (let out = from.stream.poll(); out !== undefined; out = from.stream.poll()) {
      if (out.type === 'packet') this.#send(from, to, out.packet)
      else if (out.type === 'frame') from.talk.push(numberOf(out.frame))
      else if (out.type === 'bulk') this.#eat(from)
      else if (out.type === 'measure') from.stream.measured(2 * (from.line?.carrier.delayMs ?? 0))
      // A carrier that drops everything may well stall.
      else if (out.type !== 'stalled' && out.type !== 'late') from.oddities.push(out.type)
    }
  }

  #eat(end: StreamEnd): void {
    while (end.appetite > 0) {
      const frame = end.stream.takeBulk(this.nowMs)
      if (frame === undefined) return
      end.appetite -= 1
      end.bulk.push(numberOf(frame))
    }
  }

  #send(from: StreamEnd, to: StreamEnd, packet: Bytes): void {
    const { line } = from
    if (line === undefined) throw new Error('a packet without a carrier')
    const { kind, delayMs, rate, loss, repeat, reorder } = line.carrier
    from.sentBytes += packet.length
    from.packets += 1
    line.freeMs = Math.max(line.freeMs, this.nowMs) + packet.length / rate
    const copies = kind === 'relayed' && this.random.chance(repeat) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (kind === 'relayed' && this.random.chance(loss)) continue
      const late = kind === 'relayed' && this.random.chance(reorder) ? this.random.below(300) : 0
      const atMs = line.freeMs + delayMs + late
      this.#arrivals.push({ atMs, order: this.#order++, to, packet: packet.slice(), line })
    }
  }
}

export function numbered(number: number, bytes: number): Bytes {
  const frame = new Uint8Array(Math.max(4, bytes)).fill(number)
  new DataView(frame.buffer).setUint32(0, number)
  return frame
}

export function numberOf(frame: Bytes): number {
  const { buffer, byteOffset, length } = frame
  if (length < 4) return -1
  const number = new DataView(buffer, byteOffset).getUint32(0)
  return frame.subarray(4).every((byte) => byte === (number & 255)) ? number : -2
}

/** The lane of a packet, for tests that look at what is sent. */
export function laneOf(packet: Bytes): LaneName | 'ack' | 'passing' | undefined {
  const decoded = decodeStreamPacket(packet)
  return decoded?.type === 'segment' ? decoded.lane : decoded?.type
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number)
}

/** Two talk and transfer while carriers come, go and die, differently on the two sides. */
export class Misadventure {
  readonly #seed: number
  readonly #pair: StreamPair
  readonly #said = { a: 0, b: 0 }
  readonly #given = { a: 0, b: 0 }

  constructor(seed: number) {
    this.#seed = seed
    this.#pair = new StreamPair(new SeededRandom(`misadventure ${seed}`))
  }

  /** What was lost, doubled or out of order in the end; empty when nothing was. */
  run(): string[] {
    const pair = this.#pair
    pair.use(this.#carrier())
    for (let step = 0; step < 60; step++) {
      this.#speak('a')
      this.#speak('b')
      pair.pass(pair.random.below(200))
      this.#change()
    }
    pair.use({ ...GOOD, kind: pair.random.chance(0.5) ? 'reliable' : 'relayed' })
    pair.pass(60_000)
    return [...this.#complaints('a', 'b'), ...this.#complaints('b', 'a')]
  }

  #speak(name: 'a' | 'b'): void {
    const { random, nowMs, [name]: end } = this.#pair
    for (let i = random.below(20); i > 0; i--) {
      const bytes = 4 + random.below(40_000 / (1 + random.below(100)))
      if (end.say(this.#said[name], nowMs, bytes)) this.#said[name] += 1
    }
    for (let i = random.below(4); i > 0; i--) {
      const frame = numbered(this.#given[name], random.below(MAX_SEGMENT_BYTES))
      if (end.stream.send('bulk', frame, nowMs)) this.#given[name] += 1
    }
  }

  #change(): void {
    const pair = this.#pair
    const { random, a, b } = pair
    if (random.chance(0.15)) pair.useAt(random.pick([a, b]), this.#carrier())
    if (random.chance(0.1)) pair.use(this.#carrier())
    if (random.chance(0.95)) return
    pair.kill()
    pair.pass(random.below(2_000))
    pair.use(random.chance(0.5) ? undefined : this.#carrier())
  }

  #carrier(): TestCarrier {
    const { random } = this.#pair
    return {
      kind: random.chance(0.5) ? 'reliable' : 'relayed',
      delayMs: random.between(1, 200),
      rate: random.between(20, 5_000),
      loss: random.chance(0.5) ? 0 : random.between(0, 0.3),
      repeat: random.between(0, 0.3),
      reorder: random.between(0, 0.5),
    }
  }

  #complaints(from: 'a' | 'b', to: 'a' | 'b'): string[] {
    const { [from]: sender, [to]: receiver } = this.#pair
    const { sent, taken } = sender.stream.bulkProgress
    const held = {
      [`talk of ${from}`]: isWhole(receiver.talk, this.#said[from]),
      [`bulk of ${from}`]: isWhole(receiver.bulk, this.#given[from]),
      [`acknowledgement to ${from}`]: sent === taken,
      [`honesty of ${from}`]: receiver.oddities.length === 0,
    }
    return Object.entries(held).flatMap(([what, holds]) =>
      holds ? [] : [`seed ${this.#seed}: ${what}`],
    )
  }
}

function isWhole(got: readonly number[], count: number): boolean {
  return got.length === count && got.every((number, at) => number === at)
}
