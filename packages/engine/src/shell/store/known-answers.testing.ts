// Known answers, computed once with node:crypto and wire, so that another implementation can be held
// against them: room secret 00 01 … 0f, identity of RFC 8032 section 7.1 test 1, room id f0 … ff, peer
// id 20 … 2f, nonce a0 … ab.
import { parsePeerId, parseRoomId } from '@knothole/wire'
import type { Bytes, Envelope } from '@knothole/wire'
import type { Subtle } from '../../ports/index.ts'
import type { SigningKey } from '../seals/signing-key.ts'

export const subtle = globalThis.crypto.subtle as unknown as Subtle

export const secret: Bytes = Uint8Array.from({ length: 16 }, (_, at) => at)

export const known = {
  admissionPublicKey: '145ec051e8bb137306b848bb03f595f547712c04c932b8daa3507fa6159a5b6d',
  introductionKey: '945be9db49a63b675c49b408549fea56ed2e072d629028ab884abed7d7556dc3',
  contentKey: '929584054b6a4c7e6792463b6dcc49245c2a13249f95b3b7b3584053be76a2ae',
  sealedBody: 'a0a1a2a3a4a5a6a7a8a9aaabc0e070929fd17a71c3c877c6e4b6fb9672beef',
  logId: 'be4bdb5a501dad6584568933720cb694',
  identitySeed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  identityPublicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  member: 'If4x36FUomFia_hUBG_SJw',
  card: { name: 'Ana', device: 'phone' },
  sealedCard:
    'a0a1a2a3a4a5a6a7a8a9aaabb3b15b8a6448b09000bf9c78701c9765cad03271ce41f42058581438f6ca822335f6e34f' +
    '560629c426f50903bcb7621f2ac7666e786972a0cf8337756b136481f6eb9f0890875ecb84f6cf19ee34d0fdcc60b258' +
    '124dd8cf2f74388b7e0cd5e37c687ba20831eccb510cb2afaa2e4f3b2df35c7b23ae16921549ea87c74b47c62cf5fc61' +
    '6c914ef4b4166f7f518dad438650cf59c89df29ae603783a8e98ee82835a2e15b80f9e6f',
} as const

export const cardEnvelope: Envelope = {
  purpose: 'card',
  room: given(parseRoomId('8PHy8_T19vf4-fr7_P3-_w')),
  from: given(parsePeerId('ICEiIyQlJicoKSorLC0uLw')),
}

export const knownNonce = (length: number): Bytes =>
  Uint8Array.from({ length }, (_, at) => 0xa0 + at)

export const randomBytes = (length: number): Bytes =>
  globalThis.crypto.getRandomValues(new Uint8Array(length))

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function bytesOf(hex: string): Bytes {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

/** The identity of the known answers. */
export async function knownIdentity(): Promise<SigningKey> {
  const pkcs8 = bytesOf(`302e020100300506032b657004220420${known.identitySeed}`)
  const key = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
  return {
    publicKey: bytesOf(known.identityPublicKey),
    sign: async (data) => new Uint8Array(await subtle.sign('Ed25519', key, data)),
  }
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a known answer is not one')
  return value
}
