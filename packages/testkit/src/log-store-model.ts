// What a log store should hold after some writes, entry by entry: the oracle of its conformance suite.
import type { FeedId } from '@knothole/wire'
import type { StoredBlock, StoredLog, StoreWrite } from '@knothole/engine/ports'

interface ModelEntry {
  readonly header: Uint8Array
  readonly body: Uint8Array | undefined
  readonly proof: Uint8Array | undefined
}

export class LogStoreModel {
  readonly #entries = new Map<string, ModelEntry>()
  readonly #notes = new Map<string, { readonly order: number; readonly value: Uint8Array }>()

  write(writes: readonly StoreWrite[]): void {
    for (const write of writes) this.#take(write)
  }

  /** Everything as one text; equal for equal contents, however they are cut into blocks. */
  text(): string {
    return textOf(this.#entries, this.#notes)
  }

  #take(write: StoreWrite): void {
    if (write.type === 'note') {
      const { key, order, value } = write
      if ((this.#notes.get(key)?.order ?? -Infinity) < order) this.#notes.set(key, { order, value })
    } else if (write.type === 'append') this.#append(write)
    else if (write.type === 'bodies') {
      for (const [sequence, body] of write.bodies) this.#setBody(write.feed, sequence, body)
    } else {
      for (const key of this.#entries.keys()) {
        const [feed, sequence] = key.split('.')
        const isInside = Number(sequence) >= write.from && Number(sequence) <= write.upTo
        if (feed === write.feed && isInside) this.#entries.delete(key)
      }
    }
  }

  #append(block: StoredBlock): void {
    for (const [key, entry] of entriesOf(block))
      if (!this.#entries.has(key)) this.#entries.set(key, entry)
  }

  #setBody(feed: FeedId, sequence: number, body: Uint8Array | undefined): void {
    const key = `${feed}.${sequence}`
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#entries.set(key, { ...entry, body })
  }
}

/** What a store has loaded, as the model says it. @throws when blocks are out of order or overlap. */
export function textOfStored({ blocks, notes }: StoredLog): string {
  const entries = new Map<string, ModelEntry>()
  let last: StoredBlock | undefined
  for (const block of blocks) {
    const isBehind = last?.feed === block.feed && last.from + last.entries.length > block.from
    if (isBehind || (last !== undefined && last.feed > block.feed))
      throw new Error(`blocks stand in disorder at ${block.feed}.${block.from}`)
    last = block
    for (const [key, entry] of entriesOf(block)) entries.set(key, entry)
  }
  return textOf(entries, new Map(notes.map((note) => [note.key, note])))
}

function entriesOf({ feed, from, entries, proofs }: StoredBlock): [string, ModelEntry][] {
  const proofOf = new Map(proofs.map(({ sequence, proof }) => [sequence, proof]))
  return entries.map((entry, index) => [
    `${feed}.${from + index}`,
    { ...entry, proof: proofOf.get(from + index) },
  ])
}

function textOf(
  entries: ReadonlyMap<string, ModelEntry>,
  notes: ReadonlyMap<string, { readonly order: number; readonly value: Uint8Array }>,
): string {
  const lines = [
    ...Array.from(
      entries,
      ([key, { header, body, proof }]) => `${key} ${sum(header)} ${sum(body)} ${sum(proof)}`,
    ),
    ...Array.from(notes, ([key, { order, value }]) => `note ${key} ${order} ${sum(value)}`),
  ]
  return lines.toSorted().join('\n')
}

/** Length and FNV-1a hash of bytes: enough to tell test data apart, and quick. */
function sum(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '-'
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return `${bytes.length}:${hash >>> 0}`
}
