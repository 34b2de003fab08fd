import { encodeCard, encodeSigned, envelopeBytes, signedBytes } from '@knothole/wire'
import type { Bytes, Envelope, PeerId, RoomId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import {
  cardEnvelope,
  hexOf,
  known,
  knownIdentity,
  knownNonce,
  randomBytes,
  secret,
  subtle,
} from '../store/known-answers.testing.ts'
import { deriveRoomKeys } from './room-keys.ts'
import { Sealer } from './sealer.ts'

const keys = deriveRoomKeys(subtle, secret)
const payload = encodeCard(known.card)
const signal: Envelope = { ...cardEnvelope, purpose: 'signal', to: 'bob' as PeerId }

async function sealer(random = randomBytes): Promise<Sealer> {
  return new Sealer({ subtle, randomBytes: random }, (await keys).introduction)
}

async function seal(envelope: Envelope = cardEnvelope): Promise<Bytes> {
  return (await sealer()).seal(envelope, payload, await knownIdentity())
}

describe('what is sealed', () => {
  test('E4: known answer: a sealed card', async () => {
    const fixed = await sealer(knownNonce)
    const sealed = await fixed.seal(cardEnvelope, payload, await knownIdentity())
    expect(hexOf(sealed)).toBe(known.sealedCard)
  })

  test('E4: opens to its payload and its author', async () => {
    const opened = await (await sealer()).open(cardEnvelope, await seal())
    expect(opened).toEqual({ member: known.member, payload })
  })

  test('E4: two seals of one payload have nothing in common', async () => {
    const [one, other] = [await seal(), await seal()]
    expect(hexOf(one.slice(0, 12))).not.toBe(hexOf(other.slice(0, 12)))
    expect(hexOf(one.slice(12))).not.toBe(hexOf(other.slice(12)))
  })
})

describe('what is refused', () => {
  test('E6: any byte changed', async () => {
    const sealed = await seal()
    const opener = await sealer()
    const opened = await Promise.all(
      Array.from(sealed, (byte, at) => opener.open(cardEnvelope, sealed.with(at, byte ^ 1))),
    )
    expect(opened.filter((result) => result !== undefined)).toEqual([])
  })

  test('E6: any byte missing, and bytes too many', async () => {
    const sealed = await seal()
    const opener = await sealer()
    for (const length of [0, 1, 11, 12, 13, 27, 28, sealed.length - 1])
      expect(await opener.open(cardEnvelope, sealed.slice(0, length))).toBe(undefined)
    expect(await opener.open(cardEnvelope, new Uint8Array([...sealed, 0]))).toBe(undefined)
  })

  test.each([
    ['purpose', { ...signal, purpose: 'card' }],
    ['room', { ...signal, room: 'another' as RoomId }],
    ['sender', { ...signal, from: 'another' as PeerId }],
    ['receiver', { ...signal, to: 'another' as PeerId }],
    ['anyone', { ...signal, to: undefined }],
  ] as const)('E6: another %s', async (_, envelope) => {
    const sealed = await seal(signal)
    const opener = await sealer()
    expect(await opener.open(signal, sealed)).toBeDefined()
    expect(await opener.open(envelope, sealed)).toBe(undefined)
  })

  test('E6: another key', async () => {
    const { introduction } = await deriveRoomKeys(subtle, new Uint8Array(16))
    const stranger = new Sealer({ subtle, randomBytes }, introduction)
    expect(await stranger.open(cardEnvelope, await seal())).toBe(undefined)
  })

  test('E5: a signature for another envelope, by another, or none, under a good seal', async () => {
    const identity = await knownIdentity()
    const { publicKey } = identity
    const good = await identity.sign(signedBytes(cardEnvelope, payload))
    const opener = await sealer()
    const openedWith = async (signature: Bytes, key: Bytes = publicKey): Promise<unknown> =>
      opener.open(
        cardEnvelope,
        await sealPlain(encodeSigned({ identity: key, signature, payload })),
      )
    expect(await openedWith(good)).toBeDefined()
    expect(await openedWith(await identity.sign(signedBytes(signal, payload)))).toBe(undefined)
    expect(await openedWith(new Uint8Array(64))).toBe(undefined)
    expect(await openedWith(good, randomBytes(32))).toBe(undefined)
    expect(await openedWith(good, new Uint8Array(32))).toBe(undefined)
  })

  test('E6: a good seal around something else', async () => {
    const opener = await sealer()
    expect(await opener.open(cardEnvelope, await sealPlain(payload))).toBe(undefined)
  })
})

/** Seals any bytes, as a member with a program of its own can. */
async function sealPlain(plain: Bytes): Promise<Bytes> {
  const iv = randomBytes(12)
  const additionalData = envelopeBytes(cardEnvelope)
  const algorithm = { name: 'AES-GCM', iv, additionalData }
  const ciphertext = await subtle.encrypt(algorithm, (await keys).introduction, plain)
  return new Uint8Array([...iv, ...new Uint8Array(ciphertext)])
}
