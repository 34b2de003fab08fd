import { describe, expect, test } from 'vitest'
import { RepairSchedule } from './repair-schedule.ts'

function schedule(polite: boolean, random = 0): RepairSchedule {
  return new RepairSchedule({ polite, random: () => random }, 0)
}

/** What is due and when, as a timer finds it; `begin` is told to the schedule at each new attempt. */
function verdicts(repair: RepairSchedule, untilMs: number): [number, string][] {
  const found: [number, string][] = []
  for (let nowMs = 0; nowMs <= untilMs;) {
    const verdict = repair.due(nowMs)
    if (verdict !== undefined) found.push([nowMs, verdict])
    if (verdict === 'fresh') repair.attemptStarted(nowMs)
    nowMs = verdict === undefined ? Math.max(nowMs + 1, repair.deadlineMs() ?? Infinity) : nowMs
  }
  return found
}

test('E22: a restart waits while nobody could bring word of it, and comes when somebody can', () => {
  const repair = schedule(false)
  repair.troubled(1_000)
  expect(repair.due(1_000, false)).toBe(undefined)
  expect(repair.deadlineMs()).toBe(1_300)
  expect(repair.due(1_300, false)).toBe(undefined)
  repair.hurry(1_400)
  expect(repair.due(1_400)).toBe('restart')
  expect(repair.deadlineMs()).toBe(3_900)
})

describe('a first attempt', () => {
  test('E10: who waits for an offer makes one after 5 s, the polite side later', () => {
    expect(verdicts(schedule(false), 6_000)).toEqual([[5_000, 'fresh']])
    expect(verdicts(schedule(true), 6_000)).toEqual([[5_600, 'fresh']])
  })

  test('E24: given up after 12 s, once', () => {
    const repair = schedule(false)
    repair.attemptStarted(0)
    expect(verdicts(repair, 16_000)).toEqual([[12_000, 'give-up']])
  })

  test('E24: later attempts pause longer and longer, a minute at most', () => {
    const repair = schedule(false)
    repair.attemptStarted(0)
    const times = verdicts(repair, 330_000)
      .filter(([, verdict]) => verdict === 'fresh')
      .map(([atMs]) => atMs)
    const pauses = times.map((atMs, at) => atMs - (times[at - 1] ?? 0) - 12_000)
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  })

  test('E24: less up to 30 % at random', () => {
    const repair = schedule(false, 0.999_999)
    repair.attemptStarted(0)
    const [, fresh] = verdicts(repair, 16_000)
    expect(fresh?.[0]).toBeCloseTo(12_000 + 3_500, 0)
  })
})

describe('trouble', () => {
  test('E22: the impolite side restarts at once, four times, then makes a new connection', () => {
    const repair = schedule(false)
    repair.healed()
    repair.troubled(0)
    expect(verdicts(repair, 11_000)).toEqual([
      [0, 'restart'],
      [2_500, 'restart'],
      [5_000, 'restart'],
      [7_500, 'restart'],
      [10_000, 'fresh'],
    ])
  })

  test('E22: the polite side leaves the other a little time', () => {
    const repair = schedule(true)
    repair.healed()
    repair.troubled(0)
    expect(verdicts(repair, 4_000)).toEqual([
      [600, 'restart'],
      [3_700, 'restart'],
    ])
  })

  test('E22: and more when its offer came', () => {
    const repair = schedule(true)
    repair.healed()
    repair.troubled(0)
    repair.offerTaken(100)
    expect(verdicts(repair, 3_000)).toEqual([[2_600, 'restart']])
  })

  test('E22: also when it came before we noticed that the path is silent', () => {
    const repair = schedule(true)
    repair.healed()
    repair.offerTaken(700)
    repair.troubled(1_350)
    expect(repair.deadlineMs()).toBe(3_200)
  })

  test('E22: but not for an offer that made the path which is silent now', () => {
    const repair = schedule(true)
    repair.offerTaken(0)
    repair.healed()
    repair.troubled(1_000)
    expect(repair.deadlineMs()).toBe(1_600)
  })

  test('E24: unreachable 12 s after trouble', () => {
    const repair = schedule(true)
    repair.healed()
    repair.troubled(0)
    expect(verdicts(repair, 13_000)).toContainEqual([12_000, 'give-up'])
  })

  test('E23: a connection that failed is replaced at once', () => {
    const repair = schedule(false)
    repair.healed()
    repair.failed(0)
    expect(verdicts(repair, 100)).toEqual([[0, 'fresh']])
  })

  test('E25: word that signalling works again hurries', () => {
    const repair = schedule(false)
    repair.attemptStarted(0)
    repair.hurry(3_000)
    expect(verdicts(repair, 4_000)).toEqual([[3_000, 'fresh']])
  })

  test('E26: healed, nothing is due', () => {
    const repair = schedule(false)
    repair.troubled(0)
    repair.healed()
    expect(repair.deadlineMs()).toBe(undefined)
    expect(verdicts(repair, 100_000)).toEqual([])
  })
})
