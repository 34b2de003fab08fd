// docs/dependencies.md says the truth, and check-packages notices when it no longer does.
import { expect, test } from 'vitest'
import { checkPackages } from './check-packages.mjs'
import { makeCheckout } from './checkout.testing.ts'
import { root } from './run.mjs'

const docs =
  '# D\n\n## Runtime\n\n| package | why |\n|---|---|\n| `ws` | sockets | MIT |\n\n## Tools\n\n| `vite` | build |\n'
const base = {
  'package.json': { name: 'k', devDependencies: { vite: '8.0.0' } },
  'docs/dependencies.md': docs,
  'apps/a/package.json': { name: '@knothole/a', dependencies: { ws: '1.0.0' } },
}

test('this checkout names each of its packages', () => {
  expect(checkPackages(root)).toEqual([])
})

test('a list that fits passes; laboratories need no entry', () => {
  const lab = { name: '@knothole/l', dependencies: { peerjs: '1.0.0' } }
  expect(checkPackages(makeCheckout({ ...base, 'lab/l/package.json': lab }))).toEqual([])
})

test.each([
  ['not in the table', { 'apps/b/package.json': { name: 'b', dependencies: { uqr: '1.0.0' } } }],
  [
    'not in the table',
    { 'apps/b/package.json': { name: 'b', optionalDependencies: { koffi: '1.0.0' } } },
  ],
  ['does not ship', { 'apps/a/package.json': { name: '@knothole/a' } }],
  ['no reason', { 'docs/dependencies.md': docs.replace('sockets', '') }],
  ['exact version', { 'package.json': { name: 'k', devDependencies: { vite: '^8.0.0' } } }],
  ['1.0.0 in apps/a', { 'lab/l/package.json': { name: 'l', dependencies: { ws: '2.0.0' } } }],
])('"%s" is found', (problem, files) => {
  expect(checkPackages(makeCheckout({ ...base, ...files }))).toEqual([
    expect.stringContaining(problem),
  ])
})
