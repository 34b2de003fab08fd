// Blocks and notes as sealed rows, and back. A row that does not open, or does not hold what its place
// says, is damaged and gives nothing.
import { decodeCbor, encodeCbor } from '@knothole/wire'
import type { Bytes, FeedId } from '@knothole/wire'
import * as v from 'valibot'
import { decodeStoredBlock, encodeStoredBlock } from '../../core/log-store/stored-block.ts'
import { lastOf } from '../../core/log-store/runs.ts'
import type { RandomBytes, StoredBlock, StoredNote } from '../../ports/index.ts'
import type { RestSeals } from '../seals/rest-seals.ts'
import { placeText } from './row-table.ts'
import type { Row, RowPlace, Window } from './row-table.ts'

/** Groups: a feed's rows, rows of it that were damaged, one note. */
export type GroupKind = 'feed' | 'aside' | 'note'

const PREFIXES = { feed: 'f', aside: 'x', note: 'n' } as const

/** A note as it is kept, and where. */
export interface KeptNote extends StoredNote {
  readonly place: RowPlace
}

type SealedRow = Row & { readonly sealed: Bytes }

export class SealedRows {
  readonly #seals: RestSeals
  readonly #randomBytes: RandomBytes

  constructor(seals: RestSeals, randomBytes: RandomBytes) {
    this.#seals = seals
    this.#randomBytes = randomBytes
  }

  async sealBlock(block: StoredBlock): Promise<SealedRow> {
    const group = groupOf('feed', block.feed)
    const place = { group, from: block.from, upTo: lastOf(block), revision: this.#revision() }
    return { place, sealed: await this.#seals.seal(placeText(place), encodeStoredBlock(block)) }
  }

  async openBlock({ place, sealed }: Row): Promise<StoredBlock | undefined> {
    if (sealed === undefined) return undefined
    const feed = nameOf(place.group) as FeedId
    // A row that was set aside is sealed for where it stood before.
    const home = { ...place, group: groupOf('feed', feed) }
    const plain = await this.#seals.open(placeText(home), sealed)
    const block = plain === undefined ? undefined : decodeStoredBlock(plain, { feed, ...place })
    return block !== undefined && lastOf(block) === place.upTo ? block : undefined
  }

  async sealNote({ key, order, value }: StoredNote): Promise<SealedRow> {
    const window = await this.windowOfNote(key)
    const place = { ...window, revision: this.#revision() }
    const plain = encodeCbor([key, order, value])
    return { place, sealed: await this.#seals.seal(placeText(place), plain) }
  }

  async openNote({ place, sealed }: Row): Promise<KeptNote | undefined> {
    if (sealed === undefined) return undefined
    const plain = await this.#seals.open(placeText(place), sealed)
    if (plain === undefined) return undefined
    const note = decodeCbor(plain, noteItem, plain.length)
    if (!note.ok) return undefined
    const [key, order, value] = note.value
    return { key, order, value, place }
  }

  /** Where the row of a note stands, if there is one. */
  async windowOfNote(key: string): Promise<Window> {
    return { group: groupOf('note', await this.#seals.blind(key)), from: 0, upTo: 0 }
  }

  #revision(): number {
    const [revision = 0] = new Uint32Array(this.#randomBytes(4).buffer)
    return revision
  }
}

const noteItem = v.tuple([
  v.string(),
  v.pipe(v.number(), v.integer()),
  v.instance(Uint8Array<ArrayBuffer>),
])

export function groupOf(kind: GroupKind, name: string): string {
  return PREFIXES[kind] + name
}

/** What a group is of; undefined for one that a newer release made. */
export function kindOf(group: string): GroupKind | undefined {
  if (group.startsWith(PREFIXES.feed)) return 'feed'
  if (group.startsWith(PREFIXES.note)) return 'note'
  return group.startsWith(PREFIXES.aside) ? 'aside' : undefined
}

/** The feed or the blinded name that a group is of. */
export function nameOf(group: string): string {
  return group.slice(1)
}
