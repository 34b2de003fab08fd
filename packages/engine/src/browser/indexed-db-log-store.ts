// The log of a room in this browser's IndexedDB. Part of what is fetched late.
import { encodeBase64url } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { LogStore } from '../ports/index.ts'
import { RestSeals } from '../shell/seals/rest-seals.ts'
import { SealedLogStore } from '../shell/store/sealed-log-store.ts'
import type { LogStoreOptions } from '../shell/store/sealed-log-store.ts'
import { deleteRowDatabase, openRowDatabase } from './indexed-db-rows.ts'
import type { SchemaSteps } from './indexed-db-rows.ts'
import { webCrypto } from './web-crypto.ts'

const PREFIX = 'knothole-log-'

/** Opens what this browser keeps of a room, or begins to keep it. @throws StoreError */
export async function openIndexedDbLogStore(
  { logId, secret }: LogStoreOptions,
  steps?: SchemaSteps,
): Promise<LogStore> {
  const crypto = { subtle: webCrypto(), randomBytes }
  const [rows, seals] = await Promise.all([
    openRowDatabase(databaseName(logId), steps),
    RestSeals.of(secret, crypto),
  ])
  return new SealedLogStore(rows, seals, randomBytes)
}

/** Lets go what this browser keeps of a room; pages that have it open find it closed. @throws StoreError */
export function eraseIndexedDbLog(logId: Bytes): Promise<void> {
  return deleteRowDatabase(databaseName(logId))
}

function databaseName(logId: Bytes): string {
  return PREFIX + encodeBase64url(logId)
}

function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}
