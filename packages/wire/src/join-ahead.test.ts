import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameSplitter, withLength } from './join-ahead.ts'
import { MAX_SERVER_FRAME_BYTES } from './limits.ts'

const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 })

describe('frames one after the other', () => {
  it('W28 come back whole and in order, wherever the network cuts', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(60), { minLength: 1, maxLength: 40 }), (sent, cuts) => {
        const all = Uint8Array.from(sent.flatMap((frame) => [...withLength(frame)]))
        const splitter = new FrameSplitter()
        const got: Uint8Array[] = []
        let at = 0
        for (let cut = 0; at < all.length; cut++) {
          const piece = all.slice(at, at + 1 + (cuts[cut % cuts.length] ?? 0))
          at += piece.length
          got.push(...(splitter.push(piece) ?? []))
        }
        expect(got).toEqual(sent)
      }),
    )
  })

  it('W28 end where a length is that no frame has', () => {
    const splitter = new FrameSplitter()
    const longest = new Uint8Array(4)
    new DataView(longest.buffer).setUint32(0, MAX_SERVER_FRAME_BYTES + 1)
    expect(splitter.push(longest)).toBeUndefined()
  })

  it('W28 whatever bytes come: it never throws, and keeps at most one unfinished frame', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
        const splitter = new FrameSplitter()
        let taken = 0
        for (const piece of pieces) {
          const found = splitter.push(piece)
          if (found === undefined) return
          taken += found.reduce((sum, { length }) => sum + 4 + length, 0)
        }
        const sent = pieces.reduce((sum, { length }) => sum + length, 0)
        expect(sent - taken).toBeLessThan(4 + MAX_SERVER_FRAME_BYTES)
      }),
    )
  })
})
