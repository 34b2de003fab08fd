// Holds every SPEC.md to its tests: each rule (`**T1** ...` at the start of a line or list item) has
// a test whose title starts with its id, and each id in a title is a rule. Skipped tests prove nothing.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSource, listFiles } from './files.mjs'
import { readTitles } from './parse.mjs'

/** Which letter belongs to which specification. */
export const specs = Object.freeze({
  W: 'packages/wire/SPEC.md',
  T: 'packages/traversal/SPEC.md',
  E: 'packages/engine/SPEC.md',
  R: 'apps/rendezvous/SPEC.md',
})

const rulePattern = /^(?:[-*] )?\*\*(?<id>[A-Z]\d+)\*\*/gm
// A title may prove several rules: `T1, T4: ...`, `W2 W3 ...`.
const titlePattern = new RegExp(`^[${Object.keys(specs).join('')}]\\d+(?=$|[\\s,:.])`)

/**
 * Every rule without a test, id without a rule, and id used twice, as a sentence.
 * @param {string} folder the checkout
 * @returns {string[]}
 */
export function checkSpec(folder) {
  const proofs = findProofs(folder)
  /** @type {Set<string>} */
  const rules = new Set()
  const problems = Object.entries(specs).flatMap(([letter, path]) => {
    if (!existsSync(join(folder, path))) return [`${path}: missing`]
    const ids = readRules(readFileSync(join(folder, path), 'utf8'))
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
    for (const id of ids) rules.add(id)
    return [
      ...(ids.length === 0 ? [`${path}: has no rule`] : []),
      ...twice.map((id) => `${path}: ${id} is there twice`),
      ...ids
        .filter((id) => !id.startsWith(letter))
        .map((id) => `${path}: ${id} must be ${letter}...`),
      ...ids
        .filter((id) => !proofs.has(id))
        .map((id) => `${path}: no test title starts with ${id}`),
    ]
  })
  const orphans = [...proofs].filter(([id]) => !rules.has(id))
  return [...problems, ...orphans.map(([id, path]) => `${path}: ${id} is no rule of any SPEC.md`)]
}

/** @param {string} text */
function readRules(text) {
  return [...text.matchAll(rulePattern)].map(({ groups }) => groups?.['id'] ?? '')
}

/**
 * Rule ids that running tests start with, and a file of each.
 * @param {string} folder
 * @returns {Map<string, string>}
 */
function findProofs(folder) {
  /** @type {Map<string, string>} */
  const proofs = new Map()
  for (const path of ['packages', 'apps', 'lab'].flatMap((area) => listFiles(folder, area))) {
    if (!isSource(path)) continue
    for (const title of readTitles(path, readFileSync(join(folder, path), 'utf8'))) {
      for (const id of idsOf(title)) proofs.set(id, path)
    }
  }
  return proofs
}

/**
 * The ids that a title starts with.
 * @param {string} title
 * @returns {string[]}
 */
export function idsOf(title) {
  const id = titlePattern.exec(title)?.[0]
  return id === undefined
    ? []
    : [id, ...idsOf(title.slice(id.length).replace(/^(?:, ?| and | )/, ''))]
}
