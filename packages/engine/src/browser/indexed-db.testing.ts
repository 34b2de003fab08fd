// What the system tests of IndexedDB run inside a browser's page.
import { LogStoreModel, logStoreCases, testAppend, testFeed, textOfStored } from '@knothole/testkit'
import type { LogStore, StoredLog, StoreError, StoreWrite } from '../ports/index.ts'
import { eraseIndexedDbLog, openIndexedDbLogStore } from './indexed-db-log-store.ts'
import { SCHEMA } from './indexed-db-rows.ts'
import type { SchemaSteps } from './indexed-db-rows.ts'

/** A release that is newer than ours, as far as databases go. */
const NEXT: SchemaSteps = [...SCHEMA, (database) => database.createObjectStore('of-tomorrow')]

/** Stores that a test holds open in this page, by a name it gave. */
const held = new Map<string, LogStore>()

function open(room: number, steps?: SchemaSteps): Promise<LogStore> {
  const logId = new Uint8Array(16).fill(room)
  return openIndexedDbLogStore({ logId, secret: new Uint8Array(16).fill(room + 100) }, steps)
}

/** Runs a case of the suite in rooms of its own; says what went wrong. */
export async function runCase(title: string, firstRoom: number): Promise<string> {
  const found = logStoreCases.find((one) => one.title === title)
  if (found === undefined) return 'there is no such case'
  try {
    await found.run({ open: (room) => open(firstRoom + room) })
    return 'as it should'
  } catch (error) {
    return error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error)
  }
}

/** The code of the trouble that a promise ends in, or `fine`. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'fine',
    (error: unknown) => (error as StoreError).code ?? String(error),
  )
}

export function hold(name: string, room: number, release?: 'next'): Promise<string> {
  const opened = open(room, release === 'next' ? NEXT : undefined)
  return codeOf(opened.then((store) => held.set(name, store)))
}

const store = (name: string): LogStore => {
  const found = held.get(name)
  if (found === undefined) throw new Error(`${name} is not held`)
  return found
}

export const letGo = (name: string): Promise<string> => codeOf(store(name).close())

export const erase = (name: string): Promise<string> => codeOf(store(name).erase())

/** Erases a room's log that nobody has opened here. */
export const eraseRoom = (room: number): Promise<string> =>
  codeOf(eraseIndexedDbLog(new Uint8Array(16).fill(room)))

/** Writes entries of a feed, each of a size. */
export function append(
  name: string,
  [byte, from, upTo, size]: readonly [number, number, number, number?],
): Promise<string> {
  return codeOf(store(name).write([testAppend(byte, [from, upTo], size)]))
}

/** Writes appends, one write each, all at once. */
export function appendAll(
  name: string,
  appends: readonly (readonly [number, number, number, number?])[],
): Promise<string> {
  return codeOf(
    Promise.all(
      appends.map(([byte, from, upTo, size]) =>
        store(name).write([testAppend(byte, [from, upTo], size)]),
      ),
    ),
  )
}

/** Writes appends one after the other; what became of each. */
export async function appendEach(
  name: string,
  appends: readonly (readonly [number, number, number, number?])[],
): Promise<readonly string[]> {
  const codes: string[] = []
  for (const one of appends) {
    codes.push(await append(name, one))
    // Chromium counts what is stored when it is asked, not at each write.
    await navigator.storage.estimate()
  }
  return codes
}

export function note(name: string, key: string): Promise<string> {
  return codeOf(store(name).write([{ type: 'note', key, order: 1, value: new Uint8Array(20) }]))
}

export function forgetBody(name: string, byte: number, sequence: number): Promise<string> {
  const { feed } = testFeed(byte)
  return codeOf(store(name).write([{ type: 'bodies', feed, bodies: [[sequence, undefined]] }]))
}

/** How many entries there are, how many have bodies, and what is damaged. */
export async function contents(name: string): Promise<object> {
  return summaryOf(await store(name).load())
}

function summaryOf({ blocks, damaged, isDamaged }: StoredLog): object {
  const entries = blocks.flatMap((block) => block.entries)
  return {
    entries: entries.length,
    bodies: entries.filter(({ body }) => body !== undefined).length,
    runs: blocks.map(({ from, entries }) => [from, from + entries.length - 1]),
    damaged: damaged.map(({ from, upTo }) => [from, upTo]),
    isDamaged,
  }
}

/** Whether a store holds just what these appends make. */
export async function holdsAppends(
  name: string,
  appends: readonly (readonly [number, number, number, number?])[],
): Promise<boolean> {
  const model = new LogStoreModel()
  const writes: StoreWrite[] = appends.map(([byte, from, upTo, size]) =>
    testAppend(byte, [from, upTo], size),
  )
  model.write(writes)
  return textOfStored(await store(name).load()) === model.text()
}

/** Damages a room's n-th row, as a disk or another program might. */
export async function damageRow(room: number, index: number): Promise<void> {
  const database = await databaseOf(room)
  const rows = database.transaction('rows', 'readwrite').objectStore('rows')
  const [keys, values] = await Promise.all([answer(rows.getAllKeys()), answer(rows.getAll())])
  const [key, value] = [keys[index], values[index] as Uint8Array | undefined]
  if (key === undefined || value === undefined) throw new Error('there is no such row')
  value[value.length >> 1] = (value[value.length >> 1] ?? 0) ^ 1
  await answer(rows.put(value, key))
  database.close()
}

/** The rows' keys of a room, and its database's version and stores. */
export async function rowsOf(room: number): Promise<object> {
  const database = await databaseOf(room)
  const rows = database.transaction('rows').objectStore('rows')
  const keys = await answer(rows.getAllKeys())
  const { version } = database
  const stores = [...database.objectStoreNames]
  database.close()
  return { keys, version, stores }
}

/** Sealed bytes of the row that has an entry of a room, in hexadecimal. */
export async function sealedBytes(room: number, sequence: number): Promise<string> {
  const database = await databaseOf(room)
  const rows = database.transaction('rows').objectStore('rows')
  const [keys, values] = await Promise.all([answer(rows.getAllKeys()), answer(rows.getAll())])
  database.close()
  const at = (keys as [string, number, number][]).findIndex(
    ([group, from, upTo]) => group.startsWith('f') && from <= sequence && upTo >= sequence,
  )
  return Array.from((values as Uint8Array[])[at] ?? [], (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** Names of the databases there are. */
export async function databases(): Promise<readonly (string | undefined)[]> {
  const all = await indexedDB.databases()
  return all.map(({ name }) => name)
}

/** A page of another kind that has a room's database open and does not let go. */
export async function cling(room: number): Promise<void> {
  clung = await databaseOf(room)
}

export async function uncling(): Promise<void> {
  clung?.close()
}

/** Rows that are left in the database that is clung to. */
export async function clungRows(): Promise<number | undefined> {
  return clung && answer(clung.transaction('rows').objectStore('rows').count())
}

let clung: IDBDatabase | undefined

function databaseOf(room: number): Promise<IDBDatabase> {
  const name = `knothole-log-${btoa(String.fromCharCode(...new Uint8Array(16).fill(room)))}`
  const plain = name.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return answer(indexedDB.open(plain))
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('refused')))
  })
}

/** Takes the browser's IndexedDB away, as some private windows do. */
export async function forbidStorage(): Promise<void> {
  const forbidden = {
    open: () => {
      throw new DOMException('forbidden', 'SecurityError')
    },
  }
  Object.defineProperty(globalThis, 'indexedDB', { value: forbidden })
}

/** Writes many entries as a sync does and as a conversation does; milliseconds and counts. */
export async function measure(room: number, total: number): Promise<object> {
  const perChunk = 256
  const begin = performance.now()
  const syncing = await open(room)
  const feeds = 20
  let written = 0
  for (let chunk = 0; written < total; chunk += 4) {
    const writes = Array.from({ length: 4 }, (_, at) => {
      const number = chunk + at
      const from = Math.floor(number / feeds) * perChunk + 1
      return testAppend((number % feeds) + 1, [from, from + perChunk - 1], 150)
    })
    await syncing.write(writes)
    written += perChunk * writes.length
  }
  await syncing.close()
  const writtenMs = performance.now() - begin
  const loads: number[] = []
  for (let run = 0; run < 3; run += 1) {
    const start = performance.now()
    const again = await open(room)
    const { blocks } = await again.load()
    loads.push(performance.now() - start)
    const count = blocks.reduce((sum, { entries }) => sum + entries.length, 0)
    if (count !== written) throw new Error(`${count} of ${written} entries are there`)
    await again.close()
  }
  return { written, writtenMs, perSecond: (written / writtenMs) * 1000, loads }
}

/** One entry a write; milliseconds a write, and rows afterwards. */
export async function measureLive(room: number, total: number): Promise<object> {
  const live = await open(room)
  const times: number[] = []
  for (let sequence = 1; sequence <= total; sequence += 1) {
    const start = performance.now()
    await live.write([testAppend(1, [sequence, sequence], 150)])
    times.push(performance.now() - start)
  }
  await live.close()
  times.sort((a, b) => a - b)
  const { keys } = (await rowsOf(room)) as { keys: readonly unknown[] }
  return {
    median: times[total >> 1],
    p95: times[Math.floor(total * 0.95)],
    rows: keys.length,
  }
}
