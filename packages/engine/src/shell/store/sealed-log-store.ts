// A log store over a table of rows: sealed, merged, checked when read. Everything that the log stores of
// different runtimes have in common; SPEC.md E360 and on. Calls wait for those before them.
import type { Bytes } from '@knothole/wire'
import { mergeOnOpening, mergeWhileGrowing } from '../../core/log-store/merge-plan.ts'
import { joinBlocks, splitIntoRows } from '../../core/log-store/runs.ts'
import { StoreError } from '../../ports/index.ts'
import type {
  LogStore,
  RandomBytes,
  StoredBlock,
  StoredLog,
  StoreWrite,
} from '../../ports/index.ts'
import { KnownRows } from './known-rows.ts'
import type { KnownRow } from './known-rows.ts'
import { openRows } from './opened-rows.ts'
import type { RestSeals } from '../seals/rest-seals.ts'
import type { RowTable, Window } from './row-table.ts'
import { groupOf, kindOf, SealedRows } from './sealed-rows.ts'
import { WritePlanner } from './write-planner.ts'

/** Another page was faster, each time: with so many writes at once a page does better to wait its turn. */
const MAX_ATTEMPTS = 100

/** Rows that one opening merges at most: more take until the next opening. */
const MAX_MERGED_ON_OPENING = 2048

export class SealedLogStore implements LogStore {
  readonly #table: RowTable
  readonly #rows: SealedRows
  readonly #known = new KnownRows()
  readonly #planner: WritePlanner
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(table: RowTable, seals: RestSeals, randomBytes: RandomBytes) {
    this.#table = table
    this.#rows = new SealedRows(seals, randomBytes)
    this.#planner = new WritePlanner(table, this.#rows, this.#known)
  }

  load(): Promise<StoredLog> {
    return this.#inTurn(async () => {
      const rows = await this.#table.readAll()
      this.#known.learnAll(rows)
      const opened = await openRows(rows, this.#rows)
      for (const note of opened.notes) this.#planner.learnNote(note)
      if (opened.change !== undefined && (await this.#table.commit(opened.change)))
        this.#known.changed(opened.change)
      this.#mergeLater(this.#mergesOnOpening())
      return {
        blocks: opened.blocks,
        notes: opened.notes.map(({ key, order, value }) => ({ key, order, value })),
        damaged: opened.damaged,
        isDamaged: opened.hasDamage || this.#table.hasLostRows,
      }
    })
  }

  write(writes: readonly StoreWrite[]): Promise<void> {
    if (writes.length === 0) return this.#inTurn(() => Promise.resolve())
    return this.#inTurn(async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const change = await this.#planner.plan(writes)
        if (await this.#table.commit(change)) {
          this.#known.changed(change)
          this.#mergeLater(this.#mergesWhileGrowing(writes))
          return
        }
        this.#known.learn(change.expected, await this.#table.read(change.expected))
      }
      throw new StoreError('blocked', 'Others write to the log all the time.')
    })
  }

  erase(): Promise<void> {
    return this.#inTurn(() => {
      this.#isClosed = true
      return this.#table.erase()
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return this.#ended()
    this.#isClosed = true
    await this.#ended()
    this.#table.close()
  }

  /** Runs a job after those before it, whether these did what they should or not. */
  #inTurn<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed)
      return Promise.reject(new StoreError('closed', 'The log’s store has been closed.'))
    const done = this.#last.then(job)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #ended(): Promise<void> {
    await this.#last
  }

  #mergesWhileGrowing(writes: readonly StoreWrite[]): readonly (readonly KnownRow[])[] {
    const feeds = new Set(writes.flatMap((write) => (write.type === 'append' ? [write.feed] : [])))
    return [...feeds]
      .map((feed) => mergeWhileGrowing(this.#known.of(groupOf('feed', feed))))
      .filter((rows) => rows.length > 0)
  }

  #mergesOnOpening(): readonly (readonly KnownRow[])[] {
    const merges: (readonly KnownRow[])[] = []
    let count = 0
    for (const [group, rows] of this.#known.groups()) {
      if (kindOf(group) !== 'feed' || count > MAX_MERGED_ON_OPENING) continue
      for (const merge of mergeOnOpening(rows)) {
        merges.push(merge)
        count += merge.length
      }
    }
    return merges
  }

  /** Merging is thrift: what goes wrong with it is tried again some other time. */
  #mergeLater(merges: readonly (readonly KnownRow[])[]): void {
    for (const rows of merges) {
      this.#last = this.#last
        .then(() => (this.#isClosed ? undefined : this.#merge(rows)))
        .catch(() => undefined)
    }
  }

  async #merge(rows: readonly KnownRow[]): Promise<void> {
    const window = windowOf(rows)
    if (window === undefined) return
    const there = await this.#table.read([window])
    const blocks = await Promise.all(there.map((row) => this.#rows.openBlock(row)))
    const [first, ...others] = blocks.filter((block): block is StoredBlock => block !== undefined)
    if (first === undefined || others.length + 1 < rows.length || there.length !== rows.length)
      return
    const put = splitIntoRows(joinBlocks(first, others))
    if (put.length >= there.length) return
    const removed = there.map(({ place }) => place)
    const change = {
      expected: [{ ...window, rows: removed }],
      removed,
      put: await Promise.all(put.map((block) => this.#rows.sealBlock(block))),
      isDurable: false,
      letsGo: false,
    }
    if (await this.#table.commit(change)) this.#known.changed(change)
    else this.#known.learn([window], await this.#table.read([window]))
  }
}

function windowOf(rows: readonly KnownRow[]): Window | undefined {
  const [first] = rows
  const last = rows.at(-1)
  if (first === undefined || last === undefined) return undefined
  return { group: first.group, from: first.from, upTo: last.upTo }
}

/** What every runtime's store is opened with. */
export interface LogStoreOptions {
  /** Names the log; it is derived from the secret, which it does not tell. */
  readonly logId: Bytes
  /** The room secret: what is kept is sealed under keys derived from it. */
  readonly secret: Bytes
}
