import {
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto'
import { parsePeerId, parseRoomId, relayBytes } from '@knothole/wire'
import type { Bytes, PeerId, RoomId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { subtle } from '../store/known-answers.testing.ts'
import { generateRelayKey } from './relay-key.ts'
import type { RelayKey } from './relay-key.ts'
import { RelaySealer } from './relay-sealer.ts'

const room = parseRoomId('8PHy8_T19vf4-fr7_P3-_w') as RoomId
const otherRoom = parseRoomId('AAAAAAAAAAAAAAAAAAAAAA') as RoomId
const alice = parsePeerId('ICEiIyQlJicoKSorLC0uLw') as PeerId
const bob = parsePeerId('MDEyMzQ1Njc4OTo7PD0-Pw') as PeerId
const mallory = parsePeerId('QEFCQ0RFRkdISUpLTE1OTw') as PeerId
const plain: Bytes = new Uint8Array([0, 1, 2, 3])

async function keyOf(): Promise<RelayKey> {
  const key = await generateRelayKey(subtle)
  if (key === undefined) throw new Error('this platform has no X25519')
  return key
}

async function pair(): Promise<{
  a: RelaySealer
  b: RelaySealer
  aKey: Bytes
  bKey: Bytes
  keys: [RelayKey, RelayKey]
}> {
  const keys: [RelayKey, RelayKey] = [await keyOf(), await keyOf()]
  const [a, b] = [
    new RelaySealer(subtle, { room, peer: alice, key: keys[0] }),
    new RelaySealer(subtle, { room, peer: bob, key: keys[1] }),
  ]
  return { a, b, aKey: keys[0].publicKey, bKey: keys[1].publicKey, keys }
}

async function sealed(from: RelaySealer, to: PeerId, key: Bytes): Promise<Bytes> {
  const bytes = await from.seal(to, key, plain)
  if (bytes === undefined) throw new Error('nothing was sealed')
  return bytes
}

describe('what is sealed for a relay', () => {
  test('E114: opens at the other side, both ways, in any order', async () => {
    const { a, b, aKey, bKey } = await pair()
    const [first, second] = [await sealed(a, bob, bKey), await sealed(a, bob, bKey)]
    expect(await b.open(alice, aKey, second)).toEqual(plain)
    expect(await b.open(alice, aKey, first)).toEqual(plain)
    expect(await a.open(bob, bKey, await sealed(b, alice, aKey))).toEqual(plain)
  })

  test('E114: has 24 bytes more than the packet, and no two are alike', async () => {
    const { a, bKey } = await pair()
    const [one, other] = [await sealed(a, bob, bKey), await sealed(a, bob, bKey)]
    expect(one.length).toBe(plain.length + 24)
    expect(one).not.toEqual(other)
    expect(one.subarray(8)).not.toEqual(other.subarray(8))
  })

  test('E114: opens once', async () => {
    const { a, b, aKey, bKey } = await pair()
    const once = await sealed(a, bob, bKey)
    expect(await b.open(alice, aKey, once)).toEqual(plain)
    expect(await b.open(alice, aKey, once)).toBe(undefined)
  })

  test('E114: opens with no byte changed or missing', async () => {
    const { a, b, aKey, bKey } = await pair()
    const good = await sealed(a, bob, bKey)
    for (let at = 0; at < good.length; at++) {
      const changed = new Uint8Array(good)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await b.open(alice, aKey, changed), `byte ${at}`).toBe(undefined)
      expect(await b.open(alice, aKey, good.slice(0, at)), `cut at ${at}`).toBe(undefined)
    }
    expect(await b.open(alice, aKey, good)).toEqual(plain)
  })

  test('E114: does not open for its sender, in another name, in another room or with another key', async () => {
    const { a, b, aKey, bKey, keys } = await pair()
    const good = await sealed(a, bob, bKey)
    expect(await a.open(bob, bKey, good)).toBe(undefined)
    expect(await b.open(mallory, aKey, good)).toBe(undefined)
    expect(await b.open(alice, (await keyOf()).publicKey, good)).toBe(undefined)
    const elsewhere = new RelaySealer(subtle, { room: otherRoom, peer: bob, key: keys[1] })
    expect(await elsewhere.open(alice, aKey, good)).toBe(undefined)
    const reloaded = new RelaySealer(subtle, { room, peer: bob, key: await keyOf() })
    expect(await reloaded.open(alice, aKey, good)).toBe(undefined)
  })

  test.each([
    ['of small order', new Uint8Array(32)],
    ['too short', new Uint8Array(31)],
  ])('E114: a key %s seals and opens nothing', async (_what, key) => {
    const { a } = await pair()
    expect(await a.seal(bob, key, plain)).toBe(undefined)
    expect(await a.open(bob, key, new Uint8Array(40))).toBe(undefined)
  })

  test('E114: is as the specification says, by another implementation', async () => {
    const bobs = generateKeyPairSync('x25519')
    const bKey = new Uint8Array(
      bobs.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32),
    )
    const own = await keyOf()
    const a = new RelaySealer(subtle, { room, peer: alice, key: own })
    const bytes = await sealed(a, bob, bKey)
    const spki = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), own.publicKey])
    const secret = diffieHellman({
      privateKey: bobs.privateKey,
      publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    })
    const info = relayBytes({ room, from: alice, to: bob, fromKey: own.publicKey, toKey: bKey })
    const key = Buffer.from(hkdfSync('sha256', secret, '', info, 32))
    const nonce = Buffer.concat([Buffer.alloc(4), bytes.subarray(0, 8)])
    const decipher = createDecipheriv('aes-256-gcm', key, nonce)
    decipher.setAuthTag(bytes.subarray(-16))
    const opened = Buffer.concat([decipher.update(bytes.subarray(8, -16)), decipher.final()])
    expect(new Uint8Array(opened)).toEqual(plain)
  })
})
