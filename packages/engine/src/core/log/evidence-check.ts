// Whether evidence shows what it says: chains of one feed up to signed entries; two of them that differ where
// they begin, or one whose first entry names an entry that is not earlier. Signatures are checked by others.
import { AFTER_HASH_BYTES, HeaderReader, entryProofBytes } from '@knothole/wire'
import type { Branch, Bytes, Evidence } from '@knothole/wire'
import type { EntryFault } from './chunk-check.ts'
import { isLater } from './entry.ts'
import { isSame } from './feed-table.ts'
import type { Sha256 } from './sha256.ts'

/** A signature to check. */
export interface ProofCheck {
  readonly author: Bytes
  readonly message: Bytes
  readonly proof: Bytes
}

/** The signatures that must hold for evidence to count, or why it does not. */
export function proofsOfEvidence(
  evidence: Evidence,
  feed: Uint8Array,
  sha256: Sha256,
): readonly ProofCheck[] | EntryFault {
  const hashes = evidence.branches.map((branch) =>
    hashOfBranch(branch, evidence.at, { feed, sha256 }),
  )
  const fault = hashes.find((hash) => typeof hash === 'string')
  if (fault !== undefined) return fault
  const [first, second] = evidence.branches.map(({ headers }) => headers[0])
  if (first === undefined) return 'malformed'
  const shows =
    evidence.kind === 'fork'
      ? second !== undefined && !isSame(first, second)
      : isOrderLie(first, evidence.named, sha256)
  if (!shows) return 'malformed'
  return evidence.branches.map(({ proof }, index) => ({
    author: evidence.author,
    message: entryProofBytes(hashes[index] as Bytes),
    proof,
  }))
}

/** The hash of a branch's last header. */
function hashOfBranch(
  { headers }: Branch,
  at: number,
  { feed, sha256 }: { readonly feed: Uint8Array; readonly sha256: Sha256 },
): Bytes | EntryFault {
  const reader = new HeaderReader()
  let hash: Bytes | undefined
  let sequence = at
  for (const header of headers) {
    const fault = reader.read(header)
    if (fault !== undefined) return fault
    if (!reader.isOfFeed(feed)) return 'wrong-feed'
    if (reader.sequence !== sequence) return 'malformed'
    if (hash !== undefined && !reader.hasPrevious(hash)) return 'broken-chain'
    hash = sha256(header)
    sequence += 1
  }
  return hash ?? 'malformed'
}

/** Whether a header names another, as the one before it or as a head it knew, and is not later. */
function isOrderLie(header: Bytes, named: Bytes, sha256: Sha256): boolean {
  const reader = new HeaderReader()
  const other = new HeaderReader()
  if (reader.read(header) !== undefined || other.read(named) !== undefined) return false
  const hash = sha256(named)
  const start = hash.subarray(0, AFTER_HASH_BYTES)
  const isNamed =
    (reader.sequence > 1 && reader.hasPrevious(hash)) ||
    Array.from({ length: reader.afterCount }, (_, i) => reader.afterHash(i)).some((after) =>
      isSame(after, start),
    )
  return isNamed && !isLater(reader, other)
}
