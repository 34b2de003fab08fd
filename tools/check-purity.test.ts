// The pure folders are pure, and check-purity notices a clock, a dice, Node or a wider compiler setting.
import { expect, test } from 'vitest'
import { checkPurity, pureFolders } from './check-purity.mjs'
import { makeCheckout } from './checkout.testing.ts'
import { root } from './run.mjs'

const pureConfig = { compilerOptions: { lib: ['ES2023'], types: [] } }

/** A checkout with all the pure projects as they should be. */
function pureCheckout(files: Record<string, unknown>): string {
  const projects = Object.entries(pureFolders).map(([folder, config]) => {
    const home = config.replace('/tsconfig.json', '')
    const up = home.split('/').map(() => '..')
    const include = [folder.replace(`${home}/`, ''), '.', '../ports']
    return [config, { extends: `${up.join('/')}/tsconfig.pure.json`, include }]
  })
  return makeCheckout({
    'tsconfig.pure.json': pureConfig,
    ...Object.fromEntries(projects),
    ...files,
  })
}

test('the pure folders of this checkout are pure', () => {
  expect(checkPurity(root)).toEqual([])
})

test('pure code and its tests pass', () => {
  const folder = pureCheckout({
    'packages/wire/src/a.ts': 'export const b = (nowMs: number) => Math.max(nowMs, 1)',
    'packages/wire/src/a.test.ts': `import 'node:fs'\nconst now = Date.now() + Math.random()`,
    'packages/engine/src/browser/a.ts': 'const now = Date.now()',
  })
  expect(checkPurity(folder)).toEqual([])
})

test.each([
  ['const now = Date.now()', 'Date'],
  ['const now = new Date()', 'Date'],
  ['const now = globalThis.Date.now()', 'Date'],
  ['const a = Math.random()', 'Math.random'],
  [`const a = Math['random']()`, 'Math.random'],
  ['const { random } = Math', 'Math taken apart'],
  [`import { randomBytes } from 'node:crypto'`, 'node:crypto'],
  [`const a = import('node:fs')`, 'node:fs'],
  ['/// <reference types="node" />\nexport {}', '<reference>'],
])('%s is found', (source, problem) => {
  for (const pure of Object.keys(pureFolders)) {
    const found = checkPurity(pureCheckout({ [`${pure}/a.ts`]: source }))
    expect(found).toEqual([expect.stringContaining(problem)])
    expect(found[0]).toContain(`${pure}/a.ts`)
  }
})

test('a wider compiler setting is found', () => {
  const wide = { 'tsconfig.pure.json': { compilerOptions: { lib: ['ES2023', 'DOM'], types: [] } } }
  expect(checkPurity(pureCheckout(wide))).toHaveLength(1)
  const project = 'packages/wire/tsconfig.json'
  const options = { lib: ['DOM'], types: ['node'] }
  const own = { extends: '../../tsconfig.pure.json', include: ['src'], compilerOptions: options }
  expect(checkPurity(pureCheckout({ [project]: own }))).toHaveLength(2)
  const impure = { extends: '../../tsconfig.base.json', include: ['src'] }
  expect(checkPurity(pureCheckout({ [project]: impure }))).toHaveLength(1)
  const elsewhere = { extends: '../../tsconfig.pure.json', include: ['lib'] }
  expect(checkPurity(pureCheckout({ [project]: elsewhere }))).toHaveLength(1)
})
