// `npm test`: installs what tests need, then checks format, lint, types and build and runs every
// test; the last line counts them all. `npm test -- <filter>` builds and runs only matching test
// files. `--long` (npm run test:long) also explores what takes minutes (KNOTHOLE_LONG=1).
import './node-version.mjs'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildPage } from './build.mjs'
import { allRequirements, installDebianPackages } from './debian.mjs'
import { install } from './install.mjs'
import { root, tool } from './run.mjs'
import { countLine, readVitestReport, runSteps } from './steps.mjs'

/** @typedef {import('./steps.mjs').Step} Step */

/** @type {(project: string, filters: readonly string[]) => Step} */
const tests = (project, filters) => ({
  name: `${project} tests`,
  run: () => {
    const reportFile = join(root, `.cache/tests/${project}.json`)
    mkdirSync(join(root, '.cache/tests'), { recursive: true })
    rmSync(reportFile, { force: true })
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    // With a filter one of the two projects may have no match; main() makes sure that not both do.
    const mayBeEmpty = filters.length > 0
    const empty = mayBeEmpty ? ['--passWithNoTests'] : []
    const args = ['run', `--project=${project}`, ...reporters, ...empty, ...filters]
    return readVitestReport({ reportFile, exitCode: tool('vitest', args), mayBeEmpty })
  },
})

/** @type {Step} */
const format = { name: 'format', run: () => tool('oxfmt', ['--check']) }

/** @type {Step[]} */
const builds = [
  { name: 'types', run: () => tool('typescript', ['-b']) },
  { name: 'web build', run: buildPage },
]

/** @type {Step[]} */
const checks = [
  { name: 'types of tests', run: () => tool('typescript', ['-p', 'tsconfig.tests.json']) },
  // After the build: lint sees the types of other packages in what was compiled.
  { name: 'lint', run: () => tool('oxlint', ['--type-aware', '--deny-warnings']) },
]

/** @param {readonly string[]} args @returns {number} exit code */
function main(args) {
  if (args.includes('--long')) process.env['KNOTHOLE_LONG'] = '1'
  const filters = args.filter((arg) => arg !== '--long')
  if (!install()) {
    console.error('Could not install the npm packages, so nothing could be tested.')
    console.log(countLine({ passed: 0, failed: 1, skipped: 0 }))
    return 1
  }
  if (!installDebianPackages(allRequirements)) {
    console.log('Tests that need these are skipped by name and counted as skipped.')
  }
  const everything = filters.length === 0
  const steps = everything ? [format, ...builds, ...checks] : builds
  const { count, failures, skips } = runSteps([
    ...steps,
    tests('unit', filters),
    tests('system', filters),
  ])
  if (count.passed + count.failed + count.skipped <= steps.length) {
    failures.push(`no test matches ${filters.join(' ')}`)
    count.failed += 1
  }
  console.log('')
  for (const name of skips) console.log(`skipped: ${name}`)
  for (const name of failures) console.log(`FAILED: ${name}`)
  console.log(countLine(count))
  return count.failed === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
