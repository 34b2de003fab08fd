import { MAX_SEGMENT_BYTES, encodeBulkFrame } from '@knothole/wire'
import type { BulkFrame, Bytes } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Stream } from '../stream/stream.ts'
import { Transfers } from './transfers.ts'
import type { TransferOutput } from './transfers.ts'

/** A stream and its transfers; the other side is a second one, and packets arrive at once. */
class Side {
  readonly stream = new Stream()
  readonly transfers: Transfers
  readonly outputs: TransferOutput[] = []
  other: Side | undefined
  #incoming = 0

  constructor() {
    this.stream.use('reliable', 0)
    this.transfers = new Transfers(this.stream, () => ++this.#incoming)
  }

  static pair(): [Side, Side] {
    const [a, b] = [new Side(), new Side()]
    a.other = b
    b.other = a
    return [a, b]
  }

  settle(nowMs = 0): void {
    for (let out = this.stream.poll(); out !== undefined; out = this.stream.poll()) {
      if (out.type === 'packet') this.other?.stream.handle(out.packet, nowMs)
      if (out.type === 'bulk') this.transfers.flow(nowMs)
    }
    for (let out = this.transfers.poll(); out !== undefined; out = this.transfers.poll())
      this.outputs.push(out)
  }

  out(): TransferOutput[] {
    return this.outputs.splice(0)
  }

  /** Puts a frame on the lane as another program might. */
  say(frame: BulkFrame | Bytes): void {
    this.stream.send('bulk', frame instanceof Uint8Array ? frame : encodeBulkFrame(frame), 0)
    settle(this)
  }
}

/** Lets both sides do what is to be done, also what waits a moment. */
function settle(one: Side): void {
  for (let nowMs = 0; nowMs < 3_000; nowMs += 100) {
    one.settle(nowMs)
    one.other?.settle(nowMs)
    one.stream.tick(nowMs)
    one.other?.stream.tick(nowMs)
  }
}

const types = (outs: readonly TransferOutput[]): string[] => outs.map(({ type }) => type)

describe('a transfer', () => {
  test('E107: bytes are asked for, arrive in order and are acknowledged when all are taken', () => {
    const [a, b] = Side.pair()
    a.transfers.send({ transfer: 7, label: 'numbers' }, 0)
    settle(a)
    expect(a.out()).toEqual([{ type: 'bytes-wanted', transfer: 7 }])
    const bytes = Uint8Array.from({ length: 40_000 }, (_, at) => at & 255)
    a.transfers.give(7, bytes, 0)
    settle(a)
    expect(types(a.out())).toEqual(['bytes-wanted'])
    a.transfers.end(7, true, 0)
    settle(a)
    expect(a.out()).toEqual([{ type: 'bytes-sent', transfer: 7, isWhole: true }])
    const [coming, ...rest] = b.out()
    expect(coming).toEqual({ type: 'bytes-coming', incoming: 1, label: 'numbers' })
    expect(rest.at(-1)).toEqual({ type: 'bytes-over', incoming: 1, isWhole: true })
    const came = rest.flatMap((out) => (out.type === 'bytes-came' ? [out.bytes] : []))
    expect(Buffer.concat(came).equals(bytes)).toBe(true)
    expect(Math.max(...came.map(({ length }) => length))).toBe(MAX_SEGMENT_BYTES - 1)
  })

  test('E107: an empty one is one too', () => {
    const [a, b] = Side.pair()
    a.transfers.send({ transfer: 1, label: '' }, 0)
    a.transfers.end(1, true, 0)
    settle(a)
    expect(types(b.out())).toEqual(['bytes-coming', 'bytes-over'])
    expect(a.out().at(-1)).toEqual({ type: 'bytes-sent', transfer: 1, isWhole: true })
  })

  test('E107: they go one after the other; one that is given up while it waits does not begin', () => {
    const [a, b] = Side.pair()
    for (const transfer of [1, 2, 3]) a.transfers.send({ transfer, label: `${transfer}` }, 0)
    settle(a)
    expect(a.out()).toEqual([{ type: 'bytes-wanted', transfer: 1 }])
    a.transfers.end(2, false, 0)
    a.transfers.end(1, true, 0)
    settle(a)
    expect(a.out()).toEqual([
      { type: 'bytes-sent', transfer: 2, isWhole: false },
      { type: 'bytes-wanted', transfer: 3 },
      { type: 'bytes-sent', transfer: 1, isWhole: true },
    ])
    const labels = b.out().flatMap((out) => (out.type === 'bytes-coming' ? [out.label] : []))
    expect(labels).toEqual(['1', '3'])
  })

  test('E107: what is not taken is not asked for either', () => {
    const [a, b] = Side.pair()
    a.transfers.send({ transfer: 1, label: '' }, 0)
    let given = 0
    for (let i = 0; i < 100; i++) {
      settle(a)
      if (!types(a.out()).includes('bytes-wanted')) break
      a.transfers.give(1, new Uint8Array(20_000), 0)
      given += 20_000
    }
    // What the other side hands on, what it holds, what is in flight and what waits.
    expect(given).toBeLessThan(1_500_000)
    const came = (): number =>
      b.out().reduce((sum, out) => sum + (out.type === 'bytes-came' ? out.bytes.length : 0), 0)
    const first = came()
    expect(first).toBeLessThan(280_000)
    b.transfers.taken(first, 0)
    settle(a)
    expect(came()).toBeGreaterThan(200_000)
  })

  test('E107: given up by its sender it is told as cut', () => {
    const [a, b] = Side.pair()
    a.transfers.send({ transfer: 1, label: '' }, 0)
    a.transfers.give(1, new Uint8Array(10), 0)
    a.transfers.end(1, false, 0)
    settle(a)
    expect(a.out()).toContainEqual({ type: 'bytes-sent', transfer: 1, isWhole: false })
    expect(b.out().at(-1)).toEqual({ type: 'bytes-over', incoming: 1, isWhole: false })
  })

  test('E107: refused by its receiver it stops, and the next one begins', () => {
    const [a, b] = Side.pair()
    for (const transfer of [1, 2]) a.transfers.send({ transfer, label: '' }, 0)
    a.transfers.give(1, new Uint8Array(100_000), 0)
    settle(a)
    b.out()
    a.out()
    b.transfers.refuse(1, 0)
    settle(b)
    expect(a.out()).toEqual([
      { type: 'bytes-sent', transfer: 1, isWhole: false },
      { type: 'bytes-wanted', transfer: 2 },
    ])
    expect(b.out()).toEqual([{ type: 'bytes-coming', incoming: 2, label: '' }])
  })

  test('E107: when the peer is gone all are told as cut', () => {
    const [a, b] = Side.pair()
    for (const transfer of [1, 2]) a.transfers.send({ transfer, label: '' }, 0)
    settle(a)
    a.out()
    b.out()
    for (const { transfers } of [a, b]) transfers.close()
    settle(a)
    expect(a.out()).toEqual([
      { type: 'bytes-sent', transfer: 1, isWhole: false },
      { type: 'bytes-sent', transfer: 2, isWhole: false },
    ])
    expect(b.out()).toEqual([{ type: 'bytes-over', incoming: 1, isWhole: false }])
  })
})

describe('another program at the other side', () => {
  test('E107: a beginning in the midst of a transfer ends that one', () => {
    const [a, b] = Side.pair()
    a.say({ type: 'begin', label: 'one' })
    a.say({ type: 'begin', label: 'two' })
    expect(types(b.out())).toEqual(['bytes-coming', 'bytes-over', 'bytes-coming'])
  })

  test('E107: bytes and ends of nothing are nothing, and noise is told', () => {
    const [a, b] = Side.pair()
    a.say({ type: 'bytes', bytes: new Uint8Array(9) })
    a.say({ type: 'end' })
    a.say({ type: 'refuse', number: 4 })
    expect(b.out()).toEqual([])
    a.say(new Uint8Array([9]))
    expect(types(b.out())).toEqual(['malformed'])
  })
})
