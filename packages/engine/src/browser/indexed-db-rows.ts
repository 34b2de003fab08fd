// A table of rows in IndexedDB, a database a room: one that is let go takes nothing of others along.
// Says what the browser's errors mean; what is in the rows is none of its business.
import type { Bytes } from '@knothole/wire'
import { promisifyRequest } from 'idb-keyval'
import { MAX_ROW_ENTRIES } from '../core/log-store/runs.ts'
import type { Span } from '../core/log-store/runs.ts'
import { StoreError } from '../ports/index.ts'
import type { StoreTrouble } from '../ports/index.ts'
import type { Row, RowChange, RowPlace, RowTable, Window } from '../shell/store/row-table.ts'

const ROWS = 'rows'

/** What each release adds to a database, in order: their count is its version. Never change one that was released. */
export type SchemaSteps = readonly ((database: IDBDatabase) => void)[]

export const SCHEMA: SchemaSteps = [(database) => database.createObjectStore(ROWS)]

/** Opening takes a few ms, and a second on a busy phone; some browsers never answer (WebKit bug 226547). */
const OPEN_WAIT_MS = 5000

type RowKey = [group: string, from: number, upTo: number, revision: number]

/** Opens the database of this name, which is made if it is missing. @throws StoreError */
export async function openRowDatabase(
  name: string,
  steps: SchemaSteps = SCHEMA,
): Promise<IndexedDbRows> {
  let hasLostRows = false
  const request = requestOpening(name, steps.length)
  request.onupgradeneeded = (event) => {
    hasLostRows = saysLoss(event)
    for (const step of steps.slice(event.oldVersion)) step(request.result)
  }
  return new IndexedDbRows(await opened(request), hasLostRows)
}

/** Deletes the database of this name, whoever has it open. */
export async function deleteRowDatabase(name: string): Promise<void> {
  await opened(requestOf(() => indexedDB.deleteDatabase(name)))
}

function requestOpening(name: string, version: number): IDBOpenDBRequest {
  return requestOf(() => indexedDB.open(name, version))
}

/** Even asking throws where a browser forbids storage. */
function requestOf(ask: () => IDBOpenDBRequest): IDBOpenDBRequest {
  try {
    return ask()
  } catch (cause) {
    throw new StoreError('unavailable', 'This browser keeps nothing for this page.', { cause })
  }
}

function opened(request: IDBOpenDBRequest): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let isBlocked = false
    const timer = setTimeout(() => {
      // Should it open after all: nobody waits for it any more.
      request.onsuccess = () => request.result.close()
      const code = isBlocked ? 'blocked' : 'unavailable'
      reject(new StoreError(code, 'The browser does not open the database.'))
    }, OPEN_WAIT_MS)
    request.onblocked = () => {
      isBlocked = true
    }
    request.onsuccess = () => {
      clearTimeout(timer)
      resolve(request.result)
    }
    request.addEventListener('error', () => {
      clearTimeout(timer)
      reject(storeErrorOf(request.error, 'damaged'))
    })
  })
}

/** Chromium tells when it found a database damaged and began it anew; others do not. */
function saysLoss(event: IDBVersionChangeEvent): boolean {
  return 'dataLoss' in event && event.dataLoss === 'total'
}

const TROUBLES: Readonly<Record<string, StoreTrouble>> = {
  VersionError: 'newer',
  QuotaExceededError: 'full',
  SecurityError: 'unavailable',
  InvalidStateError: 'unavailable',
  NotAllowedError: 'unavailable',
}

function storeErrorOf(cause: unknown, otherwise: StoreTrouble): StoreError {
  if (cause instanceof StoreError) return cause
  const { name = '', message = '' } = cause instanceof DOMException ? cause : {}
  const words = `The browser’s database says: ${name} ${message}`
  return new StoreError(TROUBLES[name] ?? otherwise, words, { cause })
}

export class IndexedDbRows implements RowTable {
  readonly hasLostRows: boolean
  readonly #database: IDBDatabase
  #trouble: StoreTrouble | undefined

  constructor(database: IDBDatabase, hasLostRows: boolean) {
    this.#database = database
    this.hasLostRows = hasLostRows
    // Whoever asks for another version or for deletion waits until everyone has let go.
    database.onversionchange = ({ newVersion }) => {
      this.#trouble = newVersion === null ? 'closed' : 'newer'
      database.close()
    }
    // Somebody cleared the site's data, or the disk went away.
    database.addEventListener('close', () => {
      this.#trouble = 'closed'
    })
  }

  async readAll(): Promise<readonly Row[]> {
    const rows = this.#begin('readonly')
    const [keys = []] = await this.#answers([promisifyRequest(rows.getAllKeys())])
    const groups = groupsToRead(keys as RowKey[])
    const values = await Promise.all(groups.map((group) => valuesOf(rows, group))).catch(
      // reason: one row that cannot be read spoils the transaction; then each is read in its own.
      () => undefined,
    )
    if (values === undefined)
      return Promise.all((keys as RowKey[]).map((key) => this.#readRow(key)))
    return groups.flatMap((group, at) => group.map((key, of) => rowOf(key, values[at]?.[of])))
  }

  async read(windows: readonly Window[]): Promise<readonly Row[]> {
    const rows = this.#begin('readonly')
    const keys = await this.#answers(windows.map((window) => keysIn(rows, window)))
    return Promise.all(keys.flat().map((key) => this.#readRow(key)))
  }

  async commit({ expected, removed, put, isDurable }: RowChange): Promise<boolean> {
    const rows = this.#begin('readwrite', isDurable)
    const done = promisifyRequest(rows.transaction)
    done.catch(() => undefined)
    const there = await this.#answers(expected.map((window) => keysIn(rows, window)))
    const isAsExpected = expected.every((window, at) => areRows(there[at] ?? [], window.rows))
    if (isAsExpected) {
      try {
        for (const place of removed) rows.delete(keyOf(place))
        for (const { place, sealed } of put) rows.put(sealed, keyOf(place))
      } catch (cause) {
        throw storeErrorOf(cause, 'unavailable')
      }
    }
    await this.#answers([done])
    return isAsExpected
  }

  async erase(): Promise<void> {
    const rows = this.#begin('readwrite', true)
    // Gone at once, even should another page keep the database open.
    rows.clear()
    await this.#answers([promisifyRequest(rows.transaction)])
    this.close()
    await deleteRowDatabase(this.#database.name)
  }

  close(): void {
    this.#trouble ??= 'closed'
    this.#database.close()
  }

  #begin(mode: IDBTransactionMode, isDurable = false): IDBObjectStore {
    if (this.#trouble !== undefined) throw troubleOf(this.#trouble)
    const durability = isDurable ? 'strict' : 'relaxed'
    try {
      return this.#database.transaction(ROWS, mode, { durability }).objectStore(ROWS)
    } catch (cause) {
      throw storeErrorOf(cause, 'unavailable')
    }
  }

  async #readRow(key: RowKey): Promise<Row> {
    const rows = this.#begin('readonly')
    // reason: the row is there and the browser cannot read it, which is what undefined says.
    const value = await promisifyRequest(rows.get(key)).catch(() => undefined)
    return rowOf(key, value as Bytes | undefined)
  }

  async #answers<Answer>(requests: readonly Promise<Answer>[]): Promise<Answer[]> {
    try {
      return await Promise.all(requests)
    } catch (cause) {
      throw this.#trouble === undefined
        ? storeErrorOf(cause, 'unavailable')
        : troubleOf(this.#trouble, cause)
    }
  }
}

function troubleOf(trouble: StoreTrouble, cause?: unknown): StoreError {
  const words = trouble === 'newer' ? 'A newer release has taken it.' : 'The database was closed.'
  return new StoreError(trouble, words, { cause })
}

/**
 * Keys to read with one request each. Chromium answers one `getAll` of large rows three times as slowly as
 * a request a row, and a request for each of many small ones more slowly than one `getAll`.
 */
function groupsToRead(keys: readonly RowKey[]): readonly (readonly RowKey[])[] {
  const groups: RowKey[][] = []
  let wasSmall = false
  for (const key of keys) {
    const isSmall = key[2] - key[1] < SMALL_ROW_ENTRIES
    const last = groups.at(-1)
    if (isSmall && wasSmall && last !== undefined && last.length < MAX_GROUP) last.push(key)
    else groups.push([key])
    wasSmall = isSmall
  }
  return groups
}

const SMALL_ROW_ENTRIES = 32

/** Bounds what one answer of the browser may weigh, should small rows be heavy. */
const MAX_GROUP = 64

async function valuesOf(
  rows: IDBObjectStore,
  keys: readonly RowKey[],
): Promise<readonly (Bytes | undefined)[]> {
  const [first] = keys
  const last = keys.at(-1)
  if (first === undefined || last === undefined) return []
  const range = IDBKeyRange.bound(first, last)
  return keys.length === 1
    ? [(await promisifyRequest(rows.get(range))) as Bytes | undefined]
    : ((await promisifyRequest(rows.getAll(range))) as Bytes[])
}

async function keysIn(rows: IDBObjectStore, { group, from, upTo }: Window): Promise<RowKey[]> {
  // An array is greater than every number: all revisions of rows that begin at `upTo` are below it.
  const range = IDBKeyRange.bound([group, from - MAX_ROW_ENTRIES + 1], [group, upTo, []])
  const keys = (await promisifyRequest(rows.getAllKeys(range))) as RowKey[]
  return keys.filter(([, , last]) => last >= from)
}

/** Rows that stand there, by beginning and revision, in order. */
function areRows(keys: readonly RowKey[], expected: readonly RowPlace[]): boolean {
  return (
    keys.length === expected.length &&
    keys.every(([, from, , revision], at) => {
      const row = expected[at]
      return row?.from === from && row.revision === revision
    })
  )
}

function keyOf({ group, from, upTo, revision }: RowPlace & Span): RowKey {
  return [group, from, upTo, revision]
}

function rowOf([group, from, upTo, revision]: RowKey, sealed: Bytes | undefined): Row {
  return { place: { group, from, upTo, revision }, sealed }
}
