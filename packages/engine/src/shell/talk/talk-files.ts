// Conversations to files and back: what a room does when somebody saves one or brings one.
import { decodeUtf8, peerIdOf, utf8Length, writeUtf8 } from '@knothole/wire'
import type { Bytes, Chunk, PeerId } from '@knothole/wire'
import { sha256 } from '../../core/log/index.ts'
import type { Log } from '../../core/log/index.ts'
import { decodeTalkFile, encodeTalkFile } from '../../core/talk-file/talk-file.ts'
import type { TalkFile, TalkFileFault } from '../../core/talk-file/talk-file.ts'
import { encodeTalkPage } from '../../core/talk-file/talk-page.ts'
import type { Clock, Key, RandomBytes, StoredNote, Subtle } from '../../ports/index.ts'
import type { BodySeals } from '../seals/body-seals.ts'
import type { ImportReport } from './log-module.ts'
import { checkTalkFile } from './talk-file-check.ts'
import { TalkImport } from './talk-import.ts'
import { transcriptOf } from './talk-transcript.ts'

/** Why a file is not brought in: it is none of ours, a newer release's, not whole, or of another room. */
export class TalkFileError extends Error {
  override readonly name = 'TalkFileError'
  readonly code: TalkFileFault | 'other-room'

  constructor(code: TalkFileFault | 'other-room') {
    super(WORDS[code])
    this.code = code
  }
}

const WORDS: Readonly<Record<TalkFileError['code'], string>> = {
  'not-a-talk': 'This file is not a conversation saved by Knothole.',
  'newer-version': 'A newer Knothole saved this conversation.',
  damaged: 'This conversation was damaged after it was saved.',
  'other-room': 'This conversation is of another room.',
}

export interface TalkFilesOptions {
  readonly subtle: Subtle
  readonly randomBytes: RandomBytes
  readonly clock: Clock
  readonly logId: Bytes
  readonly contentKey: Key
  readonly seals: BodySeals
  /** The log of the room. */
  readonly log: () => Log
  /** Hands the room word of a window of ours. */
  readonly input: (
    input:
      | { readonly type: 'tab-up' | 'tab-down'; readonly tab: PeerId }
      | { readonly type: 'tab-frame'; readonly tab: PeerId; readonly data: Bytes },
  ) => void
}

export class TalkFiles {
  readonly #options: TalkFilesOptions
  readonly #imports = new Map<PeerId, TalkImport>()

  constructor(options: TalkFilesOptions) {
    this.#options = options
  }

  /** The conversation as a file, UTF-8: JSON to check and import, or a page to read with that inside. */
  async save(format: 'json' | 'html'): Promise<Bytes> {
    const { subtle, contentKey, logId, seals, clock } = this.#options
    const log = this.#options.log()
    const key = new Uint8Array(await subtle.exportKey('raw', contentKey))
    const messages = await transcriptOf(log, seals)
    const transcript = { messages, exportedAtMs: Math.floor(clock.nowMs()) }
    const file = encodeTalkFile({ logId, contentKey: key, ...contentsOf(log) }, transcript)
    return bytesOf(format === 'json' ? file : encodeTalkPage(transcript, file))
  }

  /** Brings a saved conversation of this room in. @throws TalkFileError */
  async bring(bytes: Bytes): Promise<ImportReport> {
    const { subtle } = this.#options
    const file = this.#fileOf(bytes)
    const { log: from, refused } = await checkTalkFile(file, subtle)
    const into = this.#options.log()
    const lacked = lackedBy(into, from)
    await this.#give(from)
    const added = lacked - lackedBy(into, from)
    return { added, known: from.order.length - lacked, refused: refused + lacked - added }
  }

  /** A frame to a window of ours; whether that is a file being brought in. */
  hear(tab: PeerId, data: Bytes): boolean {
    const found = this.#imports.get(tab)
    found?.hear(data)
    return found !== undefined
  }

  #fileOf(bytes: Bytes): TalkFile {
    const text = decodeUtf8(bytes)
    const decoded = decodeTalkFile(text ?? '')
    if (!decoded.ok) throw new TalkFileError(decoded.fault)
    const { logId } = this.#options
    const isOurs = decoded.value.logId.every((byte, at) => byte === logId[at])
    if (!isOurs || decoded.value.logId.length !== logId.length)
      throw new TalkFileError('other-room')
    return decoded.value
  }

  async #give(from: Log): Promise<void> {
    const { clock, input, randomBytes } = this.#options
    const tab = peerIdOf(sha256(randomBytes(16)))
    const send = (data: Bytes): void => input({ type: 'tab-frame', tab, data })
    const into = this.#options.log()
    const bringing = new TalkImport({ from, into, clock, send })
    this.#imports.set(tab, bringing)
    input({ type: 'tab-up', tab })
    await bringing.run()
    this.#imports.delete(tab)
    input({ type: 'tab-down', tab })
  }
}

/** What counts of a log, as a file has it. */
function contentsOf(log: Log): Pick<TalkFile, 'chunks' | 'bases'> {
  const chunks: Chunk[] = []
  const bases: StoredNote[] = []
  for (const { id, base, count } of log.feeds()) {
    const note = base === 0 ? undefined : log.noteOfBase(id)
    if (note !== undefined) bases.push(note)
    for (let after = base; after < count;) {
      const chunk = log.read(id, after)
      if (chunk === undefined) break
      chunks.push(chunk)
      after = chunk.from - 1 + chunk.entries.length
    }
  }
  return { chunks, bases }
}

/** Entries of a log that another has not. */
function lackedBy(log: Log, other: Log): number {
  let count = 0
  for (const feed of other.feeds())
    for (let at = feed.base + 1; at <= feed.count; at += 1)
      if (log.entry(feed.id, at) === undefined) count += 1
  return count
}

function bytesOf(text: string): Bytes {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(text, bytes, 0)
  return bytes
}
