// What goes from hand to hand when there is no server: an invitation and its answer, as short texts that
// are sealed for the room. Of a connection's description only what a writer cannot know is in them.
import * as v from 'valibot'
import { decodeBase64url, encodeBase64url } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import { ID_LENGTH, parsePeerId } from './ids.ts'
import type { PeerId } from './ids.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_CARD_BYTES,
  MAX_PAPER_BYTES,
  MAX_PAPER_CANDIDATES,
  MAX_UFRAG_LENGTH,
} from './limits.ts'
import { bytes, bytesUpTo, count, textUpTo } from './schemas.ts'

/** An address and port of a connection, over UDP: of the machine, as seen from outside, or of a relay. */
export interface PaperCandidate {
  readonly kind: 'host' | 'srflx' | 'relay'
  readonly address: string
  readonly port: number
}

/** How to reach a connection (RFC 8839, RFC 8842). */
export interface PaperDescription {
  readonly ufrag: string
  readonly password: string
  /** SHA-256 of the certificate. */
  readonly fingerprint: Bytes
  readonly setup: 'actpass' | 'active' | 'passive'
  readonly candidates: readonly PaperCandidate[]
}

/** An invitation, or the answer to one, whose number it repeats. */
export interface Paper extends PaperDescription {
  readonly type: 'invite' | 'answer'
  readonly id: Bytes
  /** Until when it is good, in ms since 1970 by the clock of who wrote the invitation. */
  readonly expiresAtMs: number
  /** A card (W20), without what is long and can be told later. */
  readonly card: Bytes
}

/** Bytes of an invitation's number. */
export const PAPER_ID_BYTES = 8

const FINGERPRINT_BYTES = 32

const paper = v.object({
  type: v.picklist(['invite', 'answer']),
  id: bytes(PAPER_ID_BYTES),
  expiresAtMs: count,
  card: bytesUpTo(MAX_CARD_BYTES),
  ufrag: v.pipe(textUpTo(MAX_UFRAG_LENGTH), v.regex(/^[\w+/]{4,}$/)),
  password: v.pipe(textUpTo(MAX_UFRAG_LENGTH), v.regex(/^[\w+/]{22,}$/)),
  fingerprint: bytes(FINGERPRINT_BYTES),
  setup: v.picklist(['actpass', 'active', 'passive']),
  candidates: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(['host', 'srflx', 'relay']),
        // An address, or the name that a browser gives to one it hides (mDNS).
        address: v.pipe(textUpTo(MAX_ADDRESS_LENGTH), v.regex(/^[\w.:-]+$/)),
        port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      }),
    ),
    v.maxLength(MAX_PAPER_CANDIDATES),
  ),
})

export function encodePaper(value: Paper): Bytes {
  return encodeCbor(value)
}

export function decodePaper(data: Uint8Array): Decoded<Paper> {
  return decodeCbor(data, paper, MAX_PAPER_BYTES)
}

/** What a paper text begins with. */
const MARK = 'knothole.'

/** A sealed paper and who wrote it, as text. */
export function formatPaper(from: PeerId, sealed: Uint8Array): string {
  return `${MARK}${from}${encodeBase64url(sealed)}`
}

/** Takes such a text apart; undefined when it is none. White space in it does not count: it was copied by hand or wrapped. */
export function parsePaper(text: string): { from: PeerId; sealed: Bytes } | undefined {
  const bare = text.length > 4 * MAX_PAPER_BYTES ? '' : text.replaceAll(/\s/g, '')
  if (!bare.startsWith(MARK)) return undefined
  const from = parsePeerId(bare.slice(MARK.length, MARK.length + ID_LENGTH))
  const sealed = decodeBase64url(bare.slice(MARK.length + ID_LENGTH))
  if (from === undefined || sealed === undefined || sealed.length === 0) return undefined
  return { from, sealed }
}
