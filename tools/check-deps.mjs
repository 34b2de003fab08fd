// Holds every import that is really there (static, dynamic, re-exported, for a type) against the
// dependency rule, and every package against what its workspace declares. Tests are bound by the
// rule too, but may use whatever the checkout has installed.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { forbidden, zoneOf } from './dependency-rule.mjs'
import { isSource, isTest, listFiles } from './files.mjs'
import { computed, readImports } from './parse.mjs'
import { readWorkspaces } from './workspaces.mjs'

/**
 * @typedef {import('./workspaces.mjs').Workspace} Workspace
 * @typedef {{ path: string, specifier: string }} Use
 */

/**
 * Every import that breaks the rule, as a sentence.
 * @param {string} folder the checkout
 * @returns {string[]}
 */
export function checkDeps(folder) {
  const workspaces = readWorkspaces(folder)
  return workspaces.flatMap((workspace) =>
    listFiles(folder, `${workspace.folder}/src`)
      .filter(isSource)
      .flatMap((path) =>
        importsOf(folder, path).flatMap((specifier) => {
          const problem = judge({ path, specifier }, workspace, workspaces)
          return problem === undefined ? [] : [`${path} imports ${specifier}: ${problem}`]
        }),
      ),
  )
}

/** @type {(folder: string, path: string) => string[]} */
const importsOf = (folder, path) => [
  ...new Set(readImports(path, readFileSync(posix.join(folder, path), 'utf8'))),
]

/**
 * @param {Use} use
 * @param {Workspace} workspace the one that the file is in
 * @param {readonly Workspace[]} workspaces
 * @returns {string | undefined}
 */
function judge(use, workspace, workspaces) {
  const testing = isTest(use.path)
  const relative = use.specifier.startsWith('.')
  const problem = testing || relative ? undefined : undeclared(use.specifier, workspace)
  const target = targetOf(use, workspaces)
  if (problem !== undefined || target === undefined) return problem
  const inside = target.startsWith(`${workspace.folder}/`)
  // A test belongs to its workspace and sees all of it.
  if (testing && (inside || (relative && target.startsWith('tools/')))) return undefined
  if (relative && !inside) return 'name the package you mean, a path must not leave its workspace'
  return forbidden(zoneOf(use.path), zoneOf(target))
}

/**
 * @param {string} specifier
 * @param {Workspace} workspace
 */
function undeclared(specifier, { manifest, folder, tools }) {
  if (specifier === computed) return 'no rule can check a computed module'
  const parts = specifier.split('/')
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  if (name.startsWith('node:') || name === manifest.name) return undefined
  if (builtinModules.includes(name)) return `write node:${name}`
  // Laboratories do not ship: development tools will do, those of the root included.
  const shipped = { ...manifest.dependencies, ...manifest.optionalDependencies }
  if (name in { ...shipped, ...(folder.startsWith('lab/') ? tools : {}) }) return undefined
  return `${folder}/package.json does not declare it as a dependency`
}

/**
 * The file of this checkout that is meant; undefined for npm packages and modules of Node.
 * @param {Use} use
 * @param {readonly Workspace[]} workspaces
 * @returns {string | undefined}
 */
function targetOf({ path, specifier }, workspaces) {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  const owner = workspaces.find(
    ({ manifest }) => specifier === manifest.name || specifier.startsWith(`${manifest.name}/`),
  )
  if (owner === undefined) return undefined
  const entry = `.${specifier.slice(owner.manifest.name.length)}`
  return posix.join(owner.folder, owner.manifest.exports?.[entry]?.source ?? 'src/not-exported')
}
