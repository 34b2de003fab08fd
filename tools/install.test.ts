// What counts as installed: everything a workspace needs on this platform, in the locked version.
import { expect, test } from 'vitest'
import { makeCheckout } from './checkout.testing.ts'
import { fits, missingPackages, neededPaths, product } from './install.mjs'
import { root } from './run.mjs'

const platform = { os: 'linux', cpu: 'x64', libc: 'glibc' }

const packages = {
  '': { devDependencies: { oxlint: '1.0.0' } },
  'apps/web': { dependencies: { '@k/wire': '1.0.0' }, devDependencies: { vite: '8.0.0' } },
  'packages/wire': { dependencies: { cborg: '1.0.0' }, devDependencies: { unused: '1.0.0' } },
  'node_modules/@k/wire': { link: true, resolved: 'packages/wire' },
  'node_modules/cborg': { version: '2.0.0' },
  'packages/wire/node_modules/cborg': { version: '1.0.0' },
  'node_modules/oxlint': { version: '1.0.0' },
  'node_modules/unused': { version: '1.0.0' },
  'node_modules/vite': { version: '8.0.0', optionalDependencies: { mac: '1.0.0', linux: '1.0.0' } },
  'node_modules/mac': { optional: true, os: ['darwin'], dependencies: { 'mac-only': '1.0.0' } },
  'node_modules/mac-only': { optional: true },
  'node_modules/linux': { version: '1.0.0', optional: true, os: ['linux'], libc: ['glibc'] },
}

const needed = [
  'node_modules/@k/wire',
  'node_modules/linux',
  'node_modules/vite',
  'packages/wire/node_modules/cborg',
]

test('a workspace needs what it names, as Node finds it, for this platform only', () => {
  const paths = neededPaths(packages, { workspaces: ['apps/web'], platform })
  expect([...paths].toSorted()).toEqual(needed)
})

test('platform lists name what they want or what they exclude', () => {
  expect(fits({}, platform)).toBe(true)
  expect(fits({ os: ['!win32'] }, platform)).toBe(true)
  expect(fits({ os: ['!linux'] }, platform)).toBe(false)
  expect(fits({ cpu: ['arm64'] }, platform)).toBe(false)
  expect(fits({ libc: ['musl'] }, platform)).toBe(false)
  expect(fits({ libc: ['musl'] }, { ...platform, os: 'darwin' })).toBe(true)
})

test('absent packages and other versions are missing', () => {
  const locked = {
    '': { dependencies: { a: '1.0.0', b: '1.0.0', c: '1.0.0' } },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': { version: '1.0.0' },
  }
  const folder = makeCheckout({
    'package-lock.json': { packages: locked },
    'node_modules/a/package.json': { version: '1.0.0' },
    'node_modules/b/package.json': { version: '0.9.0' },
  })
  expect(missingPackages(folder, undefined)).toEqual(['node_modules/b', 'node_modules/c'])
})

test('this checkout has what the product needs', () => {
  expect(missingPackages(root, product)).toEqual([])
})
