// The dependency rule holds here, and check-deps notices every kind of import that would break it.
import { expect, test } from 'vitest'
import { checkDeps } from './check-deps.mjs'
import { makeCheckout } from './checkout.testing.ts'
import { forbidden, mayImport, zoneOf } from './dependency-rule.mjs'
import { root } from './run.mjs'

test('this checkout keeps the dependency rule', () => {
  expect(checkDeps(root)).toEqual([])
})

test('every forbidden edge has a reason', () => {
  const zones = Object.keys(mayImport)
  for (const from of zones) {
    for (const to of zones.filter((to) => to !== from && !mayImport[from]?.includes(to))) {
      expect(forbidden(from, to), `${from} -> ${to}`).toMatch(/\w/)
    }
  }
})

test('files belong to the zone of their folder', () => {
  expect(zoneOf('packages/wire/src/a.ts')).toBe('wire')
  expect(zoneOf('packages/engine/src/core/a.ts')).toBe('engine/core')
  expect(zoneOf('packages/engine/src/core/deep/a.ts')).toBe('engine/core')
  expect(zoneOf('packages/engine/src/index.ts')).toBe('engine')
  expect(zoneOf('apps/rendezvous/src/core/a.ts')).toBe('rendezvous/core')
  expect(zoneOf('apps/rendezvous/src/main.ts')).toBe('rendezvous/shell')
  expect(zoneOf('apps/web/src/room/a.tsx')).toBe('web')
  expect(zoneOf('lab/natlab/src/a.ts')).toBe('lab/natlab')
  expect(zoneOf('packages/wire/src/a.test.ts')).toBe('test')
})

const workspace = (name: string, more: object = {}): object => ({
  name: `@knothole/${name}`,
  exports: { '.': { source: './src/index.ts' } },
  ...more,
})

const base = {
  'package.json': { name: 'knothole', devDependencies: { 'playwright-core': '1.0.0' } },
  'lab/bench/package.json': workspace('bench', { devDependencies: { '@types/a': '1.0.0' } }),
  'packages/wire/package.json': workspace('wire', { dependencies: { cborg: '1.0.0' } }),
  'packages/testkit/package.json': workspace('testkit'),
  'packages/engine/package.json': workspace('engine', {
    dependencies: { '@knothole/wire': '0.1.0', '@knothole/testkit': '0.1.0' },
    exports: {
      '.': { source: './src/index.ts' },
      './browser': { source: './src/browser/index.ts' },
      './node': { source: './src/node/index.ts' },
    },
  }),
  'apps/web/package.json': workspace('web', { dependencies: { '@knothole/engine': '0.1.0' } }),
}

test('allowed imports pass', () => {
  const folder = makeCheckout({
    ...base,
    'packages/wire/src/index.ts': `import { encode } from 'cborg'\nexport * from './a.ts'`,
    'packages/engine/src/core/a.ts': `import type { B } from '../ports/b.ts'\nimport '@knothole/wire'`,
    'packages/engine/src/core/a.test.ts': `import '@knothole/testkit'\nimport 'vitest'\nimport '../browser/x.ts'\nimport '../../../../tools/requirements.mjs'`,
    'lab/bench/src/a.ts': `import 'playwright-core'`,
    'apps/web/src/main.tsx': `import '@knothole/engine/browser'\nconst page = <main />`,
  })
  expect(checkDeps(folder)).toEqual([])
})

test.each([
  ['a type', `import type { A } from '../browser/a.ts'`],
  ['a re-export', `export * from '../browser/a.ts'`],
  ['a named re-export', `export { a } from '../browser/a.ts'`],
  ['a dynamic import', `const a = await import('../browser/a.ts')`],
  ['an import type', `type A = import('../browser/a.ts').A`],
  ['a side effect', `import '../browser/a.ts'`],
])('%s from core to browser is found', (_, source) => {
  const folder = makeCheckout({ ...base, 'packages/engine/src/core/a.ts': source })
  expect(checkDeps(folder)).toEqual([
    expect.stringMatching(/core\/a\.ts imports \.\.\/browser\/a\.ts: .*core decides/),
  ])
})

test.each([
  ['packages/wire/src/a.ts', `import '@knothole/engine'`, 'does not declare'],
  ['packages/wire/src/a.ts', `import 'left-pad'`, 'does not declare'],
  ['packages/wire/src/a.ts', `import 'playwright-core'`, 'does not declare'],
  ['lab/bench/src/a.ts', `import '@types/a'\nimport '@knothole/web'`, 'does not declare'],
  ['packages/wire/src/a.ts', `import 'fs'`, 'write node:fs'],
  ['packages/wire/src/a.ts', `import '../../engine/src/index.ts'`, 'must not leave its workspace'],
  ['packages/wire/src/a.test.ts', `import '@knothole/web'`, 'nothing imports an application'],
  ['packages/engine/src/shell/a.ts', `import '@knothole/testkit'`, 'never for shipped code'],
  ['packages/engine/src/shell/a.ts', `await import(name)`, 'computed'],
  ['packages/engine/src/node/a.ts', `import '../browser/a.ts'`, 'Node is no browser'],
  ['apps/web/src/a.ts', `import '@knothole/engine/node'`, 'browsers have no Node'],
  ['packages/engine/src/core/a.ts', `import './a.test.ts'`, 'only tests import tests'],
  ['apps/web/src/a.ts', `import '../../../tools/run.mjs'`, 'must not leave its workspace'],
])('%s with %s is refused', (path, source, reason) => {
  const problems = checkDeps(makeCheckout({ ...base, [path]: source }))
  expect(problems).toEqual([expect.stringContaining(reason)])
})
