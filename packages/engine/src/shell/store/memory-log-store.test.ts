import { logStoreCases } from '@knothole/testkit'
import { describe, expect, it } from 'vitest'
import { MemoryLog, MemoryLogStore } from './memory-log-store.ts'

describe('memory as a log store', () => {
  it.each(logStoreCases)('E360 $title', async ({ run }) => {
    const rooms = new Map<number, MemoryLog>()
    const world = {
      async open(room: number) {
        const log = rooms.get(room) ?? new MemoryLog()
        rooms.set(room, log)
        return new MemoryLogStore(log)
      },
    }
    await expect(run(world)).resolves.toBeUndefined()
  })
})
