// A build is for exactly one state of the sources: any edit to what ships makes another one due.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashSources } from './build.mjs'
import { makeCheckout } from './checkout.testing.ts'

const makeSources = (): string =>
  makeCheckout({
    'package-lock.json': '{}',
    'tsconfig.base.json': '{}',
    'tsconfig.pure.json': '{}',
    'apps/web/src/main.ts': 'one',
    'packages/wire/src/index.ts': 'two',
  })

test('the same sources have the same hash, whatever was built or written about them', () => {
  const folder = makeSources()
  const before = hashSources(folder)
  writeFileSync(join(folder, 'apps/web/README.md'), 'words')
  writeFileSync(join(folder, 'apps/web/src/main.test.ts'), 'test')
  writeFileSync(join(folder, 'README.md'), 'words')
  expect(hashSources(folder)).toBe(before)
  expect(hashSources(makeSources())).toBe(before)
})

test.each([
  'package-lock.json',
  'tsconfig.base.json',
  'apps/web/src/main.ts',
  'apps/web/src/new.ts',
])('writing %s changes the hash', (path) => {
  const folder = makeSources()
  const before = hashSources(folder)
  writeFileSync(join(folder, path), 'other')
  expect(hashSources(folder)).not.toBe(before)
})

test('renaming a source changes the hash', () => {
  const folder = makeSources()
  const before = hashSources(folder)
  renameSync(join(folder, 'apps/web/src/main.ts'), join(folder, 'apps/web/src/begin.ts'))
  expect(hashSources(folder)).not.toBe(before)
})
