// Builds what is served, and only when a source changed: the stamp in .knothole/ is a hash of every
// input's path and content. Does not type-check the page; `npm test` does.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from './files.mjs'
import { product } from './install.mjs'
import { npm, root, tool } from './run.mjs'

/** The program `npm start` becomes. */
export const rendezvousMain = 'apps/rendezvous/dist/shell/main.js'

const outputs = [rendezvousMain, 'apps/web/dist/index.html']
const settings = ['package-lock.json', 'tsconfig.base.json', 'tsconfig.pure.json']
const notAnInput = /\.(test|testing)\.tsx?$|\.md$/

/**
 * One hash over everything a build of the product reads.
 * @param {string} folder the checkout
 */
export function hashSources(folder) {
  const hash = createHash('sha256')
  const sources = product.flatMap((path) => listFiles(folder, path))
  for (const path of [...settings, ...sources.filter((path) => !notAnInput.test(path))]) {
    const content = readFileSync(join(folder, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * Builds the rendezvous and the page unless the last build was of the same sources.
 * @returns {boolean} false when a build failed; the compiler has then said why
 */
export function buildProduct() {
  const stamp = join(root, '.knothole/build.sha256')
  const hash = hashSources(root)
  const built = outputs.every((path) => existsSync(join(root, path)))
  if (built && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true
  console.log('Building ...')
  // A failed build also writes files: without a stamp the next start cannot mistake them for good.
  rmSync(stamp, { force: true })
  // tsc trusts its build info and would not write a file that somebody deleted.
  const force = built ? [] : ['--force']
  if (tool('typescript', ['-b', ...force, 'apps/rendezvous']) !== 0) return false
  if (buildPage() !== 0) return false
  mkdirSync(join(root, '.knothole'), { recursive: true })
  writeFileSync(stamp, hash)
  return true
}

/** Builds the page as it ships; returns the exit code. */
export function buildPage() {
  return npm(['run', 'build', '--workspace=apps/web'])
}
