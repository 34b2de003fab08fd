import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logStoreCases } from '@knothole/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { openSqliteLogStore } from './index.ts'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'knothole-sqlite-'))
  folders.push(folder)
  return join(folder, 'made', 'new')
}

const roomOf = (room: number) => ({
  logId: new Uint8Array(16).fill(room),
  secret: new Uint8Array(16).fill(room + 100),
})

describe('SQLite as a log store', () => {
  it.each(logStoreCases)('E360 $title', async ({ run }) => {
    const folder = await newFolder()
    const world = { open: (room: number) => openSqliteLogStore({ folder, ...roomOf(room) }) }
    await expect(run(world)).resolves.toBeUndefined()
  })
})
