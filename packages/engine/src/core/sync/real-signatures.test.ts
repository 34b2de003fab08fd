import { describe, expect, it } from 'vitest'
import type { Bytes } from '@knothole/wire'
import { SignedRoom } from './real-signatures.testing.ts'

describe('with real signatures', () => {
  it('E330 Ed25519 of Web Cryptography does what the hashes of the other runs stand for', async () => {
    for (const seed of ['ed25519 0', 'ed25519 1', 'ed25519 2']) {
      const room = await SignedRoom.open(seed)
      await room.run()
      expect(room.world.difference()).toBeUndefined()
      expect(room.world.oracle.writtenCount).toBeGreaterThan(10)
      expect(room.signatures).toBeGreaterThan(10)
      expect(room.refused).toBeGreaterThan(0)
    }
  })

  it('E330 a signature of somebody else does not verify', async () => {
    const room = await SignedRoom.open('strangers')
    const message: Bytes = new Uint8Array([1, 2, 3])
    const signature = await room.sign(0, message)
    expect(await room.verify(0, message, signature)).toBe(true)
    expect(await room.verify(1, message, signature)).toBe(false)
  })
})
