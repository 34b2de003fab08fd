// A log of two authors with known keys, from the room secret to the frames: what another implementation can
// check every step of its own against. Signed, hashed and sealed here by Node's cryptography.
import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  sign,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { counting } from '../golden.testing.ts'
import type { Bytes } from '../bytes.ts'
import { bodySealBytes, encodeEntryBody } from './entry-body.ts'
import type { EntryBody } from './entry-body.ts'
import { encodeEntryHeader, entryProofBytes } from './entry-header.ts'
import type { After, EntryHeader } from './entry-header.ts'
import type { Evidence } from './evidence.ts'
import { entryIdOf, feedIdBytes, feedIdOf, feedNameBytes } from './feed-name.ts'
import type { FeedId, FeedName } from './feed-name.ts'
import type { Chunk, PackedEntry } from './chunk.ts'
import { encodeLogFrame } from './log-frames.ts'
import type { LogFrame } from './log-frames.ts'
import { receiptBytes } from './receipt.ts'
import { packRun, unpackRun } from './run.ts'
import type { Run } from './run.ts'

export const SECRET = counting(16)
export const LOG_ID = derived('knothole log', 16)
export const CONTENT_KEY = derived('knothole content', 32)
const NOON_MS = 1_800_000_000_000

function derived(info: string, length: number): Bytes {
  return new Uint8Array(hkdfSync('sha256', SECRET, new Uint8Array(0), info, length))
}

export function sha256(bytes: Uint8Array): Bytes {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

/** PKCS #8 of an Ed25519 key, whose seed follows. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

class Identity {
  readonly seed: Bytes
  readonly key: Bytes
  readonly #private: KeyObject

  constructor(seed: Bytes) {
    this.seed = seed
    const key = Buffer.concat([PKCS8, seed])
    this.#private = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(this.#private).export({ format: 'der', type: 'spki' })
    this.key = new Uint8Array(spki.subarray(-32))
  }

  sign(message: Uint8Array): Bytes {
    return new Uint8Array(sign(null, message, this.#private))
  }
}

export const ANA = new Identity(counting(32))
export const BO = new Identity(counting(32, 0x20))

export const ANAS: FeedName = { author: ANA.key, nonce: counting(8) }
export const BOS: FeedName = { author: BO.key, nonce: counting(8, 0x80) }

const feedOf = (name: FeedName): FeedId => feedIdOf(sha256(feedNameBytes(LOG_ID, name)))
export const ANAS_FEED = feedOf(ANAS)
export const BOS_FEED = feedOf(BOS)

export const BODIES: Readonly<Record<string, EntryBody>> = {
  joined: { type: 'membership', event: 'joined', name: 'Ana' },
  text: { type: 'text', text: 'Grüße 👋' },
  policy: { type: 'policy', keep: 'month' },
  reply: {
    type: 'text',
    text: '**hello**',
    replyTo: entryIdOf(ANAS_FEED, 2),
    clockMs: NOON_MS - 3_600_000,
  },
  edit: { type: 'edit', target: entryIdOf(BOS_FEED, 1), text: 'hello' },
  reaction: { type: 'reaction', target: entryIdOf(ANAS_FEED, 2), emoji: '👍', on: true },
  delete: { type: 'delete', target: entryIdOf(BOS_FEED, 1) },
  left: { type: 'membership', event: 'left', name: 'Bo' },
}

/** As W65 says; a nonce is random, here it counts. */
function seal(feed: FeedId, nonce: Bytes, plain: Bytes): Bytes {
  const cipher = createCipheriv('aes-256-gcm', CONTENT_KEY, nonce)
  cipher.setAAD(bodySealBytes(feed))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return new Uint8Array(Buffer.concat([nonce, sealed, cipher.getAuthTag()]))
}

interface Written {
  readonly entries: readonly PackedEntry[]
  readonly hashes: readonly Bytes[]
}

function write(
  feed: FeedId,
  names: readonly string[],
  head: { readonly after: readonly After[]; readonly atMs: number; readonly tick: number },
): Written {
  const hashes: Bytes[] = []
  const entries = names.map((name, i) => {
    const plain = encodeEntryBody(BODIES[name] ?? { type: 'text', text: name })
    const body = seal(feed, counting(12, 16 * (i + 1)), plain)
    const fields: EntryHeader = {
      feed,
      sequence: i + 1,
      previous: hashes.at(-1),
      after: i === 0 ? head.after : [],
      atMs: head.atMs,
      tick: head.tick + i,
      bodyHash: sha256(body),
      bodyBytes: body.length,
    }
    const header = encodeEntryHeader(fields)
    hashes.push(sha256(header))
    return { header, body }
  })
  return { entries, hashes }
}

const anas = write(ANAS_FEED, ['joined', 'text', 'policy'], { after: [], atMs: NOON_MS, tick: 0 })
const anasHead = anas.hashes.at(-1) ?? new Uint8Array(32)
const named = { feed: ANAS_FEED, sequence: 3, hash: anasHead.subarray(0, 16) }
const bos = write(BOS_FEED, ['reply', 'edit', 'reaction', 'delete', 'left'], {
  after: [named],
  atMs: NOON_MS,
  tick: 3,
})
/** Bo once more, from the beginning: a fork, and earlier than what it names, so a lie about the order too. */
const others = write(BOS_FEED, ['something else'], { after: [named], atMs: NOON_MS - 1, tick: 0 })

const proofOf = (author: Identity, { hashes }: Written): Bytes =>
  author.sign(entryProofBytes(hashes.at(-1) ?? new Uint8Array(32)))

export const ANAS_CHUNK: Chunk = {
  name: ANAS,
  from: 1,
  entries: anas.entries,
  proof: proofOf(ANA, anas),
}
/** From the second entry on; the body of the third was let go. */
export const BOS_CHUNK: Chunk = {
  name: BOS,
  from: 2,
  entries: bos.entries
    .slice(1)
    .map(({ header, body }, i) => ({ header, body: i === 1 ? undefined : body })),
  proof: proofOf(BO, bos),
}

/** The same with all bodies, from the first on. */
export const BOS_RUN: Chunk = { name: BOS, from: 1, entries: bos.entries, proof: proofOf(BO, bos) }

function runOf({ name, from, entries, proof }: Chunk): Run {
  const pack = unpackRun(packRun(entries) ?? new Uint8Array(0))
  if (pack === undefined) throw new Error('no run')
  return { name, from, previous: new Uint8Array(0), entries: pack, proof }
}

const headersOf = ({ entries }: Written): readonly Bytes[] => entries.map(({ header }) => header)

export const FORK: Evidence = {
  kind: 'fork',
  ...BOS,
  at: 1,
  branches: [
    { headers: headersOf(bos), proof: proofOf(BO, bos) },
    { headers: headersOf(others), proof: proofOf(BO, others) },
  ],
}

export const ORDER_LIE: Evidence = {
  kind: 'order',
  ...BOS,
  at: 1,
  branches: [{ headers: headersOf(others), proof: proofOf(BO, others) }],
  named: anas.entries[2]?.header ?? new Uint8Array(0),
}

const receipt = {
  member: BO.key,
  atMs: NOON_MS,
  have: [[ANAS_FEED, 3]] as const,
  read: [[ANAS_FEED, 2]] as const,
}
const silent = { member: ANA.key, atMs: NOON_MS, have: [] }

const digest = counting(8)
const head = anasHead.subarray(0, 8)

export const LOG_FRAMES: Readonly<Record<string, LogFrame>> = {
  summary: {
    type: 'summary',
    feeds: [
      { feed: ANAS_FEED, base: 0, count: 3, head },
      { feed: BOS_FEED, base: 0, count: 0, head: counting(0), cut: 1 },
    ],
    isLast: true,
    isAnswer: false,
    digest,
  },
  digest: { type: 'digest', digest },
  want: { type: 'want', ranges: [[ANAS_FEED, 0, 3]] },
  chunk: { type: 'chunk', chunk: ANAS_CHUNK },
  chunkFromTheMiddle: { type: 'chunk', chunk: BOS_CHUNK },
  run: { type: 'run', run: runOf(BOS_RUN) },
  have: { type: 'have', feeds: [[ANAS_FEED, 3, head]] },
  wantBodies: { type: 'want-bodies', feed: BOS_FEED, sequences: [3] },
  bodies: { type: 'bodies', feed: BOS_FEED, bodies: [[3, bos.entries[2]?.body ?? counting(1)]] },
  fork: { type: 'evidence', evidence: FORK },
  orderLie: { type: 'evidence', evidence: ORDER_LIE },
  wantEvidence: { type: 'want-evidence', feeds: [BOS_FEED] },
  receipts: {
    type: 'receipts',
    receipts: [
      { ...receipt, proof: BO.sign(receiptBytes(LOG_ID, receipt)) },
      { ...silent, proof: ANA.sign(receiptBytes(LOG_ID, silent)) },
    ],
  },
}

const numbered = (prefix: string, values: readonly Bytes[]) =>
  values.map((bytes, i) => [`${prefix}.${i + 1}`, bytes] as const)

/** Bytes of every step, by name. */
export function goldenLogBytes(): Record<string, Bytes> {
  return Object.fromEntries([
    ['log.secret', SECRET],
    ['log.logId', LOG_ID],
    ['log.contentKey', CONTENT_KEY],
    ['log.ana.seed', ANA.seed],
    ['log.ana.key', ANA.key],
    ['log.ana.feedNameBytes', feedNameBytes(LOG_ID, ANAS)],
    ['log.ana.feedId', feedIdBytes(ANAS_FEED)],
    ['log.ana.bodySealBytes', bodySealBytes(ANAS_FEED)],
    ...numbered('log.ana.header', headersOf(anas)),
    ...numbered('log.ana.hash', anas.hashes),
    ...numbered(
      'log.ana.body',
      anas.entries.map(({ body }) => body ?? counting(0)),
    ),
    ['log.ana.proofBytes', entryProofBytes(anasHead)],
    ['log.ana.proof', ANAS_CHUNK.proof],
    ['log.bo.seed', BO.seed],
    ['log.bo.key', BO.key],
    ['log.bo.feedId', feedIdBytes(BOS_FEED)],
    ...numbered('log.bo.header', headersOf(bos)),
    ...numbered('log.bo.hash', bos.hashes),
    ['log.bo.proof', BOS_CHUNK.proof],
    ['log.receiptBytes', receiptBytes(LOG_ID, receipt)],
    ...Object.entries(BODIES).map(([name, body]) => [`body.${name}`, encodeEntryBody(body)]),
    ...Object.entries(LOG_FRAMES).map(([name, frame]) => [
      `logFrame.${name}`,
      encodeLogFrame(frame),
    ]),
  ])
}
