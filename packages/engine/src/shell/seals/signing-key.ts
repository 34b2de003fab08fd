// An Ed25519 key pair that signs: an identity, which lasts, or a session, which ends with the page.
import { memberIdOf, peerIdOf } from '@knothole/wire'
import type { Bytes, MemberId, PeerId } from '@knothole/wire'
import type { KeyPair, Subtle } from '../../ports/index.ts'

export interface SigningKey {
  readonly publicKey: Bytes
  sign(data: Bytes): Promise<Bytes>
}

/** Makes a key pair whose private half never leaves the platform's key store. */
export function generateKeyPair(subtle: Subtle): Promise<KeyPair> {
  return subtle.generateKey('Ed25519', false, ['sign', 'verify'])
}

export async function signingKeyOf(subtle: Subtle, pair: KeyPair): Promise<SigningKey> {
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  return {
    publicKey,
    sign: async (data) => new Uint8Array(await subtle.sign('Ed25519', pair.privateKey, data)),
  }
}

export async function memberOf(subtle: Subtle, identityKey: Bytes): Promise<MemberId> {
  return memberIdOf(new Uint8Array(await subtle.digest('SHA-256', identityKey)))
}

export async function peerOf(subtle: Subtle, sessionKey: Bytes): Promise<PeerId> {
  return peerIdOf(new Uint8Array(await subtle.digest('SHA-256', sessionKey)))
}
