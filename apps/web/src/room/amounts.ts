// Spans of time and amounts as people read them.

const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** How long ago, roughly. */
export function ago(atMs: number, nowMs: number): string {
  const minutes = Math.round((nowMs - atMs) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return relativeFormat.format(-minutes, 'minute')
  if (minutes < 24 * 60) return relativeFormat.format(-Math.round(minutes / 60), 'hour')
  return relativeFormat.format(-Math.round(minutes / (24 * 60)), 'day')
}

/** How long until then, roughly. */
export function until(atMs: number, nowMs: number): string {
  const hours = Math.max(0, Math.round((atMs - nowMs) / 3_600_000))
  return hours < 48
    ? relativeFormat.format(hours, 'hour')
    : relativeFormat.format(Math.round(hours / 24), 'day')
}

/** A number of bytes in the unit that keeps it short. */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${short(bytes / 1000)} kB`
  return `${short(bytes / 1_000_000)} MB`
}

function short(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value))
}
