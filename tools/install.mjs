// Installs npm packages, and only when some are missing: asks the lock file what a workspace needs
// and looks whether exactly that lies in node_modules. Never changes package-lock.json. No network
// when nothing is missing.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root } from './run.mjs'

/**
 * @typedef {{
 *   version?: string, link?: boolean, resolved?: string, optional?: boolean,
 *   os?: string[], cpu?: string[], libc?: string[],
 *   dependencies?: Record<string, string>, devDependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>,
 * }} LockEntry
 * @typedef {Record<string, LockEntry>} LockPackages
 * @typedef {{ os: string, cpu: string, libc: string }} Platform
 */

/** What it takes to build and serve Knothole; the rest of the workspaces is for tests and labs. */
export const product = [
  'packages/wire',
  'packages/traversal',
  'packages/engine',
  'apps/rendezvous',
  'apps/web',
]

/**
 * The paths in the lock file that these workspaces need, their development tools included. What is
 * optional and made for another platform is left out, and so is what only that needs.
 * @param {LockPackages} packages
 * @param {{ workspaces: readonly string[], platform: Platform }} choice '' is the root
 * @returns {Set<string>}
 */
export function neededPaths(packages, { workspaces, platform }) {
  /** @type {Set<string>} */
  const needed = new Set()
  const queue = [...workspaces]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const entry = packages[path]
    const target = entry?.link ? (entry.resolved ?? path) : path
    const found = namesIn(packages[target], workspaces.includes(target))
      .map((name) => lookUp(packages, target, name))
      .filter((dependency) => dependency !== undefined)
      .filter((dependency) => !needed.has(dependency))
      .filter((dependency) => wanted(packages[dependency], platform))
    for (const dependency of found) needed.add(dependency)
    queue.push(...found)
  }
  return needed
}

/** @type {(entry: LockEntry | undefined, development: boolean) => string[]} */
const namesIn = (entry, development) =>
  Object.keys({
    ...entry?.dependencies,
    ...entry?.optionalDependencies,
    ...(development ? entry?.devDependencies : {}),
  })

/** @type {(entry: LockEntry | undefined, platform: Platform) => boolean} */
const wanted = (entry, platform) =>
  entry !== undefined && (entry.optional !== true || fits(entry, platform))

/**
 * Node's resolution on lock file paths: the nearest node_modules that has the name.
 * @param {LockPackages} packages
 * @param {string} from
 * @param {string} name
 */
function lookUp(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (folder === '') return undefined
  }
}

/**
 * Whether npm would install an entry on this platform (lists may also say what they exclude: `!win32`).
 * @param {LockEntry} entry
 * @param {Platform} platform
 */
export function fits(entry, platform) {
  return (
    allows(entry.os, platform.os) &&
    allows(entry.cpu, platform.cpu) &&
    (platform.os !== 'linux' || allows(entry.libc, platform.libc))
  )
}

/**
 * @param {readonly string[] | undefined} list
 * @param {string} value
 */
function allows(list, value) {
  if (list === undefined) return true
  if (list.includes(`!${value}`)) return false
  return list.includes(value) || list.every((item) => item.startsWith('!'))
}

/** @returns {Platform} */
function thisPlatform() {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (
    process.report.getReport()
  )
  const libc = report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
  return { os: process.platform, cpu: process.arch, libc }
}

/**
 * Lock file paths that these workspaces need and that are absent or of another version.
 * @param {string} folder the checkout
 * @param {readonly string[] | undefined} workspaces all of them when undefined
 * @returns {string[]}
 */
export function missingPackages(folder, workspaces) {
  /** @type {{ packages: LockPackages }} */
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  const everyone = Object.keys(packages).filter((path) => !path.includes('node_modules/'))
  const choice = { workspaces: workspaces ?? everyone, platform: thisPlatform() }
  return [...neededPaths(packages, choice)].filter((path) => {
    const entry = packages[path] ?? {}
    const manifest = join(folder, path, 'package.json')
    if (!existsSync(manifest)) return true
    return !entry.link && JSON.parse(readFileSync(manifest, 'utf8')).version !== entry.version
  })
}

/**
 * Makes node_modules hold what these workspaces need.
 * @param {readonly string[]} [workspaces] all of them when left out
 * @returns {boolean} false when it could not; npm has then said why
 */
export function install(workspaces) {
  const missing = missingPackages(root, workspaces)
  if (missing.length === 0) return true
  console.log(`Installing ${missing.length} packages from the npm registry ...`)
  const some = (workspaces ?? []).map((path) => `--workspace=${path}`)
  // NODE_ENV=production must not take the compiler away, and nobody's habits the lock file.
  const args = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error', ...some]
  // `npm ci` empties node_modules first: right for a fresh clone, rude to a folder in use.
  if (!existsSync(join(root, 'node_modules')) && npm(['ci', ...args]) === 0) return true
  npm(['install', '--no-save', ...args])
  const left = missingPackages(root, workspaces)
  if (left.length > 0) console.error(`Still missing: ${left.slice(0, 5).join(', ')} ...`)
  return left.length === 0
}
