// The name a person goes by: made up friendly at first, theirs once they change it.
import { MAX_NAME_LENGTH } from '@knothole/wire'
import type { KeyValue } from './key-value.ts'

const KEY = 'knothole.name'
const CHOSEN_KEY = 'knothole.name-chosen'

// Warm, gender-free, easy to say; every pair reads as a name.
const FIRST =
  'Amber Ashen Autumn Birch Bramble Cedar Clover Copper Dapple Dusky Early Ember Fern Gentle Golden Hazel Heather Honey Ivory Juniper Linden Little Maple Meadow Merry Misty Moss Nimble Olive Quiet Rowan Russet Sable Silver Sorrel Sunny Tawny Velvet Willow Winter'.split(
    ' ',
  )
const SECOND =
  'Badger Beaver Bittern Bunting Crane Cricket Curlew Dormouse Dove Egret Finch Fox Grebe Hare Hedgehog Heron Jay Kestrel Lark Linnet Lynx Magpie Marten Mole Newt Otter Owl Plover Puffin Raven Robin Shrew Sparrow Squirrel Starling Stoat Swallow Swift Thrush Vole Warbler Wren'.split(
    ' ',
  )

/** The name to go by. `chosen` is false while it is the one we made up. */
export function readOwnName(store: KeyValue): { name: string; chosen: boolean } {
  const stored = store.get(KEY)
  if (stored !== undefined && cleanName(stored) === stored)
    return { name: stored, chosen: store.get(CHOSEN_KEY) !== undefined }
  const name = madeUpName(crypto.getRandomValues(new Uint32Array(2)))
  store.set(KEY, name)
  return { name, chosen: false }
}

/** Keeps a name the person chose, or their word that the made-up one will do. */
export function keepOwnName(store: KeyValue, name: string): void {
  store.set(KEY, name)
  store.set(CHOSEN_KEY, 'yes')
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
