// The name a person goes by: made up friendly at first, theirs once they change it.
import { MAX_NAME_LENGTH } from '@knothole/wire'

const KEY = 'knothole-name'

// Warm, gender-free, easy to say; every pair reads as a name.
const FIRST =
  'Amber Ashen Autumn Birch Bramble Cedar Clover Copper Dapple Dusky Early Ember Fern Gentle Golden Hazel Heather Honey Ivory Juniper Linden Little Maple Meadow Merry Misty Moss Nimble Olive Quiet Rowan Russet Sable Silver Sorrel Sunny Tawny Velvet Willow Winter'.split(
    ' ',
  )
const SECOND =
  'Badger Beaver Bittern Bunting Crane Cricket Curlew Dormouse Dove Egret Finch Fox Grebe Hare Hedgehog Heron Jay Kestrel Lark Linnet Lynx Magpie Marten Mole Newt Otter Owl Plover Puffin Raven Robin Shrew Sparrow Squirrel Starling Stoat Swallow Swift Thrush Vole Warbler Wren'.split(
    ' ',
  )

/** A name to go by. `chosen` is false while it is the one we made up. */
export interface OwnName {
  readonly name: string
  readonly chosen: boolean
}

/**
 * Where the name and other choices are kept between visits. Not Web Storage: reading that first blocks the page for 15 to
 * 35 ms, which a newcomer waits for.
 */
export interface NameStore {
  get(key: string): Promise<unknown>
  set(key: string, value: OwnName | boolean): Promise<void>
}

/** The name kept, or a new one. */
export async function readOwnName(store: NameStore): Promise<OwnName> {
  const stored = await store.get(KEY).catch(() => undefined)
  if (isOwnName(stored) && cleanName(stored.name) === stored.name) return stored
  const made = { name: madeUpName(crypto.getRandomValues(new Uint32Array(2))), chosen: false }
  keep(store, made)
  return made
}

/** Keeps a name the person chose, or their word that the made-up one will do. */
export function keepOwnName(store: NameStore, name: string): void {
  keep(store, { name, chosen: true })
}

function keep(store: NameStore, name: OwnName): void {
  // reason: private windows refuse storage; the name then lives as long as the page.
  store.set(KEY, name).catch(() => undefined)
}

function isOwnName(stored: unknown): stored is OwnName {
  return (
    typeof stored === 'object' &&
    stored !== null &&
    'name' in stored &&
    typeof stored.name === 'string' &&
    'chosen' in stored &&
    typeof stored.chosen === 'boolean'
  )
}

/** A typed name without surrounding or repeated white space, or `undefined` when nothing is left of it. */
export function cleanName(typed: string): string | undefined {
  const name = typed.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_NAME_LENGTH).trim()
  return name === '' ? undefined : name
}

function madeUpName(random: Uint32Array): string {
  const pick = (words: readonly string[], at: number) =>
    words[(random[at] ?? 0) % words.length] ?? ''
  return `${pick(FIRST, 0)} ${pick(SECOND, 1)}`
}
