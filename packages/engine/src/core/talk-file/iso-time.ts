// Times as text (ISO 8601), in coordinated universal time. Worked out by hand, because pure code may not
// name `Date`, which also reads the clock.

/** The last time that a date can be, and the first (ECMA-262, 21.4.1.1). */
const MAX_TIME_MS = 8_640_000_000_000_000

const DAY_MS = 86_400_000

/** Days of 400 years of the Gregorian calendar, after which it repeats itself. */
const ERA_DAYS = 146_097

/** Days from 1 March of the year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468

/** A time in ms since 1970 as text; the end of time for one that no calendar has. */
export function isoTime(atMs: number): string {
  const shown = Math.trunc(Math.max(-MAX_TIME_MS, Math.min(MAX_TIME_MS, atMs)))
  const days = Math.floor(shown / DAY_MS)
  const ms = shown - days * DAY_MS
  const unit = (unitMs: number, of: number): string => two(Math.floor(ms / unitMs) % of)
  const time = `${unit(3_600_000, 24)}:${unit(60_000, 60)}:${unit(1_000, 60)}`
  const { year, month, day } = dateOf(days)
  const date = `${yearText(year)}-${two(month)}-${two(day)}`
  return `${date}T${time}.${String(ms % 1000).padStart(3, '0')}Z`
}

/** The date of a day since 1970, in years that begin in March, so that a leap day is the last of one. */
function dateOf(sinceEpoch: number): { year: number; month: number; day: number } {
  const days = sinceEpoch + EPOCH_DAYS
  const era = Math.floor(days / ERA_DAYS)
  const dayOfEra = days - era * ERA_DAYS
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear =
    dayOfEra - 365 * yearOfEra - Math.floor(yearOfEra / 4) + Math.floor(yearOfEra / 100)
  // Months from March on have 31, 30, 31, 30, 31 days, and so on: 153 in five.
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const month = march < 10 ? march + 3 : march - 9
  const day = dayOfYear - Math.floor((153 * march + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0')
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
}
