import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, expect, it } from 'vitest'
import { describeRoomStore, testRoom } from '../core/room-store.testing.ts'
import { openSqliteRoomStore } from './sqlite-room-store.ts'
import { makeTestFolder } from './test-server.testing.ts'
import type { TestFolder } from './test-server.testing.ts'

const folders: TestFolder[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove()
})

async function newFolder(): Promise<string> {
  const folder = await makeTestFolder()
  folders.push(folder)
  return folder.path
}

describeRoomStore('SQLite', async () => openSqliteRoomStore(join(await newFolder(), 'made', 'new')))

it('R4 keeps rooms when it is closed and opened again', async () => {
  const folder = await newFolder()
  const first = openSqliteRoomStore(folder)
  await first.create(testRoom(1))
  await first.close()
  const second = openSqliteRoomStore(folder)
  expect(await second.find(testRoom(1).id)).toEqual(testRoom(1))
  await second.close()
})

it('R4 touches no file of another schema version', async () => {
  const folder = await newFolder()
  const newer = new Database(join(folder, 'rooms.sqlite'))
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  expect(() => openSqliteRoomStore(folder)).toThrow(/schema version 99/)
})

it('R4 says so when the file is no database', async () => {
  const folder = await newFolder()
  writeFileSync(
    join(folder, 'rooms.sqlite'),
    'this is a shopping list, not a database. '.repeat(200),
  )
  expect(() => openSqliteRoomStore(folder)).toThrow(/not a database/)
})
