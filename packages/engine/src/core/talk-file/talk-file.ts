// A conversation as a file: JSON that a program can check and a person can read. What counts are `chunks`
// and `bases`, which carry headers, sealed bodies and signatures, and `contentKey`, which opens the bodies:
// whoever has the file can read all of it. `messages` is a convenience that nobody believes. SPEC.md E380.
import { decodeBase64url, decodeLogFrame, encodeBase64url, encodeLogFrame } from '@knothole/wire'
import type { Bytes, Chunk } from '@knothole/wire'
import * as v from 'valibot'
import type { StoredNote } from '../../ports/index.ts'
import type { Message } from '../talk/message.ts'
import { isoTime } from './iso-time.ts'

const FORMAT = 'knothole conversation'

const VERSION = 1

/** What a file says that counts. */
export interface TalkFile {
  readonly logId: Bytes
  /** AES-256-GCM, raw. */
  readonly contentKey: Bytes
  /** Each feed's entries in their order. */
  readonly chunks: readonly Chunk[]
  /** Where feeds begin of which the first entries were let go, as a store keeps it. */
  readonly bases: readonly StoredNote[]
}

/** What a file says to a person. */
export interface Transcript {
  readonly exportedAtMs: number
  readonly messages: readonly Message[]
}

/** Why a file is not taken: no conversation, a newer release's, or one that is not whole. */
export type TalkFileFault = 'not-a-talk' | 'newer-version' | 'damaged'

export type DecodedTalkFile =
  | { readonly ok: true; readonly value: TalkFile }
  | { readonly ok: false; readonly fault: TalkFileFault }

/** The file's text. Every `<` in it is escaped, so that it can stand in a page. */
export function encodeTalkFile(file: TalkFile, { exportedAtMs, messages }: Transcript): string {
  const { logId, contentKey, chunks, bases } = file
  const json = {
    format: FORMAT,
    version: VERSION,
    exportedAtMs,
    log: encodeBase64url(logId),
    contentKey: encodeBase64url(contentKey),
    bases: bases.map(({ key, order, value }) => [key, order, encodeBase64url(value)]),
    chunks: chunks.map((chunk) => encodeBase64url(encodeLogFrame({ type: 'chunk', chunk }))),
    messages: messages.map(readable),
  }
  return JSON.stringify(json).replaceAll('<', String.raw`\u003c`)
}

/** What counts of a file's text, or of that of a page that carries it. */
export function decodeTalkFile(text: string): DecodedTalkFile {
  const json = parse(embedded(text))
  const head = v.safeParse(headSchema, json)
  if (!head.success) return { ok: false, fault: 'not-a-talk' }
  if (head.output.version > VERSION) return { ok: false, fault: 'newer-version' }
  const checked = v.safeParse(schema, json)
  if (!checked.success) return { ok: false, fault: 'damaged' }
  const { log: logId, contentKey, bases, chunks } = checked.output
  return { ok: true, value: { logId, contentKey, bases, chunks } }
}

/** What stands around the file's text in a page. */
export const EMBEDDING = {
  before: '<script type="application/json" id="knothole-conversation">',
  after: '</script>',
} as const

function embedded(text: string): string {
  const from = text.indexOf(EMBEDDING.before)
  if (from < 0) return text
  const start = from + EMBEDDING.before.length
  const end = text.indexOf(EMBEDDING.after, start)
  return text.slice(start, end < 0 ? undefined : end)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The parts of a message that mean something without the room. */
function readable(message: Message): object {
  const { id, author, name, atMs, text, replyTo, edited, deleted, event, problem } = message
  const reactions = message.reactions.length === 0 ? undefined : message.reactions
  const at = isoTime(atMs)
  return { id, author, name, at, text, replyTo, edited, deleted, event, problem, reactions }
}

const base64 = v.pipe(
  v.string(),
  v.rawTransform<string, Bytes>(({ dataset, addIssue, NEVER }) => {
    const bytes = decodeBase64url(dataset.value)
    if (bytes !== undefined) return bytes
    addIssue({ message: 'no base64url' })
    return NEVER
  }),
)

const chunk = v.pipe(
  base64,
  v.rawTransform<Bytes, Chunk>(({ dataset, addIssue, NEVER }) => {
    const frame = decodeLogFrame(dataset.value)
    if (frame.ok && frame.value.type === 'chunk') return frame.value.chunk
    addIssue({ message: 'no chunk' })
    return NEVER
  }),
)

const base = v.pipe(
  v.tuple([v.string(), v.pipe(v.number(), v.safeInteger()), base64]),
  v.transform(([key, order, value]) => ({ key, order, value })),
)

const headSchema = v.object({ format: v.literal(FORMAT), version: v.pipe(v.number(), v.integer()) })

const schema = v.object({
  log: base64,
  contentKey: base64,
  bases: v.array(base),
  chunks: v.array(chunk),
})
