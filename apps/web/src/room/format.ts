// Numbers and times as people read them.

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const dayFormat = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
})

/** Hours and minutes. */
export function clockTime(atMs: number): string {
  return timeFormat.format(atMs)
}

/** The day, as "Today", "Yesterday" or its date. */
export function dayName(atMs: number, nowMs: number): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / 86_400_000)
  if (days === 0) return 'Today'
  return days === 1 ? 'Yesterday' : dayFormat.format(atMs)
}

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0)
}
