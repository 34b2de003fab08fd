// Lists the source files of a checkout; knows which folders are generated and leaves them out.
// Works without git, so that it does the same in a clone, an archive and a test's folder.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const generated = new Set(['node_modules', 'dist', '.git', '.cache', '.knothole'])

/**
 * Whether a folder of this name holds what tools make, not what people write.
 * @param {string} name
 */
export const isGenerated = (name) => generated.has(name)

/**
 * Every file below `under`, sorted, as a path with forward slashes relative to `folder`.
 * @param {string} folder
 * @param {string} [under] '' is all of the folder; a folder that does not exist has no files
 * @returns {string[]}
 */
export function listFiles(folder, under = '') {
  if (!existsSync(join(folder, under))) return []
  const entries = readdirSync(join(folder, under), { withFileTypes: true })
  return entries
    .filter((entry) => !isGenerated(entry.name))
    .flatMap((entry) => {
      const path = under === '' ? entry.name : `${under}/${entry.name}`
      if (entry.isDirectory()) return listFiles(folder, path)
      return entry.isFile() && !path.endsWith('.tsbuildinfo') ? [path] : []
    })
    .toSorted()
}

/** @param {string} path */
export const isSource = (path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts')

/**
 * Tests and what only tests import.
 * @param {string} path
 */
export const isTest = (path) => /\.(test|testing)\.tsx?$/.test(path)
