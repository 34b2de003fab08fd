// Holds package.json files to docs/dependencies.md: each npm package that ships is named there with
// a reason and nothing else is, and a package has one exact version in all of the checkout.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest, readWorkspaces } from './workspaces.mjs'

const listPath = 'docs/dependencies.md'
const ours = '@knothole/'

/**
 * Every breach, as a sentence.
 * @param {string} folder the checkout
 * @returns {string[]}
 */
export function checkPackages(folder) {
  const workspaces = readWorkspaces(folder)
  const shipped = workspaces.filter(
    (workspace) => !workspace.folder.startsWith('lab/') && workspace.folder !== 'packages/testkit',
  )
  const used = new Set(
    shipped
      .flatMap(({ manifest: { dependencies, optionalDependencies } }) =>
        Object.keys({ ...dependencies, ...optionalDependencies }),
      )
      .filter((name) => !name.startsWith(ours)),
  )
  const listed = readList(readFileSync(join(folder, listPath), 'utf8'))
  const missing = [...used].filter((name) => !listed.has(name))
  const stale = [...listed.keys()].filter((name) => !used.has(name))
  const silent = [...listed].filter(([, reason]) => reason === '').map(([name]) => name)
  return [
    ...missing.map((name) => `${listPath}: ${name} ships and is not in the table "Runtime"`),
    ...stale.map((name) => `${listPath}: ${name} is in the table "Runtime" and does not ship`),
    ...silent.map((name) => `${listPath}: ${name} has no reason`),
    ...checkVersions([{ folder: '.', manifest: readManifest(folder, '') }, ...workspaces]),
  ]
}

/**
 * Names and reasons in the table below the heading "Runtime".
 * @param {string} text
 * @returns {Map<string, string>}
 */
function readList(text) {
  const section = text.split(/^## /m).find((part) => part.startsWith('Runtime')) ?? ''
  const rows = section.matchAll(/^\| `(?<name>[^`]+)`[^|]*\|(?<reason>[^|]*)\|/gm)
  return new Map(
    [...rows].map(({ groups }) => [groups?.['name'] ?? '', groups?.['reason']?.trim() ?? '']),
  )
}

/** @param {readonly Pick<import('./workspaces.mjs').Workspace, 'folder' | 'manifest'>[]} workspaces */
function checkVersions(workspaces) {
  /** @type {Map<string, { version: string, folder: string }>} */
  const first = new Map()
  return workspaces.flatMap(({ folder, manifest }) =>
    Object.entries({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.devDependencies,
    }).flatMap(([name, version]) => {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
        return [`${folder}/package.json: ${name} must have an exact version, not ${version}`]
      }
      const other = first.get(name) ?? { version, folder }
      first.set(name, other)
      if (other.version === version) return []
      return [
        `${folder}/package.json: ${name} is ${version}, but ${other.version} in ${other.folder}`,
      ]
    }),
  )
}
