// Times as text (ISO 8601), in coordinated universal time.

/** A time in ms since 1970 as text; the end of time for one that no calendar has. */
export function isoTime(atMs: number): string {
  const shown = Math.max(-MAX_TIME_MS, Math.min(MAX_TIME_MS, atMs))
  // oxlint-disable-next-line no-restricted-globals -- reason: it writes a time that is given, and reads no clock
  return new Date(shown).toISOString()
}

/** The last time that a date can be (ECMA-262, 21.4.1.1). */
const MAX_TIME_MS = 8_640_000_000_000_000
