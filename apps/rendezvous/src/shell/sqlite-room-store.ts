// Rooms in one SQLite file. The driver is synchronous and a row takes microseconds, so there is no
// queue. Write-ahead log with synchronous=NORMAL: what is committed survives the death of the process,
// and a power cut leaves the file whole (https://www.sqlite.org/wal.html).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { decodeBase64url, encodeBase64url } from '@knothole/wire'
import type { RoomId } from '@knothole/wire'
import type { Room, RoomStore } from '../core/index.ts'

const FILE_NAME = 'rooms.sqlite'

/** Counts changes of the tables; a file of another version is not touched. */
const SCHEMA_VERSION = 1

/** How long to wait for another process that holds the file, such as a backup. */
const BUSY_TIMEOUT_MS = 2000

const SCHEMA = `
  CREATE TABLE rooms (
    id TEXT PRIMARY KEY,
    admission_key TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_used_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX rooms_by_expiry ON rooms (expires_at_ms);
  PRAGMA user_version = ${SCHEMA_VERSION};
`

interface Row {
  readonly id: string
  readonly admission_key: string
  readonly created_at_ms: number
  readonly last_used_at_ms: number
  readonly expires_at_ms: number
}

/** Opens the rooms in a folder, which is made if it is missing. @throws when the folder or file cannot be used. */
export function openSqliteRoomStore(folder: string): RoomStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = new Database(join(folder, FILE_NAME), { timeout: BUSY_TIMEOUT_MS })
  try {
    prepareSchema(database)
  } catch (error) {
    database.close()
    throw error
  }
  return storeOf(database)
}

function prepareSchema(database: Database.Database): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (row.user_version === SCHEMA_VERSION) return
  if (row.user_version !== 0) {
    throw new Error(
      `${database.name} has schema version ${row.user_version}, this program knows ${SCHEMA_VERSION}`,
    )
  }
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`)
}

function storeOf(database: Database.Database): RoomStore {
  const insert = database.prepare('INSERT INTO rooms VALUES (?, ?, ?, ?, ?)')
  const select = database.prepare('SELECT * FROM rooms WHERE id = ?')
  const update = database.prepare(
    'UPDATE rooms SET last_used_at_ms = ?, expires_at_ms = ? WHERE id = ? AND last_used_at_ms <= ?',
  )
  const remove = database.prepare('DELETE FROM rooms WHERE expires_at_ms <= ?')
  return {
    async create({ id, admissionKey, createdAtMs, lastUsedAtMs, expiresAtMs }) {
      insert.run(id, encodeBase64url(admissionKey), createdAtMs, lastUsedAtMs, expiresAtMs)
    },
    async find(id) {
      const row = select.get(id) as Row | undefined
      return row === undefined ? undefined : roomOf(row)
    },
    async renew({ id, lastUsedAtMs, expiresAtMs }) {
      update.run(lastUsedAtMs, expiresAtMs, id, lastUsedAtMs)
    },
    async sweep(atMs) {
      return remove.run(atMs).changes
    },
    async close() {
      database.close()
    },
  }
}

function roomOf(row: Row): Room {
  const admissionKey = decodeBase64url(row.admission_key)
  if (admissionKey === undefined) throw new Error('a stored admission key is damaged')
  return {
    id: row.id as RoomId,
    admissionKey,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    expiresAtMs: row.expires_at_ms,
  }
}
