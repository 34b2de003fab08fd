import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Bytes } from './bytes.ts'
import { STREAM_PACKETS, counting, fromHex, toHex } from './golden.testing.ts'
import { MAX_LINK_FRAME_BYTES, MAX_RELAY_BYTES, MAX_SEGMENT_BYTES } from './limits.ts'
import {
  MAX_ACK_RANGES,
  decodeStreamPacket,
  encodeStreamPacket,
  packFrames,
  packedFrameBytes,
  unpackFrames,
} from './stream-packets.ts'
import type { LaneAck, StreamPacket } from './stream-packets.ts'

const segment = STREAM_PACKETS['talk'] as StreamPacket & { type: 'segment' }

const number = fc.oneof(fc.nat(300), fc.maxSafeNat())

const laneAck: fc.Arbitrary<LaneAck> = fc
  .tuple(
    fc.nat(2 ** 40),
    fc.array(fc.tuple(fc.nat(2 ** 30), fc.integer({ min: 1, max: 2 ** 30 })), {
      maxLength: MAX_ACK_RANGES,
    }),
  )
  .map(([upTo, steps]) => {
    let from = upTo
    const ranges = steps.map(([skip, length]): [number, number] => {
      const first = from + skip
      from = first + length
      return [first, from]
    })
    return { upTo, ranges }
  })

const anyPacket: fc.Arbitrary<StreamPacket> = fc.oneof(
  fc.record({
    type: fc.constant('segment' as const),
    lane: fc.constantFrom('talk' as const, 'bulk' as const),
    number,
    ack: number,
    more: fc.boolean(),
    payload: fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes)),
  }),
  fc.record({ type: fc.constant('ack' as const), talk: laneAck, bulk: laneAck }),
  fc.record({
    type: fc.constant('passing' as const),
    channel: number,
    body: fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => new Uint8Array(bytes)),
  }),
)

/** Whether bytes are no packet, or a packet in the one form it is written in. */
function isCanonical(bytes: Bytes): boolean {
  const read = decodeStreamPacket(bytes)
  return read === undefined || toHex(encodeStreamPacket(read)) === toHex(bytes)
}

describe('stream packets', () => {
  it.each(Object.entries(STREAM_PACKETS))('W50 reads back %s', (_name, packet) => {
    expect(decodeStreamPacket(encodeStreamPacket(packet))).toEqual(packet)
  })

  it('W50 W51 reads back whatever is written', () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        expect(decodeStreamPacket(encodeStreamPacket(packet))).toEqual(packet)
      }),
    )
  })

  it('W50 reads back frames that were packed, and how many bytes each takes', () => {
    const frames = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
        fc.constantFrom(127, 128, MAX_SEGMENT_BYTES, 16_383, 16_384).map((n) => counting(n)),
      ),
      { minLength: 2, maxLength: 20 },
    )
    fc.assert(
      fc.property(frames, (packed) => {
        const payload = packFrames(packed)
        expect(unpackFrames(payload)?.map(toHex)).toEqual(packed.map(toHex))
        expect(payload.length).toBe(packed.reduce((sum, frame) => sum + packedFrameBytes(frame), 0))
      }),
      { numRuns: 50 },
    )
  })

  it('W50 a short frame on a young link costs three bytes', () => {
    expect(encodeStreamPacket(segment).length).toBe(segment.payload.length + 3)
  })

  it('W50 the largest segment fits a data channel, and a relayed body with 40 bytes of seals', () => {
    const largest = { ...segment, number: Number.MAX_SAFE_INTEGER, ack: Number.MAX_SAFE_INTEGER }
    const bytes = encodeStreamPacket({ ...largest, payload: new Uint8Array(MAX_SEGMENT_BYTES) })
    expect(bytes.length).toBeLessThanOrEqual(MAX_LINK_FRAME_BYTES)
    expect(bytes.length).toBeLessThanOrEqual(MAX_RELAY_BYTES - 40)
  })

  it('W51 more ranges than are told in one packet are left for the next', () => {
    const ranges = Array.from({ length: 40 }, (_, at) => [2 * at + 1, 2 * at + 2] as const)
    const lane = { upTo: 0, ranges }
    const read = decodeStreamPacket(encodeStreamPacket({ type: 'ack', talk: lane, bulk: lane }))
    const told = { upTo: 0, ranges: ranges.slice(0, MAX_ACK_RANGES) }
    expect(read).toEqual({ type: 'ack', talk: told, bulk: told })
  })

  it.each([
    ['nothing', ''],
    ['a head alone', '00'],
    ['a number cut short', '0080'],
    ['no acknowledgement', '0005'],
    ['a padded number', '008000 00'],
    ['a number beyond 2^53-1', '00 ffffffffffffff1f 00'],
    ['an empty passing packet', '0205'],
    ['a passing packet with the bit of a segment', '060500'],
    ['a head of a later version', '100000'],
    ['a packed payload of nothing', '080000'],
    ['a packed payload of one frame', '080000 01 07'],
    ['a packed payload whose last frame is cut short', '080000 01 07 02 07'],
    ['a packed payload with a padded length', '080000 01 07 8000'],
    ['a packed payload that goes on', '0c0000 01 07 01 08'],
    ['an acknowledgement of one lane', '030000'],
    ['an empty range', '03 00 01 00 00 00 00'],
    ['too many ranges', `03 00 11 ${'00 01'.repeat(17)} 00 00`],
    ['a range beyond 2^53-1', '03 ffffffffffffff0f 01 00 01 00 00'],
    ['bytes left over', '03 00 00 00 00 00'],
  ])('W52 refuses %s', (_what, hex) => {
    expect(decodeStreamPacket(fromHex(hex))).toBe(undefined)
  })

  it('W53 refuses a passing body larger than a relayed one may be', () => {
    const body = new Uint8Array(MAX_RELAY_BYTES)
    const largest = encodeStreamPacket({ type: 'passing', channel: 3, body })
    expect(decodeStreamPacket(largest)).toEqual({ type: 'passing', channel: 3, body })
    expect(decodeStreamPacket(Uint8Array.from([...largest, 0]))).toBe(undefined)
  })

  it('W52 refuses a payload larger than a segment', () => {
    const bytes = encodeStreamPacket({ ...segment, payload: counting(MAX_SEGMENT_BYTES + 1) })
    expect(decodeStreamPacket(bytes)).toBe(undefined)
  })

  it('W52 reads any bytes without a throw, and only in the form they are written', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) =>
          isCanonical(new Uint8Array(bytes)),
        ),
        { numRuns: 2_000 },
      ),
    ).not.toThrow()
  })
})
