// Descriptions of an attempt's connections (RFC 8839, RFC 8841, RFC 8842). Both sides of an attempt
// make an offer and take the other's as an answer that is written here: so each can be prepared before
// the other is known. Of what a peer says only what core/attempt-note.ts lets through is written.
import type { IceCredentials } from '../core/detours/attempt-note.ts'
import { attributeIn, writeDataDescription } from '../shell/data-description.ts'

/** Which of the two we are in DTLS: one must listen. */
export type DtlsRole = 'active' | 'passive'

const ICE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const UFRAG_LENGTH = 8
const PASSWORD_LENGTH = 24
/** New credentials (RFC 8445, section 5.3: at least 24 and 128 random bits). */
export function newCredentials(randomBytes: (length: number) => Uint8Array): IceCredentials {
  const text = (length: number): string =>
    [...randomBytes(length)].map((byte) => ICE_CHARACTERS[byte % ICE_CHARACTERS.length]).join('')
  return { ufrag: text(UFRAG_LENGTH), password: text(PASSWORD_LENGTH) }
}

/** An offer with other credentials: what browsers call munging, and may refuse. */
export function withCredentials(sdp: string, { ufrag, password }: IceCredentials): string {
  return sdp
    .replaceAll(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${ufrag}`)
    .replaceAll(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${password}`)
}

/** The credentials in a description of our own. */
export function credentialsIn(sdp: string): IceCredentials {
  return { ufrag: attributeIn(sdp, 'ice-ufrag'), password: attributeIn(sdp, 'ice-pwd') }
}

/** The fingerprint in a description of our own. */
export function fingerprintIn(sdp: string): string {
  return attributeIn(sdp, 'fingerprint')
}

/** The other side's connection as an answer to ours. No candidates: plans name those. */
export function answerFrom(
  { ufrag, password }: IceCredentials,
  fingerprint: string,
  theirs: DtlsRole,
): string {
  return writeDataDescription({ ufrag, password, fingerprint, setup: theirs })
}

/** A guess at an address and port as a candidate; the rank is its place in the plan, 0 first. */
export function guessedCandidate(address: string, port: number, rank: number): string {
  // Below every candidate that a browser gathers (RFC 8445, section 5.1.2.1), so that a real one wins.
  const priority = Math.max(1, LOWEST_PRIORITIES - rank)
  const [family, any] = address.includes(':') ? ['6', '::'] : ['4', '0.0.0.0']
  return `candidate:${family} 1 udp ${priority} ${address} ${port} typ srflx raddr ${any} rport 0`
}

const LOWEST_PRIORITIES = 65_535
