// The lines between messages that a room has collected. Pure.
import type { RoomNotice } from './notices.ts'
import type { PlacedNotice } from './rows.ts'

/** A room that flaps for days must not fill its list with it. */
const MAX_NOTICES = 200

/**
 * Adds a line after what was said last, which is at `lastMs`; one about the same thing right before it
 * is replaced, and one that stands, wherever it is.
 */
export function withNotice(
  notices: readonly PlacedNotice[],
  notice: RoomNotice,
  times: { readonly nowMs: number; readonly lastMs: number },
): readonly PlacedNotice[] {
  const standing = notices.find(
    ({ notice: { about, stands } }) => stands === true && about === notice.about,
  )
  if (standing !== undefined)
    return notices.map((placed) => (placed === standing ? { ...placed, notice } : placed))
  const last = notices.at(-1)
  // What is said in this very millisecond, and is not here yet, comes after it.
  const sortMs = Math.max(times.nowMs - 1, times.lastMs, last?.sortMs ?? 0)
  const nothingSaidSince = last !== undefined && times.lastMs <= last.sortMs
  const replaces = nothingSaidSince && last.notice.about === notice.about
  const number = Number(last?.key.split(':')[1] ?? -1) + 1
  const placed = { key: `notice:${number}`, atMs: times.nowMs, sortMs, notice }
  return [...(replaces ? notices.slice(0, -1) : notices), placed].slice(-MAX_NOTICES)
}
