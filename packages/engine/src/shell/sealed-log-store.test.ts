import { logStoreCases } from '@knothole/testkit'
import { describe, expect, it } from 'vitest'
import { MemoryDisk, MemoryRows } from './memory-rows.testing.ts'
import { openOver } from './sealed-log-store.testing.ts'

describe('sealed rows as a log store', () => {
  it.each(logStoreCases)('E360 $title', async ({ run }) => {
    const disks = new Map<number, MemoryDisk>()
    const world = {
      async open(room: number) {
        const disk = disks.get(room) ?? new MemoryDisk()
        disks.set(room, disk)
        return openOver(new MemoryRows(disk), room)
      },
    }
    await expect(run(world)).resolves.toBeUndefined()
  })
})
