// What a talk must outlive, with real browsers: another public address always, everything else (twenty
// minutes) with KNOTHOLE_LONG=1.

import { expect, test } from 'vitest'

import { parseLabArguments } from '../arguments.ts'
import { chromiumSupport, labSupport } from '../support.ts'
import { playScenario } from './scenario.ts'

const lab = labSupport()
const support = lab.ok ? chromiumSupport() : lab
const why = support.ok ? '' : ` (skipped: ${support.reason})`
const isLong = process.env['KNOTHOLE_LONG'] === '1'
const whyNotLong = isLong ? why : ' (skipped: only with KNOTHOLE_LONG=1, npm run test:long)'
const LONG_MS = 3600 * 1000

/** What was not as promised, in what these words ask for. */
async function faultsOf(words: string): Promise<string[]> {
  const command = parseLabArguments(words.split(' '))
  if (command.type !== 'scenario') throw new Error('no scenario')
  const faults: string[] = []
  for (const plan of command.plans) faults.push(...(await playScenario(plan)).faults)
  return faults
}

test.skipIf(!support.ok)(
  `a router gets another public address while two people talk: nothing is lost${why}`,
  async () => {
    expect(await faultsOf('--scenario new-address')).toEqual([])
  },
)

test
  .skipIf(!support.ok || !isLong)
  .each([
    '--scenario all',
    '--scenario upgrade',
    '--scenario flush --pair C3,Ss --runs 5',
    '--scenario idle --minutes 10',
  ])(`%s is survived${whyNotLong}`, { timeout: LONG_MS }, async (words) => {
  expect(await faultsOf(words)).toEqual([])
})
