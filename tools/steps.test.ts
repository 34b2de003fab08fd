// The last line of `npm test` counts what really happened, whatever vitest or a step did.
import { expect, test, vi } from 'vitest'
import { makeCheckout } from './checkout.testing.ts'
import { countLine, readVitestReport, runSteps } from './steps.mjs'

const ran = (status: string, fullName = status): object => ({ status, fullName })

/** A vitest report on disk, read back. */
function outcomeOf(testResults: object[], more: { exitCode?: number; mayBeEmpty?: boolean } = {}) {
  const folder = makeCheckout({ 'report.json': { testResults } })
  const reportFile = `${folder}/report.json`
  return readVitestReport({ reportFile, exitCode: 0, mayBeEmpty: false, ...more })
}

test('the last line names skipped tests only when there are some', () => {
  expect(countLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(countLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})

test('tests are counted by what they did', () => {
  const assertionResults = [ran('passed'), ran('failed', 'a b'), ran('skipped', 'c'), ran('todo')]
  const outcome = outcomeOf([{ name: 'a.test.ts', status: 'failed', assertionResults }])
  expect(outcome.count).toEqual({ passed: 1, failed: 1, skipped: 2 })
  expect(outcome.failures).toEqual(['a b'])
  expect(outcome.skips).toEqual(['c', 'todo'])
})

test('a file that does not load is one failure', () => {
  const broken = { name: 'a.test.ts', status: 'failed', assertionResults: [] }
  expect(outcomeOf([broken]).failures).toEqual(['a.test.ts'])
})

test('an exit code without a failed test is a failure', () => {
  const fine = { name: 'a.test.ts', status: 'passed', assertionResults: [ran('passed')] }
  expect(outcomeOf([fine]).count.failed).toBe(0)
  expect(outcomeOf([fine], { exitCode: 1 }).count.failed).toBe(1)
})

test('no test at all is a failure unless a filter was given', () => {
  expect(outcomeOf([]).count.failed).toBe(1)
  expect(outcomeOf([], { mayBeEmpty: true }).count.failed).toBe(0)
})

test('a vitest that wrote no report is a failure', () => {
  const lost = { reportFile: '/nowhere/report.json', exitCode: 0, mayBeEmpty: true }
  expect(readVitestReport(lost).count.failed).toBe(1)
})

test('a failing step stops no other and each step counts', () => {
  const log = vi.spyOn(console, 'log').mockReturnValue()
  const error = vi.spyOn(console, 'error').mockReturnValue()
  const tests = { count: { passed: 5, failed: 1, skipped: 2 }, failures: ['t'], skips: ['s', 'u'] }
  const outcome = runSteps([
    { name: 'format', run: () => 2 },
    {
      name: 'lint',
      run: () => {
        throw new Error('not there')
      },
    },
    { name: 'types', run: () => 0 },
    { name: 'unit tests', run: () => tests },
  ])
  log.mockRestore()
  error.mockRestore()
  expect(outcome.count).toEqual({ passed: 6, failed: 3, skipped: 2 })
  expect(outcome.failures).toEqual(['format', 'lint', 't'])
})
