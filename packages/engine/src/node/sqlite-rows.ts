// A table of rows in one SQLite file. The driver is synchronous, so that a transaction is a function.
import type Database from 'libsql'
import { MAX_ROW_ENTRIES } from '../core/log-store/runs.ts'
import { StoreError } from '../ports/index.ts'
import type { Row, RowChange, RowPlace, RowTable, Window } from '../shell/store/row-table.ts'
import { storeErrorOf } from './sqlite-errors.ts'
import {
  checkVersion,
  eraseSqliteFile,
  inTransaction,
  openSqliteFile,
  removeDamaged,
  SQLITE_SCHEMA,
} from './sqlite-file.ts'
import type { SqliteFileOptions, SqliteRow } from './sqlite-file.ts'

/** Moves everything from the write-ahead log into the file, and empties it. */
const CUT_LOG = 'PRAGMA wal_checkpoint(TRUNCATE)'

export class SqliteRows implements RowTable {
  readonly hasLostRows: boolean
  readonly #options: SqliteFileOptions
  readonly #database: Database.Database
  readonly #select: Database.Statement
  readonly #places: Database.Statement
  readonly #insert: Database.Statement
  readonly #remove: Database.Statement
  #isOpen = true

  /** @throws StoreError */
  constructor(options: SqliteFileOptions) {
    const { database, wasDamaged } = openSqliteFile(options)
    const where = 'WHERE span = ? AND first > ? AND first <= ? AND last >= ? ORDER BY first'
    this.hasLostRows = wasDamaged
    this.#options = options
    this.#database = database
    this.#select = database.prepare(`SELECT * FROM rows ${where}`)
    this.#places = database.prepare(`SELECT span, first, last, revision FROM rows ${where}`)
    this.#insert = database.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?)')
    this.#remove = database.prepare(
      'DELETE FROM rows WHERE span = ? AND first = ? AND revision = ?',
    )
  }

  async readAll(): Promise<readonly Row[]> {
    return this.#inTransaction(() => {
      const all = this.#database.prepare('SELECT * FROM rows ORDER BY span, first').all()
      return (all as SqliteRow[]).map(rowOf)
    })
  }

  async read(windows: readonly Window[]): Promise<readonly Row[]> {
    return this.#inTransaction(() =>
      windows.flatMap((window) =>
        (this.#select.all(...boundsOf(window)) as SqliteRow[]).map(rowOf),
      ),
    )
  }

  async commit({ expected, removed, put, letsGo }: RowChange): Promise<boolean> {
    const isDone = this.#inTransaction(() => {
      if (!expected.every((window) => this.#stands(window))) return false
      for (const { group, from, revision } of removed) this.#remove.run(group, from, revision)
      for (const { place, sealed } of put)
        this.#insert.run(place.group, place.from, place.upTo, place.revision, sealed)
      return true
    })
    if (isDone && letsGo) this.#forgetCopies()
    return isDone
  }

  async erase(): Promise<void> {
    this.#inTransaction(() => undefined)
    this.#isOpen = false
    guarded(() => eraseSqliteFile(this.#database, this.#options.path))
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    try {
      this.#database.exec(CUT_LOG)
    } catch {
      // reason: another process reads; the write-ahead log then stays as it is, which is no harm.
    }
    this.#database.close()
  }

  #stands({ rows, ...window }: Window & { readonly rows: readonly RowPlace[] }): boolean {
    const there = this.#places.all(...boundsOf(window)) as Omit<SqliteRow, 'sealed'>[]
    return (
      there.length === rows.length &&
      there.every(
        ({ first, revision }, at) => rows[at]?.from === first && rows[at].revision === revision,
      )
    )
  }

  /** Pages that were written before may still be in the write-ahead log, or in a file set aside. */
  #forgetCopies(): void {
    guarded(() => {
      this.#database.exec(CUT_LOG)
      removeDamaged(this.#options.path)
    })
  }

  #inTransaction<Result>(run: () => Result): Result {
    if (!this.#isOpen) throw new StoreError('closed', 'The log’s file was closed.')
    return guarded(() =>
      inTransaction(this.#database, () => {
        checkVersion(this.#database, this.#options.schema ?? SQLITE_SCHEMA)
        return run()
      }),
    )
  }
}

function guarded<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw storeErrorOf(error)
  }
}

function boundsOf({ group, from, upTo }: Window): [string, number, number, number] {
  // SQLite knows no infinite integer.
  const last = Math.min(upTo, Number.MAX_SAFE_INTEGER)
  return [group, from - MAX_ROW_ENTRIES, last, from]
}

function rowOf({ span, first, last, revision, sealed }: SqliteRow): Row {
  // A copy of its own: the driver's memory is shared by rows.
  return {
    place: { group: span, from: first, upTo: last, revision },
    sealed: new Uint8Array(sealed),
  }
}
