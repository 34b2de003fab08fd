import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { BOB, counting } from './golden.testing.ts'
import { ID_BYTES, peerIdOf } from './ids.ts'
import { MAX_CLIENT_FRAME_BYTES, MAX_RELAY_BYTES } from './limits.ts'
import { readRelay, writeRelay } from './relay-frame.ts'
import { decodeClientFrame, encodeClientFrame, encodeServerFrame } from './rendezvous-frames.ts'

const anyPeer = fc
  .uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES })
  .map((bytes) => peerIdOf(bytes))
const lengths = [1, 2, 23, 24, 25, 255, 256, 257, 4096, MAX_RELAY_BYTES - 1, MAX_RELAY_BYTES]

describe('relay frames', () => {
  it.each(lengths)('W41 are read and written without decoding, at a body of %d bytes', (length) => {
    const body = counting(length)
    const frame = encodeClientFrame({ type: 'relay', to: BOB, body })
    expect(frame.length).toBeLessThanOrEqual(MAX_CLIENT_FRAME_BYTES)
    const read = readRelay(frame)
    expect(read?.to).toBe(BOB)
    expect(Buffer.compare(read?.body ?? counting(0), body)).toBe(0)
    const written = writeRelay(BOB, body)
    expect(Buffer.compare(written, encodeServerFrame({ type: 'relay', from: BOB, body }))).toBe(0)
  })

  it('W41 are read quickly only where the decoder of all frames reads the same', () => {
    const damaged = fc
      .tuple(anyPeer, fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(400), fc.nat(255))
      .map(([to, body, at, byte]) => {
        const frame = encodeClientFrame({ type: 'relay', to, body: Uint8Array.from(body) })
        frame[at % frame.length] = byte
        return frame
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 80 })), (frame) => {
        const read = readRelay(frame)
        if (read === undefined) return
        const body = Uint8Array.from(read.body)
        const value = { type: 'relay', to: read.to, body }
        expect(decodeClientFrame(frame)).toEqual({ ok: true, value })
      }),
      { numRuns: 2000 },
    )
  })

  it.each<[string, object]>([
    ['a later field', { type: 'relay', to: BOB, body: counting(3), urgent: true }],
    ['another type', { type: 'delay', to: BOB, body: counting(3) }],
    ['no body', { type: 'relay', to: BOB, body: counting(0) }],
    ['a body too large', { type: 'relay', to: BOB, body: counting(MAX_RELAY_BYTES + 1) }],
    ['a text for a body', { type: 'relay', to: BOB, body: 'abc' }],
    ['an id that is not canonical', { type: 'relay', to: `${'A'.repeat(21)}B`, body: counting(3) }],
    ['an id that is none', { type: 'relay', to: `${'A'.repeat(21)}!`, body: counting(3) }],
  ])('W41 leaves a frame with %s to the decoder of all frames', (_what, frame) => {
    expect(readRelay(encodeCbor(frame))).toBeUndefined()
  })

  it('W41 gives the body as a view, and writes a copy', () => {
    const frame = encodeClientFrame({ type: 'relay', to: BOB, body: counting(40) })
    const body = readRelay(frame)?.body ?? counting(0)
    expect(body.buffer).toBe(frame.buffer)
    const written = writeRelay(BOB, body)
    body.fill(0)
    expect(written).toEqual(encodeServerFrame({ type: 'relay', from: BOB, body: counting(40) }))
  })
})
