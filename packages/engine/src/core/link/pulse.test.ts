import { SeededRandom, VirtualClock } from '@knothole/testkit'
import { describe, expect, test } from 'vitest'
import { paceWhere, Pulse } from './pulse.ts'

/** Lets time pass as a timer does, exactly at each deadline; answers when silence was told. */
function run(
  pulse: Pulse,
  fromMs: number,
  untilMs: number,
): { pings: number[]; silentMs: number[] } {
  const pings: number[] = []
  const silentMs: number[] = []
  let nowMs = fromMs
  for (let steps = 0; steps < 10_000; steps++) {
    nowMs = Math.max(nowMs, pulse.deadlineMs() ?? Infinity)
    if (nowMs > untilMs) return { pings, silentMs }
    if (pulse.pingDue(nowMs) !== undefined) pings.push(nowMs)
    if (pulse.silent(nowMs)) silentMs.push(nowMs)
  }
  throw new Error('the pulse spins')
}

describe('pings', () => {
  test('E20: after 400 ms without a word, then every 200 ms', () => {
    const pulse = new Pulse(0)
    pulse.heard(0)
    expect(run(pulse, 0, 999).pings).toEqual([400, 600, 800])
  })

  test('E459: one link of many is asked after 1.5 s, then every 0.5 s, and silent after 3 s', () => {
    let isOneOfMany = true
    const pulse = new Pulse(
      0,
      paceWhere(() => isOneOfMany),
    )
    pulse.heard(0)
    expect(run(pulse, 0, 3_100)).toEqual({ pings: [1_500, 2_000, 2_500, 3_000], silentMs: [3_000] })
    isOneOfMany = false
    pulse.heard(4_000)
    expect(run(pulse, 4_000, 5_100)).toEqual({
      pings: [4_400, 4_600, 4_800, 5_000],
      silentMs: [5_000],
    })
  })

  test('E20: none while the link is busy', () => {
    const pulse = new Pulse(0)
    for (let nowMs = 0; nowMs < 5_000; nowMs += 399) {
      pulse.heard(nowMs)
      expect(pulse.pingDue(nowMs + 398)).toBe(undefined)
    }
  })

  test('E20: round-trip times are smoothed, one sample a ping', () => {
    const pulse = new Pulse(0)
    expect(pulse.rttMs).toBe(undefined)
    const first = pulse.pingDue(0) ?? 0
    pulse.pong(first, 80)
    expect(pulse.rttMs).toBe(80)
    pulse.pong(first, 500)
    pulse.pong(4711, 500)
    expect(pulse.rttMs).toBe(80)
    const second = pulse.pingDue(200) ?? 0
    pulse.pong(second, 360)
    expect(pulse.rttMs).toBe(90)
  })
})

describe('silence', () => {
  test('E21: told 1 s after the last word', () => {
    const pulse = new Pulse(0)
    pulse.heard(0)
    expect(run(pulse, 0, 5_000).silentMs).toEqual([1_000])
  })

  test('E21: and a round-trip time later on a long path', () => {
    const pulse = new Pulse(0)
    pulse.pong(pulse.pingDue(0) ?? 0, 300)
    pulse.heard(300)
    expect(run(pulse, 300, 5_000).silentMs).toEqual([1_600])
  })

  test('E21: told once, and no deadline spins meanwhile', () => {
    const pulse = new Pulse(0)
    pulse.heard(0)
    const { pings, silentMs } = run(pulse, 0, 60_000)
    expect(silentMs.length).toBe(1)
    expect(pings.length).toBeLessThan(310)
    pulse.heard(60_000)
    expect(run(pulse, 60_000, 65_000).silentMs).toEqual([61_000])
  })

  test('E21: a page that wakes after an hour asks before it judges', () => {
    const pulse = new Pulse(0)
    pulse.heard(0)
    const wokeMs = 3_600_000
    expect(pulse.silent(wokeMs)).toBe(false)
    pulse.pingDue(wokeMs)
    expect(pulse.silent(wokeMs)).toBe(false)
    pulse.pingDue(wokeMs + 200)
    pulse.heard(wokeMs + 240)
    expect(run(pulse, wokeMs + 240, wokeMs + 1_000).silentMs).toEqual([])
  })

  test('E21: a page that wakes to a dead link finds out half a second later', () => {
    const pulse = new Pulse(0)
    pulse.heard(0)
    pulse.pingDue(3_600_000)
    expect(run(pulse, 3_600_000, 3_605_000).silentMs).toEqual([3_600_500])
  })

  test('E21: 5 % loss each way raises less than one false alarm in ten hours of quiet', () => {
    const clock = new VirtualClock()
    const random = new SeededRandom('5 % loss')
    const startMs = clock.nowMs()
    const sides = [new Pulse(startMs), new Pulse(startMs)] as const
    let alarms = 0
    const send = (arrive: () => void): void => {
      if (!random.chance(0.05)) clock.schedule(clock.nowMs() + 25, arrive)
    }
    const live = (own: Pulse, other: Pulse): void => {
      const nowMs = clock.nowMs()
      const number = own.pingDue(nowMs)
      if (own.silent(nowMs)) alarms += 1
      if (number !== undefined) {
        send(() => {
          other.heard(clock.nowMs())
          send(() => {
            own.pong(number, clock.nowMs())
            own.heard(clock.nowMs())
          })
        })
      }
      clock.schedule(Math.max(own.deadlineMs() ?? 0, nowMs + 10), () => live(own, other))
    }
    live(sides[0], sides[1])
    live(sides[1], sides[0])
    clock.advance(10 * 3_600_000)
    expect(alarms).toBeLessThanOrEqual(1)
    expect(sides[0].rttMs).toBe(50)
  })
})
