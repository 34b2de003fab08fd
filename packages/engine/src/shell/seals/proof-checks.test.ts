import { expect, test } from 'vitest'
import { knownIdentity, subtle } from '../store/known-answers.testing.ts'
import { ProofChecks } from './proof-checks.ts'

test('E398: a signature holds for what was signed, by whom it was signed, and nothing else', async () => {
  const identity = await knownIdentity()
  const { publicKey } = identity
  const message = new Uint8Array([1, 2, 3])
  const signature = await identity.sign(message)
  const checks = new ProofChecks(subtle)
  const changed = signature.map((byte, at) => (at === 5 ? byte ^ 1 : byte))
  expect([
    await checks.verify(publicKey, signature, message),
    await checks.verify(publicKey, signature, message),
    await checks.verify(publicKey, changed, message),
    await checks.verify(publicKey, signature, new Uint8Array([1, 2])),
    await checks.verify(new Uint8Array(32).fill(255), signature, message),
    await checks.verify(new Uint8Array(3), signature, message),
  ]).toEqual([true, true, false, false, false, false])
})
