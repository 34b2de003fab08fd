import { describe, expect, test } from 'vitest'
import { WidthProbe } from './width-probe.ts'

/** A path that brings some pings, and how long it takes. */
interface Path {
  readonly large: boolean
  readonly small: boolean
  readonly rttMs: number
}

const WIDE: Path = { large: true, small: true, rttMs: 20 }
const NARROW: Path = { large: false, small: true, rttMs: 20 }
const SILENT: Path = { large: false, small: false, rttMs: 20 }

/** Lets time pass on a path: when large and small pings went out. */
function run(
  probe: WidthProbe,
  path: Path,
  { fromMs = 0, untilMs }: { fromMs?: number; untilMs: number },
): { large: number[]; small: number[] } {
  const sent = { large: [] as number[], small: [] as number[] }
  const pongs: { number: number; atMs: number }[] = []
  let number = fromMs * 1_000
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 5) {
    while ((pongs[0]?.atMs ?? Infinity) <= nowMs) probe.answered(pongs.shift()?.number ?? 0, nowMs)
    const due = probe.due(nowMs)
    if (due === undefined) continue
    sent[due].push(nowMs)
    number += 1
    probe.sent(number, due)
    if (path[due]) pongs.push({ number, atMs: nowMs + path.rttMs })
  }
  return sent
}

describe('the width of a path', () => {
  test('E434: is not asked for without a reason', () => {
    const probe = new WidthProbe('unknown', 0)
    expect(probe.deadlineMs()).toBe(undefined)
    expect(run(probe, WIDE, { untilMs: 60_000 }).large).toEqual([])
  })

  test('E434: is wide after one answer to a large ping', () => {
    const probe = new WidthProbe('unknown', 0)
    probe.doubt(0)
    const sent = run(probe, WIDE, { untilMs: 60_000 })
    expect([probe.width, sent.large.length]).toEqual(['wide', 1])
    probe.doubt(60_000)
    expect(probe.width).toBe('unknown')
  })

  test.each([20, 2_000])('E434: is narrow when only small ones are answered, at %i ms', (rttMs) => {
    const probe = new WidthProbe('unknown', 0)
    probe.doubt(0)
    run(probe, { ...NARROW, rttMs }, { untilMs: 1_000 + rttMs })
    expect(probe.width).toBe('narrow')
  })

  test('E434: is not taken for narrow after a while in the dark', () => {
    const probe = new WidthProbe('unknown', 0)
    probe.doubt(0)
    run(probe, SILENT, { untilMs: 1_500 })
    run(probe, WIDE, { fromMs: 1_505, untilMs: 3_000 })
    expect(probe.width).toBe('wide')
  })

  test('E434: is not known when nothing is answered, and asking ends', () => {
    const probe = new WidthProbe('unknown', 0)
    probe.doubt(0)
    const sent = run(probe, SILENT, { untilMs: 60_000 })
    expect(probe.width).toBe('unknown')
    expect([sent.large.length, sent.small.length]).toEqual([20, 20])
    expect(probe.deadlineMs()).toBe(undefined)
  })

  test('E434: is asked again every 15 s while narrow, however much it is doubted, until it is wide', () => {
    const probe = new WidthProbe('narrow', 0)
    const first = run(probe, NARROW, { untilMs: 10_000 })
    probe.doubt(10_000)
    expect(run(probe, NARROW, { fromMs: 10_000, untilMs: 15_000 }).large).toEqual([])
    const second = run(probe, NARROW, { fromMs: 15_000, untilMs: 20_000 })
    expect(second.large.length).toBe(first.large.length)
    run(probe, WIDE, { fromMs: 30_000, untilMs: 40_000 })
    expect(probe.width).toBe('wide')
  })
})
