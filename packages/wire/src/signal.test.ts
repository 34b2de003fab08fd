import { describe, expect, it } from 'vitest'

import { decodeCard, encodeCard } from './card.ts'
import { encodeCbor } from './cbor.ts'
import { CARD, SIGNALS, WIDE_CARD, counting } from './golden.testing.ts'
import {
  MAX_CANDIDATES_PER_SIGNAL,
  MAX_CANDIDATE_LENGTH,
  MAX_NAME_LENGTH,
  MAX_NOTE_BYTES,
  MAX_SDP_LENGTH,
  MAX_SIGNAL_BYTES,
  MAX_UFRAG_LENGTH,
} from './limits.ts'
import { SEAL_OVERHEAD_BYTES } from './sealed.ts'
import { decodeSignal, encodeSignal } from './signal.ts'
import type { Signal } from './signal.ts'

const offer = SIGNALS['offer'] as Signal & { type: 'offer' }
const answer = SIGNALS['answer'] as Signal & { type: 'answer' }
const trickle = SIGNALS['candidates'] as Signal & { type: 'candidates' }
const one = { candidate: '', ufrag: '' }

describe('cards', () => {
  it.each(['desktop', 'phone', 'node'] as const)('W20 reads back the card of a %s', (device) => {
    const card = { name: '👋'.repeat(MAX_NAME_LENGTH / 2), device }
    expect(decodeCard(encodeCard(card))).toEqual({ ok: true, value: card })
  })

  it('W20 reads back a card with all there is to say', () => {
    expect(decodeCard(encodeCard(WIDE_CARD))).toEqual({ ok: true, value: WIDE_CARD })
  })

  it.each<[string, object]>([
    ['a name too long', { ...CARD, name: 'n'.repeat(MAX_NAME_LENGTH + 1) }],
    ['an unknown device', { ...CARD, device: 'fridge' }],
    ['a relay key too short', { ...CARD, relayKey: counting(31) }],
    ['a willingness that is a number', { ...CARD, relays: 1 }],
  ])('W20 refuses %s', (_what, card) => {
    expect(decodeCard(encodeCbor(card))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})

describe('signals', () => {
  it.each(Object.entries(SIGNALS))('W21 reads back an %s', (_name, signal) => {
    expect(decodeSignal(encodeSignal(signal))).toEqual({ ok: true, value: signal })
  })

  it('W21 the largest description fits a sealed signal', () => {
    const signal = { ...offer, sdp: 'a'.repeat(MAX_SDP_LENGTH) }
    const bytes = encodeSignal(signal)
    expect(bytes.length).toBeLessThanOrEqual(MAX_SIGNAL_BYTES - SEAL_OVERHEAD_BYTES)
    expect(decodeSignal(bytes)).toEqual({ ok: true, value: signal })
  })

  it.each<[string, object]>([
    ['a description too long', { ...offer, sdp: 'a'.repeat(MAX_SDP_LENGTH + 1) }],
    ['a negative sequence', { ...offer, sequence: -1 }],
    ['an answer to no offer', { ...answer, offer: 'x' }],
    [
      'a candidate too long',
      { ...trickle, candidates: [{ ...one, candidate: 'c'.repeat(MAX_CANDIDATE_LENGTH + 1) }] },
    ],
    [
      'a ufrag too long',
      { ...trickle, candidates: [{ ...one, ufrag: 'u'.repeat(MAX_UFRAG_LENGTH + 1) }] },
    ],
    [
      'too many candidates',
      { ...trickle, candidates: Array.from({ length: MAX_CANDIDATES_PER_SIGNAL + 1 }, () => one) },
    ],
    ['a way that is a text', { ...offer, way: 'b' }],
    ['an empty note', { ...SIGNALS['note'], note: counting(0) }],
    ['a note too long', { ...SIGNALS['note'], note: counting(MAX_NOTE_BYTES + 1) }],
    ['a candidate without its ufrag', { ...trickle, candidates: [{ candidate: '' }] }],
  ])('W21 refuses %s', (_what, signal) => {
    expect(decodeSignal(encodeCbor(signal))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})
