// Reads TypeScript the way the checks need it: its syntax tree, the modules it names, its test titles.
// TypeScript 7 offers no parser to programs, so this is the parser that Vite brings.
import { parseSync, Visitor } from 'vite'

/** What a dynamic import stands for when its module is computed and cannot be checked. */
export const computed = '(computed)'

/**
 * @param {string} path decides between TypeScript and TSX
 * @param {string} text
 */
export function parse(path, text) {
  const result = parseSync(path, text)
  const error = result.errors[0]
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  return result
}

/**
 * Every module that a file imports or re-exports: statically, dynamically, or only for a type.
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
export function readImports(path, text) {
  /** @type {string[]} */
  const found = []
  /** @param {{ source: { type: string, value?: unknown } | null }} node */
  const add = ({ source }) => {
    if (source !== null) found.push(typeof source.value === 'string' ? source.value : computed)
  }
  new Visitor({
    ImportDeclaration: add,
    ExportNamedDeclaration: add,
    ExportAllDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
  }).visit(parse(path, text).program)
  return found
}

/**
 * Titles of test(...), it(...) and describe(...), with modifiers like .each, unless they never run.
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
export function readTitles(path, text) {
  if (!/\b(?:test|it|describe)\b/.test(text)) return []
  /** @type {string[]} */
  const titles = []
  new Visitor({
    CallExpression({ callee, arguments: [first] }) {
      const name = text.slice(callee.start, callee.end)
      if (!/^(?:test|it|describe)\b/.test(name) || /\.(?:skip|todo)\b/.test(name)) return
      if (first?.type === 'Literal' && typeof first.value === 'string') titles.push(first.value)
      if (first?.type === 'TemplateLiteral') titles.push(first.quasis[0]?.value.raw ?? '')
    },
  }).visit(parse(path, text).program)
  return titles
}
