import { MAX_NAME_LENGTH } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { fakeLink } from '../story/fake-room.testing.ts'
import { keyValueOf } from './key-value.ts'
import type { KeyValue } from './key-value.ts'
import { cleanName, keepOwnName, readOwnName } from './own-name.ts'
import type { NameStore } from './own-name.ts'
import { keepChoice, readChoice } from './choices.ts'
import { MAX_RECENT_ROOMS, forgetRooms, readRecentRooms, rememberRoom } from './recent-rooms.ts'

const refusing = (): Storage => {
  throw new DOMException('no storage here', 'SecurityError')
}
const memory = (): KeyValue => keyValueOf(refusing)
const linkOf = (seed: string): string => fakeLink('https://knothole.example', seed)
const room = (seed: string, lastUsedMs: number, who: readonly string[] = []) => ({
  link: linkOf(seed),
  lastUsedMs,
  who,
})

describe('recent rooms', () => {
  it('keeps the newest first, each once, and who was met there', () => {
    const store = memory()
    rememberRoom(store, room('a', 1, ['Ana']))
    rememberRoom(store, room('b', 2))
    rememberRoom(store, room('a', 3, ['Bo']))
    expect(readRecentRooms(store)).toEqual([room('a', 3, ['Bo', 'Ana']), room('b', 2)])
  })

  it('does not forget who was there when one comes back alone', () => {
    const store = memory()
    rememberRoom(store, room('a', 1, ['Ana']))
    rememberRoom(store, room('a', 2))
    expect(readRecentRooms(store)[0]?.who).toEqual(['Ana'])
  })

  it('forgets one, all, and the oldest beyond the limit', () => {
    const store = memory()
    for (let at = 0; at <= MAX_RECENT_ROOMS; at += 1) rememberRoom(store, room(`room ${at}`, at))
    expect(readRecentRooms(store)).toHaveLength(MAX_RECENT_ROOMS)
    forgetRooms(store, linkOf('room 5'))
    expect(readRecentRooms(store).map(({ link }) => link)).not.toContain(linkOf('room 5'))
    forgetRooms(store)
    expect(readRecentRooms(store)).toEqual([])
    expect(store.get('knothole.rooms')).toBeUndefined()
  })

  it('reads past whatever else stands in the storage', () => {
    const store = memory()
    const good = room('a', 1, ['Ana'])
    for (const text of ['', '{', 'null', '7', '{"link":1}', '[null, 3, "x"]']) {
      store.set('knothole.rooms', text)
      expect(readRecentRooms(store)).toEqual([])
    }
    const bad = [
      { ...good, link: 'javascript:alert(1)' },
      { ...good, who: [1] },
      { link: good.link },
    ]
    store.set('knothole.rooms', JSON.stringify([...bad, good]))
    expect(readRecentRooms(store)).toEqual([good])
  })
})

/** A store of names that keeps what it is given, or refuses. */
function nameStore(kept?: unknown): NameStore & { kept: unknown } {
  return {
    kept,
    async get() {
      return this.kept
    },
    async set(_key, name) {
      this.kept = name
    },
  }
}

describe('own name', () => {
  it('is made up once, friendly, and kept', async () => {
    const store = nameStore()
    const first = await readOwnName(store)
    expect(first.name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/)
    expect(first.chosen).toBe(false)
    expect(await readOwnName(store)).toEqual(first)
  })

  it('is theirs once chosen', async () => {
    const store = nameStore()
    keepOwnName(store, 'Ana')
    expect(await readOwnName(store)).toEqual({ name: 'Ana', chosen: true })
  })

  it('is made up where nothing can be kept', async () => {
    const store = { get: async () => refusing(), set: async () => void refusing() }
    keepOwnName(store, 'Ana')
    expect((await readOwnName(store)).chosen).toBe(false)
  })

  it.each([
    null,
    7,
    'Ana',
    {},
    { name: 'Ana' },
    { name: 7, chosen: true },
    { name: ' Ana', chosen: true },
  ])('is made up anew where %j is kept', async (kept) => {
    const store = nameStore(kept)
    const made = await readOwnName(store)
    expect(made.name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/)
    expect(store.kept).toEqual(made)
  })

  it('is cleaned of needless white space and length', async () => {
    expect(cleanName('  Ana \n Maria ')).toBe('Ana Maria')
    expect(cleanName(' \t')).toBeUndefined()
    expect(cleanName('x'.repeat(100))).toHaveLength(MAX_NAME_LENGTH)
    const store = nameStore({ name: 'x'.repeat(100), chosen: true })
    expect((await readOwnName(store)).name).not.toContain('xx')
  })
})

describe('choices', () => {
  it('is off at first, and kept once chosen', async () => {
    const store = nameStore()
    expect(await readChoice(store, 'hides-address')).toBe(false)
    keepChoice(store, 'hides-address', true)
    expect(await readChoice(store, 'hides-address')).toBe(true)
    keepChoice(store, 'hides-address', false)
    expect(await readChoice(store, 'hides-address')).toBe(false)
  })

  it.each([null, 1, 'true', {}])('is off where %j is kept', async (kept) => {
    expect(await readChoice(nameStore(kept), 'hides-address')).toBe(false)
  })

  it('is off where nothing can be kept', async () => {
    const store = { get: async () => refusing(), set: async () => void refusing() }
    keepChoice(store, 'hides-address', true)
    expect(await readChoice(store, 'hides-address')).toBe(false)
  })
})
