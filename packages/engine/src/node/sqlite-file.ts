// The SQLite file of a room: its schema, its versions, what to do when it is damaged, and its end. With
// synchronous=FULL what is committed survives a power cut; with secure_delete, and the write-ahead log cut
// off, what is let go is overwritten (https://www.sqlite.org/pragma.html).
import { renameSync, rmSync } from 'node:fs'
import Database from 'libsql'
import { StoreError } from '../ports/index.ts'
import { isDamage, storeErrorOf } from './sqlite-errors.ts'

/** What each release adds to a file, in order: their count is its version. Never change one that was released. */
export type SqliteSchema = readonly string[]

export const SQLITE_SCHEMA: SqliteSchema = [
  `CREATE TABLE rows (
    span TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, revision INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX rows_by_place ON rows (span, first, revision);`,
]

/** A row as the table has it. */
export interface SqliteRow {
  readonly span: string
  readonly first: number
  readonly last: number
  readonly revision: number
  readonly sealed: Uint8Array
}

/** The version of a file that somebody is erasing. */
const ERASED = -1

/** How long to wait for another process that writes: it writes for milliseconds. */
const BUSY_TIMEOUT_MS = 2000

export interface SqliteFileOptions {
  readonly path: string
  /** What the file may grow to; as large as the disk where it is absent. */
  readonly maxBytes?: number | undefined
  readonly schema?: SqliteSchema | undefined
}

export interface SqliteFile {
  readonly database: Database.Database
  /** It was damaged, and what could be read of it is in this one. */
  readonly wasDamaged: boolean
}

/** Opens the file, which is made if it is missing. @throws StoreError */
export function openSqliteFile(options: SqliteFileOptions): SqliteFile {
  try {
    return { database: openWhole(options), wasDamaged: false }
  } catch (error) {
    if (!isDamage(error)) throw storeErrorOf(error)
  }
  try {
    return { database: openAnew(options), wasDamaged: true }
  } catch (error) {
    throw storeErrorOf(error)
  }
}

/** @throws StoreError unless the file is still of our version: another process may have taken it over. */
export function checkVersion(database: Database.Database, schema: SqliteSchema): void {
  const version = versionOf(database)
  if (version === ERASED) throw new StoreError('closed', 'The log was erased.')
  if (version > schema.length) throw new StoreError('newer', `The file has version ${version}.`)
}

/** Runs with the file locked for writing: all of it counts, or nothing. */
export function inTransaction<Result>(database: Database.Database, run: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk has ended the transaction already; the driver's own wrapper tells of that instead.
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Lets all go: for those who have it open, and then the file. */
export function eraseSqliteFile(database: Database.Database, path: string): void {
  inTransaction(database, () => database.exec(`DELETE FROM rows; PRAGMA user_version = ${ERASED}`))
  database.close()
  removeSqliteFile(path)
}

/** Removes the file and all that belongs to it. */
export function removeSqliteFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm', DAMAGED]) rmSync(path + suffix, { force: true })
}

/** Removes what was set aside, if anything was. */
export function removeDamaged(path: string): void {
  rmSync(path + DAMAGED, { force: true })
}

const DAMAGED = '.damaged'

function openWhole(options: SqliteFileOptions): Database.Database {
  const database = connect(options)
  try {
    if (versionOf(database) !== ERASED) {
      prepareSchema(database, options)
      // A damaged page shows when it is read: better now than when somebody asks for it.
      database.prepare('SELECT count(*), sum(length(sealed)), max(first) FROM rows').get()
      return database
    }
  } catch (error) {
    database.close()
    throw error
  }
  // Whoever erased it did not get to its end.
  database.close()
  removeSqliteFile(options.path)
  return openWhole(options)
}

/** Sets a damaged file aside and begins another one with what can be read of it. */
function openAnew(options: SqliteFileOptions): Database.Database {
  const { path } = options
  const rows = salvage(path)
  renameSync(path, path + DAMAGED)
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
  const database = openWhole(options)
  const insert = database.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?)')
  inTransaction(database, () => {
    for (const { span, first, last, revision, sealed } of rows)
      insert.run(span, first, last, revision, sealed)
  })
  return database
}

/** The rows that can be read, one by one. */
function salvage(path: string): readonly SqliteRow[] {
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  const found = new Map<string, SqliteRow>()
  try {
    const read = database.prepare('SELECT * FROM rows WHERE rowid = ?')
    for (let id = 1, misses = 0; misses < MAX_MISSES; id += 1) {
      const row = readable(() => read.get(id) as SqliteRow | undefined)
      misses = row === undefined ? misses + 1 : 0
      if (row !== undefined) found.set(`${row.span}.${row.first}.${row.revision}`, row)
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    // Not even its schema can be read: nothing can be saved.
  } finally {
    database.close()
  }
  return [...found.values()]
}

/** Rows in sequence that are not there or cannot be read, after which no more are looked for. */
const MAX_MISSES = 20_000

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

function connect({ path, maxBytes }: SqliteFileOptions): Database.Database {
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    if (maxBytes !== undefined) {
      const { page_size } = database.prepare('PRAGMA page_size').get() as { page_size: number }
      database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / page_size)}`)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function prepareSchema(database: Database.Database, { schema }: SqliteFileOptions): void {
  const steps = schema ?? SQLITE_SCHEMA
  if (versionOf(database) === steps.length) return
  inTransaction(database, () => {
    checkVersion(database, steps)
    for (const step of steps.slice(versionOf(database))) database.exec(step)
    database.exec(`PRAGMA user_version = ${steps.length}`)
  })
}

function versionOf(database: Database.Database): number {
  const { user_version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  return user_version
}
