import { expect, test } from 'vitest'
import { bytesOf, hexOf, known, secret, subtle } from '../store/known-answers.testing.ts'
import { deriveRoomKeys } from './room-keys.ts'
import { generateKeyPair, memberOf, peerOf, signingKeyOf } from './signing-key.ts'

const iv = new Uint8Array(12)

test('E1: known answer: the admission key of a secret', async () => {
  const { admission } = await deriveRoomKeys(subtle, secret)
  expect(hexOf(admission.publicKey)).toBe(known.admissionPublicKey)
  const data = new Uint8Array([1, 2, 3])
  const signature = new Uint8Array(await subtle.sign('Ed25519', admission.privateKey, data))
  const publicKey = await subtle.importKey('raw', admission.publicKey, 'Ed25519', true, ['verify'])
  expect(await subtle.verify('Ed25519', publicKey, signature, data)).toBe(true)
})

test.each(['introduction', 'content'] as const)(
  'E1: known answer: the %s key of a secret',
  async (name) => {
    const keys = await deriveRoomKeys(subtle, secret)
    const raw = bytesOf(known[`${name}Key`])
    const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
    const data = new Uint8Array(40)
    const algorithm = { name: 'AES-GCM', iv }
    const [ours, expected] = await Promise.all([
      subtle.encrypt(algorithm, keys[name], data),
      subtle.encrypt(algorithm, key, data),
    ])
    expect(hexOf(new Uint8Array(ours))).toBe(hexOf(new Uint8Array(expected)))
  },
)

test('E1: known answer: the log id of a secret', async () => {
  expect(hexOf((await deriveRoomKeys(subtle, secret)).logId)).toBe(known.logId)
})

test('E1: another secret gives other keys', async () => {
  const { admission } = await deriveRoomKeys(subtle, new Uint8Array(16))
  expect(hexOf(admission.publicKey)).not.toBe(known.admissionPublicKey)
})

test('E2: the introduction key cannot be read back', async () => {
  const { introduction } = await deriveRoomKeys(subtle, secret)
  await expect(subtle.exportKey('raw', introduction)).rejects.toThrow(/extractable/)
})

test('E3: known answer: member and peer ids are hashes of public keys', async () => {
  const key = bytesOf(known.identityPublicKey)
  expect(await memberOf(subtle, key)).toBe(known.member)
  expect(await peerOf(subtle, key)).toBe(known.member)
})

test('E3: the private half of a key pair cannot be read', async () => {
  const pair = await generateKeyPair(subtle)
  await expect(subtle.exportKey('jwk', pair.privateKey)).rejects.toThrow(/extractable/)
  expect((await signingKeyOf(subtle, pair)).publicKey.length).toBe(32)
})
