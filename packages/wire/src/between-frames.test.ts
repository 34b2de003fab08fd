import { describe, expect, it } from 'vitest'

import { decodeBetweenFrame, encodeBetweenFrame } from './between-frames.ts'
import { encodeCbor } from './cbor.ts'
import { BETWEEN_FRAMES, BOB, counting } from './golden.testing.ts'
import { MAX_CARD_BYTES, MAX_CARRIED_BYTES, MAX_HOPS, MAX_TOLD_LINKS } from './limits.ts'

const carry = BETWEEN_FRAMES['carry']

describe('frames between members', () => {
  it.each(Object.entries(BETWEEN_FRAMES))('W90 reads back %s', (_name, frame) => {
    expect(decodeBetweenFrame(encodeBetweenFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it('W90 takes each up to its limit', () => {
    for (const frame of [
      { type: 'links', peers: Array.from({ length: MAX_TOLD_LINKS }, () => BOB) },
      { type: 'card', peer: BOB, card: counting(MAX_CARD_BYTES) },
      { ...carry, hops: 0, body: counting(MAX_CARRIED_BYTES) },
    ] as const) {
      expect(decodeBetweenFrame(encodeCbor(frame))).toEqual({ ok: true, value: frame })
    }
  })

  it.each<[string, object]>([
    ['more links than anyone has', { type: 'links', peers: Array(MAX_TOLD_LINKS + 1).fill(BOB) }],
    ['links with what is no peer', { type: 'links', peers: ['bob'] }],
    ['a card too large', { type: 'card', peer: BOB, card: counting(MAX_CARD_BYTES + 1) }],
    ['a signal too large', { ...carry, body: counting(MAX_CARRIED_BYTES + 1) }],
    ['an empty signal', { ...carry, body: counting(0) }],
    ['more hands than may pass it on', { ...carry, hops: MAX_HOPS + 1 }],
    ['fewer hands than none', { ...carry, hops: -1 }],
  ])('W90 refuses %s', (_what, frame) => {
    expect(decodeBetweenFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})
