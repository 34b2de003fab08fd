import type { Subtle } from '@knothole/engine/ports'
import { expect, test } from 'vitest'
import { watchCrypto } from './settled-crypto.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const platform = globalThis.crypto.subtle as unknown as Subtle

test('settled when operations, and those that follow from them, are done', async () => {
  const { subtle, settled } = watchCrypto(platform, turn)
  let digests = 0
  const chain = async (): Promise<void> => {
    let data = new Uint8Array(1)
    for (; digests < 20; digests++) data = new Uint8Array(await subtle.digest('SHA-256', data))
  }
  const done = chain()
  await settled()
  expect(digests).toBe(20)
  await done
})

test('failures pass through, and are not waited for for ever', async () => {
  const { subtle, settled } = watchCrypto(platform, turn)
  let failure: unknown
  subtle.digest('no such hash', new Uint8Array(1)).catch((error: unknown) => (failure = error))
  await settled()
  expect(failure).toBeInstanceOf(Error)
})
