// Authors who write feeds with real keys, honestly or not, and a log that takes what they give, for tests.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { encodeEntryHeader, entryProofBytes } from '@knothole/wire'
import type { Bytes, Chunk, EntryHeader, Evidence, FeedName, PackedEntry } from '@knothole/wire'
import { Log } from './log.ts'
import type { Admitted } from './log.ts'
import { sha256 } from './sha256.ts'

export const LOG_ID: Bytes = Uint8Array.from({ length: 16 }, (_, i) => i)
/** Noon of a day of the year 2027. */
export const NOON = 1_800_000_000_000
export const NONCE: Bytes = new Uint8Array(8).fill(7)

/** PKCS #8 of an Ed25519 key with a seed that follows. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Somebody with an identity. */
export class Author {
  readonly key: Bytes
  readonly #private: KeyObject

  constructor(seed: string) {
    const bytes = createHash('sha256').update(seed).digest()
    this.#private = createPrivateKey({
      key: Buffer.concat([PKCS8, bytes]),
      format: 'der',
      type: 'pkcs8',
    })
    const spki = createPublicKey(this.#private).export({ format: 'der', type: 'spki' })
    this.key = new Uint8Array(spki.subarray(-32))
  }

  sign(message: Bytes): Bytes {
    return new Uint8Array(sign(null, message, this.#private))
  }

  name(nonce: Bytes = NONCE): FeedName {
    return { author: this.key, nonce }
  }
}

const keys = new Map<string, KeyObject>()

/** Whether a signature holds, by the cryptography of Node. */
export function holds(author: Bytes, message: Bytes, proof: Bytes): boolean {
  const x = Buffer.from(author).toString('base64url')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const key = keys.get(x) ?? createPublicKey({ key: jwk, format: 'jwk' })
  keys.set(x, key)
  return verify(null, message, key, proof)
}

/** Checks a chunk and its signature and takes it; says what came of it. */
export function give(
  log: Log,
  chunk: Chunk,
  options?: { readonly base?: boolean },
): string | Admitted {
  const checked = log.check(chunk, options)
  if (checked.type === 'refused') return checked.fault
  if (checked.type !== 'verify') return checked.type
  return holds(checked.author, checked.message, checked.proof) ? checked.commit() : 'forged'
}

export function giveEvidence(log: Log, evidence: Evidence): string | Admitted {
  const checked = log.checkEvidence(evidence)
  if (checked.type === 'refused') return checked.fault
  if (checked.type !== 'verify') return checked.type
  const isTrue = checked.checks.every((one) => holds(one.author, one.message, one.proof))
  return isTrue ? checked.commit() : 'forged'
}

/** A sealed body of a test: any bytes. */
export const body = (text: string): Bytes => new Uint8Array(Buffer.from(text.padEnd(29, '.')))

/** Writes entries of an author into its own log, as a session does. */
export function say(
  log: Log,
  author: Author,
  {
    texts,
    nowMs = NOON,
    name = author.name(),
  }: {
    readonly texts: readonly string[]
    readonly nowMs?: number
    readonly name?: FeedName
  },
): Admitted {
  const draft = log.draft(name, texts.map(body), nowMs)
  if (draft === undefined) throw new Error('the feed is cut')
  return log.append(draft, author.sign(draft.toSign))
}

/** Headers as a liar writes them: whatever it wants, chained and signed. */
export function forge(
  author: Author,
  {
    name = author.name(),
    logId = LOG_ID,
    from = 1,
    previous,
    entries,
  }: {
    readonly name?: FeedName
    readonly logId?: Bytes
    readonly from?: number
    readonly previous?: Bytes
    readonly entries: readonly (Partial<EntryHeader> & { readonly text?: string })[]
  },
): Chunk & { readonly last: Bytes } {
  const feed = new Log({ logId }).feedId(name)
  let last = previous
  const packed: PackedEntry[] = entries.map(({ text = 'words', ...header }, i) => {
    const sealed = body(text)
    const bytes = encodeEntryHeader({
      feed,
      sequence: from + i,
      previous: last,
      after: [],
      atMs: NOON + i,
      tick: 0,
      bodyHash: sha256(sealed),
      bodyBytes: sealed.length,
      ...header,
    })
    last = sha256(bytes)
    return { header: bytes, body: sealed }
  })
  const hash = last ?? sha256(new Uint8Array(0))
  return { name, from, entries: packed, proof: author.sign(entryProofBytes(hash)), last: hash }
}

/** What two logs that were given the same have in common. */
export function contents(log: Log): object {
  const entries = Array.from(log.order.newestFirst(), (entry) => entry.id).toReversed()
  const feeds = Array.from(log.feeds(), ({ id, base, count, cut }) => ({ id, base, count, cut }))
  return { entries, feeds: feeds.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }
}
