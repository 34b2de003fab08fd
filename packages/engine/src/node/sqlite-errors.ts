// What SQLite's result codes (https://www.sqlite.org/rescode.html) mean for a log store.
import { StoreError } from '../ports/index.ts'
import type { StoreTrouble } from '../ports/index.ts'

const TROUBLES: Readonly<Record<string, StoreTrouble>> = {
  SQLITE_FULL: 'full',
  SQLITE_BUSY: 'blocked',
  SQLITE_LOCKED: 'blocked',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
}

export function storeErrorOf(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StoreError(TROUBLES[codeOf(cause)] ?? 'unavailable', `SQLite says: ${message}`, {
    cause,
  })
}

/** Whether the file itself is what is wrong. */
export function isDamage(cause: unknown): boolean {
  return TROUBLES[codeOf(cause)] === 'damaged'
}

/** The primary result code; the driver may name an extended one, such as SQLITE_CORRUPT_INDEX. */
function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code.split('_').slice(0, 2).join('_')
}
