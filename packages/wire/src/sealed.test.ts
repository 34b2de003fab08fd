import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { ALICE, BOB, ROOM, SIGNED, counting, toHex } from './golden.testing.ts'
import { MAX_CARD_BYTES, MAX_SIGNAL_BYTES, PROTOCOL_VERSION } from './limits.ts'
import {
  SEAL_NONCE_BYTES,
  SEAL_OVERHEAD_BYTES,
  decodeSigned,
  encodeSigned,
  envelopeBytes,
  joinBytes,
  relayBytes,
  signedBytes,
} from './sealed.ts'
import type { Envelope } from './sealed.ts'

const TAG_BYTES = 16
const envelope = { purpose: 'signal', room: ROOM, from: ALICE, to: BOB } as const

describe('sealed bytes', () => {
  it.each([MAX_CARD_BYTES, MAX_SIGNAL_BYTES])(
    'W16 a payload fits %d bytes with its overhead',
    (max) => {
      const payload = new Uint8Array(max - SEAL_OVERHEAD_BYTES)
      const signed = encodeSigned({ ...SIGNED, payload })
      expect(SEAL_NONCE_BYTES + signed.length + TAG_BYTES).toBeLessThanOrEqual(max)
      expect(decodeSigned(signed)).toEqual({ ok: true, value: { ...SIGNED, payload } })
    },
  )

  it.each<[string, object]>([
    ['a short identity', { ...SIGNED, identity: counting(31) }],
    ['a short signature', { ...SIGNED, signature: counting(63) }],
    ['an empty payload', { ...SIGNED, payload: counting(0) }],
    ['a text as payload', { ...SIGNED, payload: 'x' }],
  ])('W18 refuses %s', (_what, value) => {
    expect(decodeSigned(encodeCbor(value))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})

describe('what is authenticated', () => {
  it('W17 an envelope is purpose, version, room, sender and receiver or null', () => {
    const fields = ['knothole signal', PROTOCOL_VERSION, ROOM, ALICE]
    expect(envelopeBytes(envelope)).toEqual(encodeCbor([...fields, BOB]))
    expect(envelopeBytes({ ...envelope, to: undefined })).toEqual(encodeCbor([...fields, null]))
  })

  it('W17 no two circumstances share an envelope', () => {
    const others: Envelope[] = [
      envelope,
      { ...envelope, purpose: 'card' },
      { ...envelope, from: BOB, to: ALICE },
      { ...envelope, to: undefined },
      { ...envelope, purpose: 'card', to: undefined },
    ]
    expect(new Set(others.map((other) => toHex(envelopeBytes(other)))).size).toBe(others.length)
  })

  it('W18 the signed bytes are the envelope and the payload, each as one byte string', () => {
    const payload = counting(300)
    expect(signedBytes(envelope, payload)).toEqual(encodeCbor([envelopeBytes(envelope), payload]))
  })

  it('W19 the join transcript names everything the join carries, an absent offer as null', () => {
    const join = { room: ROOM, nonce: counting(32), session: counting(32, 9), card: counting(3) }
    const fields = ['knothole join', PROTOCOL_VERSION, ROOM, join.nonce, join.session, join.card]
    expect(joinBytes(join)).toEqual(encodeCbor([...fields, null]))
    expect(joinBytes({ ...join, offer: counting(4) })).toEqual(encodeCbor([...fields, counting(4)]))
  })

  it('W55 the key of a direction comes of the room, both ids and both keys, in its order', () => {
    const direction = {
      room: ROOM,
      from: ALICE,
      to: BOB,
      fromKey: counting(32),
      toKey: counting(32, 9),
    }
    expect(relayBytes(direction)).toEqual(
      encodeCbor([
        'knothole relay',
        PROTOCOL_VERSION,
        ROOM,
        ALICE,
        BOB,
        counting(32),
        counting(32, 9),
      ]),
    )
    const back = {
      ...direction,
      from: BOB,
      to: ALICE,
      fromKey: counting(32, 9),
      toKey: counting(32),
    }
    expect(relayBytes(back)).not.toEqual(relayBytes(direction))
  })

  it('W19 no signature over one of the three can pass for another', () => {
    const heads = [
      envelopeBytes(envelope),
      signedBytes(envelope, counting(1)),
      joinBytes({ room: ROOM, nonce: counting(32), session: counting(32), card: counting(1) }),
    ].map((bytes) => toHex(bytes.subarray(0, 2)))
    expect(new Set(heads).size).toBe(3)
  })
})
