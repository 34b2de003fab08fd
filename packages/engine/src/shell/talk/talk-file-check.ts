// Checks a conversation's file as if every entry in it came from a stranger: chains, order, signatures.
// What passes is a log; what does not is counted. Needs no room, so that anybody can check a file.
import type { Chunk } from '@knothole/wire'
import { Log, sha256 } from '../../core/log/index.ts'
import type { TalkFile } from '../../core/talk-file/talk-file.ts'
import { ProofChecks } from '../seals/proof-checks.ts'
import type { Subtle } from '../../ports/index.ts'

export interface CheckedTalkFile {
  readonly log: Log
  /** Entries that passed, and those that did not. */
  readonly good: number
  readonly refused: number
}

export async function checkTalkFile(file: TalkFile, subtle: Subtle): Promise<CheckedTalkFile> {
  const log = new Log({ logId: file.logId, sha256 })
  const proofs = new ProofChecks(subtle)
  let good = 0
  let refused = 0
  for (const chunk of file.chunks) {
    const count = await checkChunk(log, chunk, proofs)
    good += count
    refused += chunk.entries.length - count
  }
  return { log, good, refused }
}

/** How many entries of a chunk count. */
async function checkChunk(log: Log, chunk: Chunk, proofs: ProofChecks): Promise<number> {
  const before = log.order.length
  const checked = log.check(chunk, { base: true })
  if (checked.type !== 'verify') return 0
  const { author, proof, message } = checked
  if (!(await proofs.verify(author, proof, message))) return 0
  checked.commit()
  // A fork or a lie takes away what counted before.
  return Math.max(0, log.order.length - before)
}
