// Counts: runs named steps one after the other, a failing one stops nothing, and turns vitest's
// JSON report into numbers that nobody can mistake for success when nothing ran.
import { existsSync, readFileSync } from 'node:fs'

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
 * @typedef {{ count: Count, failures: string[], skips: string[] }} Outcome
 * @typedef {{ name: string, run: () => number | Outcome }} Step an exit code, or counts of its own
 * @typedef {{ fullName: string, status: string }} Assertion
 * @typedef {{ testResults: { name: string, status: string, message?: string,
 *   assertionResults: Assertion[] }[] }} VitestReport
 */

/**
 * Runs all steps and adds them up; a step with an exit code counts as one.
 * @param {readonly Step[]} steps
 * @returns {Outcome}
 */
export function runSteps(steps) {
  /** @type {Outcome} */
  const total = { count: { passed: 0, failed: 0, skipped: 0 }, failures: [], skips: [] }
  for (const step of steps) {
    console.log(`\n== ${step.name}`)
    const startMs = performance.now()
    const outcome = outcomeOf(step)
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
    console.log(`== ${step.name}: ${countLine(outcome.count)} (${seconds} s)`)
    total.count.passed += outcome.count.passed
    total.count.failed += outcome.count.failed
    total.count.skipped += outcome.count.skipped
    total.failures.push(...outcome.failures)
    total.skips.push(...outcome.skips)
  }
  return total
}

/** @param {Step} step @returns {Outcome} */
function outcomeOf(step) {
  try {
    const result = step.run()
    if (typeof result !== 'number') return result
    if (result === 0)
      return { count: { passed: 1, failed: 0, skipped: 0 }, failures: [], skips: [] }
    return failure(step.name)
  } catch (error) {
    console.error(error)
    return failure(step.name)
  }
}

/** @param {string} name @returns {Outcome} */
function failure(name) {
  return { count: { passed: 0, failed: 1, skipped: 0 }, failures: [name], skips: [] }
}

/**
 * What a vitest run amounts to.
 * @param {{ reportFile: string, exitCode: number, mayBeEmpty: boolean }} ran mayBeEmpty: a filter was given
 * @returns {Outcome}
 */
export function readVitestReport({ reportFile, exitCode, mayBeEmpty }) {
  if (!existsSync(reportFile)) return failure(`vitest wrote no report (exit code ${exitCode})`)
  /** @type {VitestReport} */
  const report = JSON.parse(readFileSync(reportFile, 'utf8'))
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const failures = tests.filter((test) => test.status === 'failed').map((test) => test.fullName)
  const passed = tests.filter((test) => test.status === 'passed').length
  const skips = tests.filter((test) => !['failed', 'passed'].includes(test.status))
  // A file that does not load, or whose hooks fail, has no failed test in it and is one failure.
  for (const file of report.testResults) {
    const named = file.assertionResults.some((test) => test.status === 'failed')
    if (file.status === 'failed' && !named) failures.push(file.name)
  }
  if (exitCode !== 0 && failures.length === 0) failures.push(`vitest: exit code ${exitCode}`)
  if (tests.length === 0 && failures.length === 0 && !mayBeEmpty) failures.push('no test ran')
  return {
    count: { passed, failed: failures.length, skipped: skips.length },
    failures,
    skips: skips.map((test) => test.fullName),
  }
}

/**
 * The line that `npm test` and `.ci/run` end with.
 * @param {Count} count
 */
export function countLine({ passed, failed, skipped }) {
  const tail = skipped > 0 ? `, ${skipped} skipped` : ''
  return `${passed} passed, ${failed} failed${tail}`
}
