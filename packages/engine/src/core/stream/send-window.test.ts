import { describe, expect, test } from 'vitest'
import { DIRECT_WINDOW, RELAYED_WINDOW, SendWindow } from './send-window.ts'

const KIB = 1024

/** A window that is always full, on a path that carries so many bytes a ms and takes so long there and back. */
function filled(window: SendWindow, path: { rate: number; rttMs: number }, forMs: number): number {
  for (let nowMs = 0; nowMs < forMs; nowMs += 10) {
    const rate = Math.min(path.rate, window.bytes / path.rttMs)
    window.arrived(10 * rate, undefined, nowMs)
  }
  return window.bytes
}

describe('the window of bulk', () => {
  test('E103: stays as it is while the round trip of the path is not known', () => {
    const window = new SendWindow()
    window.reset(DIRECT_WINDOW, 0)
    expect(filled(window, { rate: 20_000, rttMs: 50 }, 1_000)).toBe(256 * KIB)
  })

  test('E103: what waits in a full window does not widen it', () => {
    const window = new SendWindow()
    window.reset(DIRECT_WINDOW, 0)
    window.measured(2)
    expect(filled(window, { rate: 20_000, rttMs: 2 }, 1_000)).toBe(256 * KIB)
  })

  test('E103: a long path that carries much widens it to twice what is under way', () => {
    const window = new SendWindow()
    window.reset(DIRECT_WINDOW, 0)
    window.measured(50)
    const bytes = filled(window, { rate: 20_000, rttMs: 50 }, 2_000)
    expect(bytes).toBeGreaterThan(1.9 * 50 * 20_000)
    expect(bytes).toBeLessThan(2.1 * 50 * 20_000)
  })

  test('E103: never beyond 4 MiB, and over a relay by the round trip of its segments', () => {
    const window = new SendWindow()
    window.reset(DIRECT_WINDOW, 0)
    window.measured(500)
    expect(filled(window, { rate: 50_000, rttMs: 500 }, 20_000)).toBe(4 * KIB * KIB)
    window.reset(RELAYED_WINDOW, 0)
    for (let nowMs = 0; nowMs < 1_000; nowMs += 10) window.arrived(20_000, 40, nowMs)
    expect(window.bytes).toBeGreaterThan(100 * KIB)
  })
})
