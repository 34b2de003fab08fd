import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogStoreModel, testAppend, testFeed, textOfStored } from '@knothole/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { LogStore, StoredLog, StoreWrite } from '../ports/index.ts'
import { eraseSqliteLog, openSqliteLogStore } from './index.ts'
import { SQLITE_SCHEMA } from './sqlite-file.ts'
import type { SqliteLogStoreOptions } from './sqlite-log-store.ts'
import { SqliteRows } from './sqlite-rows.ts'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'knothole-sqlite-'))
  folders.push(folder)
  return folder
}

const SECRET = new Uint8Array(16).fill(9)

function open(folder: string, options: Partial<SqliteLogStoreOptions> = {}): Promise<LogStore> {
  return openSqliteLogStore({ folder, logId: new Uint8Array(16), secret: SECRET, ...options })
}

const FILE = `${'A'.repeat(22)}.sqlite`

/** Everything in the folder's files. */
function filesOf(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))
}

/** A piece of the sealed row that holds an entry, enough to be found nowhere else. */
async function pieceOf(folder: string, sequence: number): Promise<Buffer> {
  const rows = new SqliteRows({ path: join(folder, FILE) })
  const row = (await rows.readAll()).find(
    ({ place: { from, upTo } }) => from <= sequence && upTo >= sequence,
  )
  rows.close()
  return Buffer.from(row?.sealed ?? []).subarray(20, 60)
}

const countOf = ({ blocks }: StoredLog): number =>
  blocks.reduce((sum, { entries }) => sum + entries.length, 0)

const forget = (...sequences: number[]): StoreWrite => ({
  type: 'bodies',
  feed: testFeed(1).feed,
  bodies: sequences.map((sequence) => [sequence, undefined]),
})

describe('what SQLite lets go', () => {
  it('E367 is in none of its files, of a body, of entries, of rows that were merged', async () => {
    const folder = await newFolder()
    const store = await open(folder)
    const pieces: Buffer[] = []
    for (let sequence = 1; sequence <= 5; sequence += 1) {
      await store.write([testAppend(1, [sequence, sequence], 500)])
      pieces.push(await pieceOf(folder, sequence))
    }
    const there = (): boolean[] => pieces.map((piece) => filesOf(folder).includes(piece))
    expect(there()).toEqual([true, true, true, true, true])
    await store.write([forget(2)])
    expect(there()).toEqual([true, false, true, true, true])
    await store.write([{ type: 'remove', feed: testFeed(1).feed, from: 4, upTo: 9 }])
    expect(there()).toEqual([true, false, true, false, false])
    for (let more = 0; more < 20; more += 1)
      await store.write([testAppend(2, [more + 1, more + 1])])
    pieces.splice(0, 5, await pieceOf(folder, 1))
    await store.write([forget(1)])
    expect(there()).toEqual([false])
    await store.close()
  })

  it('E367 leaves no file once all was erased', async () => {
    const folder = await newFolder()
    const store = await open(folder)
    await store.write([testAppend(1, [1, 300])])
    expect(readdirSync(folder)).toContain(FILE)
    await store.erase()
    expect(readdirSync(folder)).toEqual([])
    const again = await open(folder)
    await again.write([testAppend(1, [1, 3])])
    await again.close()
    eraseSqliteLog(folder, new Uint8Array(16))
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('SQLite in trouble', () => {
  it('E368 a full file refuses the write as a whole and is as it was', async () => {
    const folder = await newFolder()
    const store = await open(folder, { maxBytes: 200_000 })
    const model = new LogStoreModel()
    await store.write([testAppend(1, [1, 100])])
    model.write([testAppend(1, [1, 100])])
    const tooMuch = [testAppend(1, [101, 102]), testAppend(2, [1, 20], 20_000)]
    await expect(store.write(tooMuch)).rejects.toMatchObject({ code: 'full' })
    expect(textOfStored(await store.load())).toBe(model.text())
    await store.write([forget(1, 2, 3), testAppend(1, [101, 110])])
    model.write([forget(1, 2, 3), testAppend(1, [101, 110])])
    await store.close()
    const again = await open(folder)
    expect(textOfStored(await again.load())).toBe(model.text())
    await again.close()
  })

  it('E369 a damaged page costs what is on it; the rest is kept, in a file that is whole', async () => {
    const folder = await newFolder()
    const path = join(folder, FILE)
    const store = await open(folder)
    for (let block = 0; block < 8; block += 1)
      await store.write([testAppend(1, [block * 100 + 1, block * 100 + 100], 300)])
    await store.close()
    const bytes = readFileSync(path)
    // In the middle of a row, and where a page says what is on it.
    bytes.fill(0xff, 20 * 4096, 20 * 4096 + 600)
    writeFileSync(path, bytes)
    const again = await open(folder)
    const stored = await again.load()
    expect(stored.isDamaged).toBe(true)
    expect(countOf(stored)).toBeGreaterThanOrEqual(600)
    expect(countOf(stored)).toBeLessThan(800)
    await again.write([testAppend(1, [1, 800], 300)])
    await again.close()
    const healed = await open(folder)
    const all = await healed.load()
    expect(countOf(all)).toBe(800)
    expect(all).toMatchObject({ damaged: [], isDamaged: false })
    await healed.close()
  })

  it('E369 a file that is no database is set aside, until all is erased', async () => {
    const folder = await newFolder()
    writeFileSync(join(folder, FILE), 'this is a shopping list, not a database. '.repeat(200))
    const store = await open(folder)
    expect(await store.load()).toMatchObject({ blocks: [], isDamaged: true })
    await store.write([testAppend(1, [1, 3])])
    expect(readFileSync(join(folder, `${FILE}.damaged`), 'utf8')).toContain('shopping list')
    await store.close()
    const again = await open(folder)
    expect((await again.load()).blocks).toHaveLength(1)
    await again.erase()
    expect(readdirSync(folder)).toEqual([])
  })

  it('E369 what is let go is not kept in a file that was set aside either', async () => {
    const folder = await newFolder()
    writeFileSync(join(folder, FILE), 'x'.repeat(9000))
    const store = await open(folder)
    await store.write([testAppend(1, [1, 3])])
    await store.write([forget(1)])
    expect(existsSync(join(folder, `${FILE}.damaged`))).toBe(false)
    await store.close()
  })

  it('E370 takes over a file of an older release, and leaves one of a newer alone', async () => {
    const folder = await newFolder()
    const next = [...SQLITE_SCHEMA, 'CREATE TABLE of_tomorrow (a TEXT) STRICT']
    const older = await open(folder)
    await older.write([testAppend(1, [1, 3])])
    const newer = await open(folder, { schema: next })
    await newer.write([testAppend(1, [4, 5])])
    await expect(older.write([testAppend(1, [6, 6])])).rejects.toMatchObject({ code: 'newer' })
    await expect(older.load()).rejects.toMatchObject({ code: 'newer' })
    await older.close()
    const model = new LogStoreModel()
    model.write([testAppend(1, [1, 3]), testAppend(1, [4, 5])])
    expect(textOfStored(await newer.load())).toBe(model.text())
    await newer.close()
    const before = readFileSync(join(folder, FILE))
    await expect(open(folder)).rejects.toMatchObject({ code: 'newer' })
    expect(readFileSync(join(folder, FILE)).equals(before)).toBe(true)
  })

  it('E370 goes on where somebody who erased it was interrupted', async () => {
    const folder = await newFolder()
    const store = await open(folder)
    await store.write([testAppend(1, [1, 3])])
    await store.close()
    const { database } = await import('./sqlite-file.ts').then(({ openSqliteFile }) =>
      openSqliteFile({ path: join(folder, FILE) }),
    )
    database.exec('DELETE FROM rows; PRAGMA user_version = -1')
    database.close()
    const again = await open(folder)
    expect((await again.load()).blocks).toEqual([])
    await again.write([testAppend(1, [1, 3])])
    expect((await again.load()).blocks).toHaveLength(1)
    await again.close()
  })

  it('E374 a folder that cannot be made is told as unavailable', async () => {
    const folder = await newFolder()
    writeFileSync(join(folder, 'file'), '')
    const inFile = open(join(folder, 'file', 'sub'))
    await expect(inFile).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('E366 makes its folder for the owner alone', async () => {
    const folder = join(await newFolder(), 'new')
    const store = await open(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    await store.close()
  })
})
