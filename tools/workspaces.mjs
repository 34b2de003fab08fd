// The workspaces of a checkout with their manifests. Only reads.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {{
 *   name: string,
 *   exports?: Record<string, { source?: string }>,
 *   scripts?: Record<string, string>,
 *   dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>,
 *   devDependencies?: Record<string, string>,
 * }} Manifest
 * @typedef {{ folder: string, manifest: Manifest, tools: Record<string, string> }} Workspace tools:
 *   what it may use while developing, the root's included
 */

/**
 * @param {string} folder the checkout
 * @returns {Workspace[]}
 */
export function readWorkspaces(folder) {
  const shared = readManifest(folder, '').devDependencies
  return ['packages', 'apps', 'lab']
    .filter((area) => existsSync(join(folder, area)))
    .flatMap((area) => readdirSync(join(folder, area)).map((name) => `${area}/${name}`))
    .filter((path) => existsSync(join(folder, path, 'package.json')))
    .toSorted()
    .map((path) => {
      const manifest = readManifest(folder, path)
      return { folder: path, manifest, tools: { ...shared, ...manifest.devDependencies } }
    })
}

/**
 * @param {string} folder the checkout
 * @param {string} path of the workspace; '' is the root
 * @returns {Manifest}
 */
export function readManifest(folder, path) {
  return JSON.parse(readFileSync(join(folder, path, 'package.json'), 'utf8'))
}
