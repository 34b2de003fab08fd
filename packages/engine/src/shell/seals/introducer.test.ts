import { joinBytes } from '@knothole/wire'
import type { Bytes, RoomId, Signal } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Introducer } from './introducer.ts'
import type { Credentials } from './introducer.ts'
import { cardEnvelope, randomBytes, secret, subtle } from '../store/known-answers.testing.ts'
import { deriveRoomKeys } from './room-keys.ts'
import { generateKeyPair, memberOf, peerOf, signingKeyOf } from './signing-key.ts'

const { room } = cardEnvelope
const card = { name: 'Ana', device: 'phone' } as const
const nonce = new Uint8Array(32).fill(7)
const candidates: Signal = { type: 'candidates', candidates: [], sequence: 3, attempt: 1 }

async function someone(): Promise<Credentials & { introducer: Introducer }> {
  const keys = await deriveRoomKeys(subtle, secret)
  const [identity, session] = await Promise.all([newKey(), newKey()])
  const peer = await peerOf(subtle, session.publicKey)
  const member = await memberOf(subtle, identity.publicKey)
  const credentials = { keys, identity, session, peer, member }
  return {
    ...credentials,
    introducer: new Introducer({ ...credentials, room }, { subtle, randomBytes }),
  }
}

const newKey = async (): ReturnType<typeof signingKeyOf> =>
  signingKeyOf(subtle, await generateKeyPair(subtle))

async function verifies(key: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  const publicKey = await subtle.importKey('raw', key, 'Ed25519', true, ['verify'])
  return subtle.verify('Ed25519', publicKey, signature, data)
}

describe('a join', () => {
  test('E7: both keys signed this room, nonce, session, card and offer', async () => {
    const { introducer, keys, session } = await someone()
    const join = await introducer.join(nonce, card, { offerSdp: 'an offer' })
    const parts = { room, nonce, session: join.session, card: join.card, offer: join.offer }
    const transcript = joinBytes(parts)
    expect(await verifies(keys.admission.publicKey, join.admission, transcript)).toBe(true)
    expect(await verifies(session.publicKey, join.proof, transcript)).toBe(true)
    for (const change of [
      { room: 'another' as RoomId },
      { nonce: new Uint8Array(32) },
      { card: new Uint8Array(1) },
      { offer: undefined },
      { session: new Uint8Array(32) },
    ]) {
      const other = joinBytes({ ...parts, ...change })
      expect(await verifies(keys.admission.publicKey, join.admission, other)).toBe(false)
      expect(await verifies(session.publicKey, join.proof, other)).toBe(false)
    }
  })

  test('E8: its offer opens for anyone in the room, as the first signal of its sender', async () => {
    const [ana, bo] = [await someone(), await someone()]
    const { offer } = await ana.introducer.join(nonce, card, { offerSdp: 'an offer' })
    const opened = await bo.introducer.openSignal(ana.peer, offer ?? new Uint8Array(), true)
    expect(opened).toEqual({
      type: 'signal-opened',
      peer: ana.peer,
      member: ana.member,
      signal: { type: 'offer', sdp: 'an offer', fresh: true, sequence: 0, attempt: 1 },
    })
  })

  test('E8: without an offer it has none', async () => {
    const { introducer } = await someone()
    expect((await introducer.join(nonce, card)).offer).toBe(undefined)
  })
})

describe('cards and signals', () => {
  test('E6: a card opens as its peer’s and nobody else’s', async () => {
    const [ana, bo] = [await someone(), await someone()]
    const sealed = await ana.introducer.sealCard(card)
    const { peer, member } = ana
    const expected = { type: 'card-opened', peer, member, card }
    expect(await bo.introducer.openCard(peer, sealed)).toEqual(expected)
    const refused = { type: 'card-refused', peer: bo.peer }
    expect(await bo.introducer.openCard(bo.peer, sealed)).toEqual(refused)
  })

  test('E6: a signal opens for its receiver only, and not as one to anyone', async () => {
    const [ana, bo, cy] = [await someone(), await someone(), await someone()]
    const sealed = await ana.introducer.sealSignal(bo.peer, candidates)
    const { peer, member } = ana
    const expected = { type: 'signal-opened', peer, member, signal: candidates }
    expect(await bo.introducer.openSignal(peer, sealed, false)).toEqual(expected)
    const refused = { type: 'signal-refused', peer }
    expect(await cy.introducer.openSignal(peer, sealed, false)).toEqual(refused)
    expect(await bo.introducer.openSignal(peer, sealed, true)).toEqual(refused)
  })

  test('E6: a card is no signal, and a signal no card', async () => {
    const [ana, bo] = [await someone(), await someone()]
    const { peer } = ana
    const sealedCard = await ana.introducer.sealCard(card)
    expect(await bo.introducer.openSignal(peer, sealedCard, true)).toEqual({
      type: 'signal-refused',
      peer,
    })
    const sealed = await ana.introducer.sealSignal(bo.peer, candidates)
    expect(await bo.introducer.openCard(peer, sealed)).toEqual({ type: 'card-refused', peer })
  })
})
