// What is missing on a machine is found and said in words, and an old Node hears why it is refused.
import { chmodSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { makeCheckout } from './checkout.testing.ts'
import { tooOld } from './node-version.mjs'
import { locate, missing, requirements } from './requirements.mjs'

test('a program on the path is located, an absent one is missing by name and package', () => {
  const folder = makeCheckout({ 'google-chrome': '#!/bin/sh\n', nft: 'not executable' })
  chmodSync(`${folder}/google-chrome`, 0o755)
  vi.stubEnv('PATH', folder)
  expect(locate('chromium')).toBe(`${folder}/google-chrome`)
  expect(missing('chromium')).toBeUndefined()
  vi.stubEnv('PATH', '/nowhere')
  expect(locate('chromium')).toBeUndefined()
  expect(missing('chromium')).toBe('missing: chromium (Debian: chromium)')
  vi.unstubAllEnvs()
})

test('every requirement says which package has it and why it is needed', () => {
  for (const { programs, debian, why } of Object.values(requirements)) {
    expect(programs.length).toBeGreaterThan(0)
    expect(debian).toMatch(/^[a-z0-9.+-]+$/)
    expect(why).toMatch(/\w/)
  }
})

test('Node 20.19 is the oldest that will do', () => {
  expect(tooOld('20.19.0')).toBeUndefined()
  expect(tooOld('22.0.0')).toBeUndefined()
  expect(tooOld('26.10.0')).toBeUndefined()
  expect(tooOld('20.18.3')).toContain('20.19 or newer; this is 20.18.3')
  expect(tooOld('18.20.4')).toContain('Knothole needs Node')
})
