import { expect, test } from 'vitest'

import { faultsOf, median, runLine, summaryLine } from './report.ts'
import type { RunResult } from './run.ts'
import type { AfterKill } from './server-death.ts'

const good: RunResult = { path: 'direct', ms: 312.4, connectedMs: 250, wire: 'direct' }
const quiet: AfterKill = {
  said: 20,
  read: 20,
  noticed: true,
  reconnectAttempts: 3,
  stunPackets: 0,
  otherPackets: 0,
  silentAfterSeconds: 0,
  flows: [],
}
const wanted = { third: false, stunKeepalives: false }

test('one line per run', () => {
  expect(runLine(good, 0)).toBe('run 1: direct, 312 ms, linked after 250 ms, on the wire direct')
})

test('a summary counts classes and takes the median of those that linked', () => {
  const runs: RunResult[] = [good, { path: 'failed', ms: undefined }, { ...good, ms: 400 }]
  expect(summaryLine({ pair: ['home', 'home'], runs })).toBe(
    'direct 2/3, failed 1/3, median 356 ms (312 to 400)',
  )
})

test('a failed run is a result, a disputed one is a fault', () => {
  expect(faultsOf({ path: 'failed', ms: undefined }, wanted)).toEqual([])
  expect(faultsOf({ path: 'disputed', ms: 1 }, wanted)).toHaveLength(1)
})

test('an expected path that is not there, and a third who does not talk, are faults', () => {
  expect(faultsOf(good, { ...wanted, path: 'lan' })).toHaveLength(1)
  expect(faultsOf(good, { ...wanted, third: true })).toHaveLength(1)
  expect(faultsOf({ ...good, thirdMs: 5 }, { ...wanted, third: true, path: 'direct' })).toEqual([])
})

test.each<[Partial<AfterKill>, number]>([
  [{}, 0],
  [{ read: 19 }, 1],
  [{ otherPackets: 1 }, 1],
  [{ stunPackets: 4 }, 1],
  [{ noticed: false }, 1],
])('after the kill %o: %i faults', (change, faults) => {
  expect(faultsOf({ ...good, afterKill: { ...quiet, ...change } }, wanted)).toHaveLength(faults)
})

test('STUN keep-alives to a dead server can be allowed, other packets cannot', () => {
  const afterKill = { ...quiet, stunPackets: 4, otherPackets: 1 }
  expect(faultsOf({ ...good, afterKill }, { ...wanted, stunKeepalives: true })).toEqual([
    '1 packets to the dead server',
  ])
})

test('median of odd and even counts', () => {
  expect([median([3]), median([1, 2, 9]), median([1, 2, 4, 9])]).toEqual([3, 2, 3])
})
