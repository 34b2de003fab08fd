// Holds the documentation to the checkout: every path and npm script that a *.md names in code, and
// every relative link with its heading, exists. What a build generates is left alone.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isRooted, readDocument } from './documents.mjs'
import { isGenerated, listFiles } from './files.mjs'
import { readManifest, readWorkspaces } from './workspaces.mjs'

/**
 * @typedef {Map<string, ReturnType<typeof readDocument>>} Documents
 * @typedef {{ path: string, known: ReadonlySet<string>, documents: Documents }} Place
 */

/**
 * Everything that is named and does not exist, as a sentence.
 * @param {string} folder the checkout
 * @returns {string[]}
 */
export function checkDocs(folder) {
  const files = listFiles(folder)
  const folders = files.flatMap((path) =>
    [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index)),
  )
  const known = new Set(['.', ...files, ...folders])
  const scripts = knownScripts(folder)
  /** @type {Documents} */
  const documents = new Map(
    files
      .filter((path) => path.endsWith('.md'))
      .map((path) => [path, readDocument(readFileSync(join(folder, path), 'utf8'))]),
  )
  return [...documents].flatMap(([path, document]) => {
    const place = { path, known, documents }
    const missing = [
      ...document.paths.filter((name) => !pathExists(name, place)),
      ...document.links.filter((target) => !linkResolves(target, place)),
      ...document.scripts.filter((name) => !scripts.has(name)).map((name) => `npm run ${name}`),
    ]
    return [...new Set(missing)].map((name) => `${path}: ${name} does not exist`)
  })
}

/**
 * Scripts of the root by name, those of workspaces also as `workspace script`.
 * @param {string} folder
 */
function knownScripts(folder) {
  const own = Object.keys(readManifest(folder, '').scripts ?? {})
  const others = readWorkspaces(folder).flatMap(({ folder: path, manifest }) =>
    Object.keys(manifest.scripts ?? {}).flatMap((script) => [
      `${path} ${script}`,
      `${manifest.name} ${script}`,
    ]),
  )
  return new Set([...own, ...others])
}

/**
 * @param {string} name
 * @param {Place} place
 */
function pathExists(name, { path, known }) {
  if (name.split('/').some(isGenerated)) return true
  if (name.startsWith('.') && !isRooted(name)) {
    const near = [name, posix.join(posix.dirname(path), name)]
    return near.some((candidate) => known.has(posix.normalize(candidate)))
  }
  // Short names (`stun-client.ts`, `src/core`) mean the file that ends so, wherever it lies.
  const ending = name.replaceAll(/[.+]/g, String.raw`\$&`).replaceAll('*', '[^/]*')
  const pattern = new RegExp(isRooted(name) ? `^${ending}$` : `(?:^|/)${ending}$`)
  return known.has(name) || [...known].some((candidate) => pattern.test(candidate))
}

/**
 * @param {string} target
 * @param {Place} place
 */
function linkResolves(target, { path, known, documents }) {
  const [file = '', anchor] = target.split('#')
  const joined = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file))
  const resolved = joined.replace(/\/$/, '')
  if (!known.has(resolved)) return false
  const anchors = documents.get(resolved)?.anchors
  return anchor === undefined || anchors === undefined || anchors.includes(anchor)
}
