import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { StreamFrame, StreamFraming } from './stream-framing.ts'
import { MAX_STREAM_FRAME_BYTES, createStreamFraming } from './stream-framing.ts'
import { anyMessage } from './stun/stun-arbitraries.testing.ts'
import { encodeMessage } from './stun/stun-message.ts'
import { SAMPLE_REQUEST, fromHex, fromText } from './stun/stun-vectors.testing.ts'

function drain(framing: StreamFraming): StreamFrame[] {
  const frames: StreamFrame[] = []
  for (let frame = framing.poll(); frame !== undefined; frame = framing.poll()) frames.push(frame)
  return frames
}

function channelData(channel: number, data: Uint8Array): Uint8Array {
  const { length } = data
  return Uint8Array.from([channel >> 8, channel & 0xff, length >> 8, length & 0xff, ...data])
}

function padded(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes, ...Array.from({ length: -bytes.length & 3 }, () => 0xee)])
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** Feeds the bytes in chunks of the given sizes, over and over. */
function readInChunks(bytes: Uint8Array, sizes: readonly number[]): StreamFrame[] {
  const framing = createStreamFraming()
  const frames: StreamFrame[] = []
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    framing.push(bytes.slice(offset, offset + size))
    frames.push(...drain(framing))
    offset += size
  }
  expect(framing.pendingBytes()).toBe(0)
  return frames
}

const anyFrame: fc.Arbitrary<StreamFrame> = fc.oneof(
  anyMessage.map((message) => ({ type: 'stun' as const, bytes: encodeMessage(message) })),
  fc
    .tuple(fc.integer({ min: 0x40_00, max: 0x7f_ff }), fc.uint8Array({ maxLength: 300 }))
    .map(([channel, data]) => ({
      type: 'channel-data' as const,
      bytes: channelData(channel, data),
    })),
)

describe('a stream', () => {
  it('T23 gives the same frames however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }),
        (frames, sizes) => {
          const bytes = joined(frames.map((frame) => padded(frame.bytes)))
          expect(readInChunks(bytes, sizes)).toEqual(frames)
          expect(readInChunks(bytes, [1])).toEqual(frames)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('T23 reads the longest frames there are, in small pieces', () => {
    const longest = channelData(0x40_00, new Uint8Array(65_535).fill(7))
    const stun = encodeMessage({
      class: 'indication',
      method: 6,
      transactionId: new Uint8Array(12),
      attributes: [{ type: 'data', value: new Uint8Array(65_400).fill(9) }],
    })
    const frames = readInChunks(joined([padded(longest), stun]), [1460])
    // Compared at once: the matcher of the tests looks at every byte by itself.
    expect(Buffer.concat(frames.map(({ bytes }) => bytes)).equals(joined([longest, stun]))).toBe(
      true,
    )
    expect(frames.map(({ type }) => type)).toEqual(['channel-data', 'stun'])
  })

  it('T23 never writes again to memory it gave out', () => {
    const framing = createStreamFraming()
    const frames: StreamFrame[] = []
    const bytes = joined([SAMPLE_REQUEST, SAMPLE_REQUEST, SAMPLE_REQUEST])
    for (let offset = 0; offset < bytes.length; offset += 50) {
      framing.push(Buffer.from(bytes.subarray(offset, offset + 50)))
      frames.push(...drain(framing))
    }
    expect(frames.map((frame) => frame.bytes)).toEqual([
      SAMPLE_REQUEST,
      SAMPLE_REQUEST,
      SAMPLE_REQUEST,
    ])
  })

  it.each([
    ['TLS', 'wrong-length', fromHex('1603010200010001')],
    ['RTP', 'not-stun', fromHex('80')],
    ['a wrong magic cookie', 'not-stun', fromHex('000100002112a443')],
    ['HTTP, which looks like a channel of 0x2054 bytes', undefined, fromText('GET /chat HTTP/1.1')],
    ['a length that is no multiple of 4', 'wrong-length', fromHex('00010002')],
  ])('T24 %s: %s', (_what, fault, bytes) => {
    const framing = createStreamFraming()
    framing.push(bytes)
    expect(framing.poll()).toBeUndefined()
    expect(framing.fault()).toBe(fault)
  })

  it('T24 gives the frames before the garbage, then nothing ever again', () => {
    const framing = createStreamFraming()
    framing.push(joined([SAMPLE_REQUEST, fromHex('ffffffff')]))
    expect(drain(framing)).toHaveLength(1)
    expect(framing.fault()).toBe('not-stun')
    expect(framing.push(SAMPLE_REQUEST)).toBe(false)
    expect(framing.poll()).toBeUndefined()
    expect(framing.pendingBytes()).toBe(0)
  })

  it('T24 keeps to a smaller limit when given one', () => {
    const framing = createStreamFraming(100)
    framing.push(channelData(0x40_00, new Uint8Array(97)))
    expect(drain(framing)).toEqual([])
    expect(framing.fault()).toBe('too-long')
  })

  it('T25 does not keep a chunk for the few bytes that wait in it', () => {
    const framing = createStreamFraming()
    const chunk = joined([...Array.from({ length: 500 }, () => SAMPLE_REQUEST), fromHex('0001')])
    framing.push(chunk)
    expect(drain(framing)).toHaveLength(500)
    chunk.fill(0xff, chunk.length - 2)
    // Had it kept the chunk itself, the two bytes were garbage now.
    framing.push(SAMPLE_REQUEST.slice(2))
    expect(drain(framing)).toEqual([{ type: 'stun', bytes: SAMPLE_REQUEST }])
  })

  it('T25 holds no more than a frame, whatever comes, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 100 }),
            anyFrame.map(({ bytes }) => bytes),
          ),
          {
            maxLength: 30,
          },
        ),
        (chunks) => {
          const framing = createStreamFraming(400)
          for (const chunk of chunks) {
            framing.push(chunk)
            for (const { bytes } of drain(framing)) expect(bytes.length).toBeLessThanOrEqual(400)
            expect(framing.pendingBytes()).toBeLessThanOrEqual(403)
          }
        },
      ),
    )
    expect(MAX_STREAM_FRAME_BYTES).toBeGreaterThan(65_539)
  })
})
