import { describe, expect, test } from 'vitest'
import type { Carrier } from './carrier.ts'
import { PATH_ORDER } from './carrier.ts'
import { CarrierChoice } from './carrier-choice.ts'
import type { Path } from '../room-state.ts'
import type { Width } from './width-probe.ts'

class TestCarrier implements Carrier {
  readonly kind = 'reliable'
  readonly path: Path
  readonly rttMs = undefined
  open = true
  usable = true
  theirs = false
  uses: boolean[] = []
  width: Width = 'unknown'
  doubts = 0

  constructor(path: Path) {
    this.path = path
  }

  send(): void {}

  doubt(): void {
    this.doubts += 1
  }

  use(isUsed: boolean): void {
    this.uses.push(isUsed)
  }
}

const of = (...paths: Path[]): TestCarrier[] => paths.map((path) => new TestCarrier(path))

describe('which carrier', () => {
  test('E111: of all usable ones the best, in the order of paths', () => {
    const all = of(...PATH_ORDER)
    const choice = new CarrierChoice(false)
    for (const carrier of all) {
      choice.choose(all, 0)
      expect(choice.current).toBe(carrier)
      carrier.usable = false
    }
  })

  test('E111: the one in use stays until the new one is usable, and both are told', () => {
    const [relay, direct] = of('ws-relay', 'direct') as [TestCarrier, TestCarrier]
    direct.usable = false
    const choice = new CarrierChoice(false)
    expect(choice.choose([relay, direct], 0)).toBe(true)
    expect(choice.choose([relay, direct], 100)).toBe(false)
    direct.usable = true
    expect(choice.choose([relay, direct], 200)).toBe(true)
    expect([choice.current, relay.uses, direct.uses]).toEqual([direct, [true, false], [true]])
  })

  test('E111: a worse one that comes changes nothing, nor one that is as good', () => {
    const [one, other, worse] = of('direct', 'direct', 'turn') as [
      TestCarrier,
      TestCarrier,
      TestCarrier,
    ]
    const choice = new CarrierChoice(false)
    choice.choose([one], 0)
    expect(choice.choose([other, worse, one], 1)).toBe(false)
  })

  test('E111: one that failed must hold half a second, then 2 s longer each time; a minute is forgiven', () => {
    const [relay, direct] = of('ws-relay', 'direct') as [TestCarrier, TestCarrier]
    const all = [relay, direct]
    const choice = new CarrierChoice(false)
    choice.choose(all, 0)
    for (const [atMs, holdMs] of [
      [10_000, 500],
      [20_000, 2_000],
      [40_000, 4_000],
      [105_000, 500],
    ] as const) {
      direct.usable = false
      choice.choose(all, atMs)
      expect(choice.current).toBe(relay)
      direct.usable = true
      choice.choose(all, atMs + 1_000)
      const backAtMs = atMs + 1_000 + holdMs
      expect([choice.current, choice.deadlineMs()]).toEqual([relay, backAtMs])
      choice.choose(all, backAtMs)
      expect(choice.current).toBe(direct)
    }
  })

  test('E111: when nothing is usable the one in use is kept while it is open', () => {
    const [direct, other] = of('direct', 'turn') as [TestCarrier, TestCarrier]
    const choice = new CarrierChoice(false)
    choice.choose([direct], 0)
    direct.usable = false
    other.usable = false
    expect(choice.choose([other, direct], 1)).toBe(false)
    direct.open = false
    choice.choose([other, direct], 2)
    expect(choice.current).toBe(other)
    other.open = false
    choice.choose([other, direct], 3)
    expect(choice.current).toBe(undefined)
  })

  test('E111: the polite side uses what the other uses, if it can', () => {
    const [direct, relay] = of('direct', 'ws-relay') as [TestCarrier, TestCarrier]
    const polite = new CarrierChoice(true)
    const impolite = new CarrierChoice(false)
    relay.theirs = true
    for (const choice of [polite, impolite]) choice.choose([direct, relay], 0)
    expect([polite.current, impolite.current]).toEqual([relay, direct])
    relay.usable = false
    polite.choose([direct, relay], 1)
    expect(polite.current).toBe(direct)
  })

  test('E111: what was forgotten is chosen again as another', () => {
    const [direct] = of('direct') as [TestCarrier]
    const choice = new CarrierChoice(false)
    choice.choose([direct], 0)
    expect(choice.choose([direct], 1)).toBe(false)
    choice.forget(direct)
    expect(choice.choose([direct], 2)).toBe(true)
  })
})

describe('a carrier that loses large packets', () => {
  test('E435: gives way to one that is known to bring them, and others are asked first', () => {
    const [turn, direct] = of('turn', 'direct') as [TestCarrier, TestCarrier]
    const choice = new CarrierChoice(false)
    choice.choose([direct], 0)
    direct.width = 'narrow'
    expect([choice.choose([direct, turn], 1), turn.doubts]).toEqual([false, 1])
    turn.width = 'wide'
    expect([choice.choose([direct, turn], 2), choice.current]).toEqual([true, turn])
    direct.width = 'wide'
    expect([choice.choose([direct, turn], 3), choice.current]).toEqual([true, direct])
  })

  test('E435: goes on where there is no other, whatever the other side says', () => {
    const [turn, direct] = of('turn', 'direct') as [TestCarrier, TestCarrier]
    const choice = new CarrierChoice(true)
    direct.width = 'narrow'
    direct.theirs = true
    choice.choose([direct], 0)
    expect(choice.current).toBe(direct)
    turn.width = 'wide'
    choice.choose([direct, turn], 1)
    expect(choice.current).toBe(turn)
  })

  test('E435: one that was late and failed is preferred again only when it brings large packets', () => {
    const [turn, direct] = of('turn', 'direct') as [TestCarrier, TestCarrier]
    const choice = new CarrierChoice(false)
    choice.choose([direct, turn], 0)
    choice.doubt(0)
    direct.usable = false
    choice.choose([direct, turn], 1)
    direct.usable = true
    expect([choice.choose([direct, turn], 60_000), direct.doubts]).toEqual([false, 2])
    direct.width = 'wide'
    choice.choose([direct, turn], 60_001)
    expect(choice.choose([direct, turn], 63_000)).toBe(true)
  })
})
