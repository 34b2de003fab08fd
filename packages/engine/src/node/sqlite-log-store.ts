// The log of a room in a SQLite file, for peers that run on Node.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { webcrypto } from 'node:crypto'
import { encodeBase64url } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import { StoreError } from '../ports/index.ts'
import type { LogStore, Subtle } from '../ports/index.ts'
import { RestSeals } from '../shell/seals/rest-seals.ts'
import { SealedLogStore } from '../shell/store/sealed-log-store.ts'
import type { LogStoreOptions } from '../shell/store/sealed-log-store.ts'
import { removeSqliteFile } from './sqlite-file.ts'
import type { SqliteSchema } from './sqlite-file.ts'
import { SqliteRows } from './sqlite-rows.ts'

export interface SqliteLogStoreOptions extends LogStoreOptions {
  /** Where the files of all rooms are; made if it is missing, for its owner alone. */
  readonly folder: string
  /** What this room's file may grow to; as large as the disk where it is absent. */
  readonly maxBytes?: number | undefined
  /** Of another release, for tests. */
  readonly schema?: SqliteSchema | undefined
}

/** Opens what is kept of a room, or begins to keep it. @throws StoreError */
export async function openSqliteLogStore(options: SqliteLogStoreOptions): Promise<LogStore> {
  const { folder, logId, secret, maxBytes, schema } = options
  makeFolder(folder)
  const rows = new SqliteRows({ path: pathOf(folder, logId), maxBytes, schema })
  const subtle = webcrypto.subtle as unknown as Subtle
  const seals = await RestSeals.of(secret, { subtle, randomBytes })
  return new SealedLogStore(rows, seals, randomBytes)
}

/** Lets go what is kept of a room that nobody has open. */
export function eraseSqliteLog(folder: string, logId: Bytes): void {
  removeSqliteFile(pathOf(folder, logId))
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StoreError('unavailable', `${folder} cannot be made.`, { cause })
  }
}

function pathOf(folder: string, logId: Bytes): string {
  return join(folder, `${encodeBase64url(logId)}.sqlite`)
}

function randomBytes(length: number): Bytes {
  return webcrypto.getRandomValues(new Uint8Array(length))
}
