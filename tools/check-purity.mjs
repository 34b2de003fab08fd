// Holds the pure folders to their word: the compiler must see no runtime there (tsconfig.pure.json),
// and no clock, no randomness and no module of Node may be used. Tests in those folders are free.
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Visitor } from 'vite'
import { isSource, isTest, listFiles } from './files.mjs'
import { parse, readImports } from './parse.mjs'

/** Pure folders and the project that compiles each. */
export const pureFolders = Object.freeze({
  'packages/wire/src': 'packages/wire/tsconfig.json',
  'packages/traversal/src': 'packages/traversal/tsconfig.json',
  'packages/testkit/src': 'packages/testkit/tsconfig.json',
  'packages/engine/src/core': 'packages/engine/src/core/tsconfig.json',
  'packages/engine/src/ports': 'packages/engine/src/core/tsconfig.json',
  'packages/engine/src/shell': 'packages/engine/src/shell/tsconfig.json',
  'apps/rendezvous/src/core': 'apps/rendezvous/src/core/tsconfig.json',
})

/**
 * Every breach of purity, as a sentence.
 * @param {string} folder the checkout
 * @returns {string[]}
 */
export function checkPurity(folder) {
  const { lib, types } = readConfig(folder, 'tsconfig.pure.json').compilerOptions ?? {}
  const base = JSON.stringify([lib, types]) === '[["ES2023"],[]]'
  return [
    ...(base ? [] : ['tsconfig.pure.json: lib must be ["ES2023"] and types []']),
    ...Object.entries(pureFolders).flatMap(([pure, config]) => [
      ...checkConfig(folder, { pure, config }),
      ...listFiles(folder, pure)
        .filter((path) => isSource(path) && !isTest(path))
        .flatMap((path) => checkSource(path, readFileSync(join(folder, path), 'utf8'))),
    ]),
  ]
}

/**
 * @typedef {{ extends?: string, include?: string[], compilerOptions?: Record<string, unknown> }} Config
 * @type {(folder: string, path: string) => Config}
 */
const readConfig = (folder, path) => JSON.parse(readFileSync(join(folder, path), 'utf8'))

/**
 * @param {string} folder
 * @param {{ pure: string, config: string }} project
 */
function checkConfig(folder, { pure, config }) {
  if (!existsSync(join(folder, config))) return [`${config}: missing, it must compile ${pure}`]
  const { extends: base = '', include = [], compilerOptions = {} } = readConfig(folder, config)
  const home = posix.dirname(config)
  const problems = []
  if (posix.join(home, base) !== 'tsconfig.pure.json') {
    problems.push(`${config}: must extend tsconfig.pure.json, because ${pure} is pure`)
  }
  for (const option of ['lib', 'types', 'typeRoots'].filter((name) => name in compilerOptions)) {
    problems.push(`${config}: must not set ${option}, because ${pure} is pure`)
  }
  if (!include.some((path) => posix.join(home, path).replace(/\/$/, '') === pure)) {
    problems.push(`${config}: must include ${pure}`)
  }
  return problems
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
function checkSource(path, text) {
  const { program, comments } = parse(path, text)
  const problems = readImports(path, text)
    .filter((specifier) => specifier.startsWith('node:'))
    .map((specifier) => `imports ${specifier}; ask for it through a port`)
  // A reference directive would give the compiler back the runtime that the project takes away.
  if (comments.some(({ value }) => /^\/\s*<reference/.test(value))) problems.push('/// <reference>')
  new Visitor({
    Identifier({ name }) {
      if (name === 'Date') problems.push('Date; time is an input, take nowMs')
    },
    MemberExpression({ object, property }) {
      const random = 'value' in property ? property.value : 'name' in property ? property.name : ''
      if (object.type === 'Identifier' && object.name === 'Math' && random === 'random') {
        problems.push('Math.random; randomness is an input, take a random source')
      }
    },
    VariableDeclarator({ init }) {
      if (init?.type === 'Identifier' && init.name === 'Math') problems.push('Math taken apart')
    },
  }).visit(program)
  return problems.map((problem) => `${path} is pure and has: ${problem}`)
}
