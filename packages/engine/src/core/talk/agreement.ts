// How long a room keeps what is said: the note by which a device remembers it when the word of it is not
// open, or was let go with the rest, and the time before which entries go.
import { decodeCbor, encodeCbor } from '@knothole/wire'
import type { MemberId } from '@knothole/wire'
import * as v from 'valibot'
import type { StoredNote } from '../../ports/index.ts'
import type { Place, TalkEntry } from './fold.ts'
import type { Keep } from './message.ts'

/** The name of the note. */
export const KEEP_NOTE = 'keep'

const DAY_MS = 24 * 60 * 60 * 1000

/** `month` is thirty days, whatever the month. */
const KEPT_MS: Readonly<Record<Keep, number>> = {
  memory: Infinity,
  day: DAY_MS,
  month: 30 * DAY_MS,
  forever: Infinity,
}

const keepNote = v.tuple([
  v.picklist(['memory', 'day', 'month', 'forever']),
  v.number(),
  v.number(),
  v.string(),
  v.number(),
])

/** A note is some words. */
const MAX_NOTE_BYTES = 128

/** What to keep of an agreement, and where the word of it stands. */
export function noteOfKeep(keep: Keep, { atMs, tick, feed, sequence }: Place): StoredNote {
  return {
    key: KEEP_NOTE,
    order: atMs,
    value: encodeCbor([keep, atMs, tick, feed, sequence]),
  }
}

/** The agreement in a note, as an entry that says so. */
export function entryOfKeep(notes: readonly StoredNote[]): TalkEntry | undefined {
  const note = notes.find(({ key }) => key === KEEP_NOTE)
  const decoded = note === undefined ? undefined : decodeCbor(note.value, keepNote, MAX_NOTE_BYTES)
  if (decoded?.ok !== true) return undefined
  const [keep, atMs, tick, feed, sequence] = decoded.value
  const place = { atMs, tick, feed, sequence }
  const author = '' as MemberId
  return { id: KEEP_NOTE, place, author, atMs, content: { type: 'policy', keep } }
}

/** The agreement that a device remembers. */
export function keepOf(notes: readonly StoredNote[]): Keep | undefined {
  const content = entryOfKeep(notes)?.content
  return content?.type === 'policy' ? content.keep : undefined
}

/** What was said before this time goes; undefined when nothing does. */
export function letGoBeforeMs(keep: Keep, nowMs: number): number | undefined {
  const keptMs = KEPT_MS[keep]
  return keptMs === Infinity ? undefined : Math.floor(nowMs) - keptMs
}
