// `npm run check`: every check of the checkout at once, for people at work; `npm test` runs the same
// ones as tests.
import './node-version.mjs'
import { checkDeps } from './check-deps.mjs'
import { checkDocs } from './check-docs.mjs'
import { checkPackages } from './check-packages.mjs'
import { checkPurity } from './check-purity.mjs'
import { checkSize, sizeTable } from './check-size.mjs'
import { checkSpec } from './check-spec.mjs'
import { root } from './run.mjs'

const size = checkSize(root)
const problems = [
  ...[checkDeps, checkPurity, checkPackages, checkSpec, checkDocs].flatMap((check) => check(root)),
  ...size.problems,
]
console.log(sizeTable(size))
for (const problem of problems) console.log(problem)
process.exitCode = problems.length === 0 ? 0 : 1
