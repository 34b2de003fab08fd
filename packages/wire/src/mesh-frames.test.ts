import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { ALICE, BOB, MESH_FRAMES, MESH_NOTES, counting } from './golden.testing.ts'
import { MAX_CARD_BYTES, MAX_SUGGESTIONS } from './limits.ts'
import { decodeMeshFrame, decodeMeshNote, encodeMeshFrame, encodeMeshNote } from './mesh-frames.ts'

describe('frames of a mesh', () => {
  it.each(Object.entries(MESH_FRAMES))('W110 reads back %s', (_name, frame) => {
    expect(decodeMeshFrame(encodeMeshFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it('W110 takes the largest card', () => {
    const frame = { type: 'card', of: BOB, card: counting(MAX_CARD_BYTES) } as const
    expect(decodeMeshFrame(encodeMeshFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it.each<[string, object]>([
    ['a card too large', { type: 'card', of: BOB, card: counting(MAX_CARD_BYTES + 1) }],
    ['a root that is no peer', { type: 'beat', root: 'bob', number: 1, links: 1 }],
    ['a number below 0', { type: 'here', of: BOB, number: -1 }],
    ['typing that says neither', { type: 'typing', of: BOB, number: 1 }],
    ['another type', { type: 'text', of: BOB, number: 1 }],
  ])('W110 refuses %s', (_what, frame) => {
    expect(decodeMeshFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})

describe('notes about links', () => {
  it.each(Object.entries(MESH_NOTES))('W111 reads back %s', (_name, note) => {
    expect(decodeMeshNote(encodeMeshNote(note))).toEqual({ ok: true, value: note })
  })

  it('W111 takes as many suggestions as there may be, and no more', () => {
    const others = Array.from({ length: MAX_SUGGESTIONS }, () => ALICE)
    const note = { type: 'no', others } as const
    expect(decodeMeshNote(encodeMeshNote(note))).toEqual({ ok: true, value: note })
    const tooMany = encodeCbor({ type: 'no', others: [...others, BOB] })
    expect(decodeMeshNote(tooMany)).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})
