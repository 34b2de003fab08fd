import { logStoreCases, testAppend } from '@knothole/testkit'
import { describe, expect, it } from 'vitest'
import type { StoredLog, StoreWrite } from '../../ports/index.ts'
import { MemoryDisk, MemoryRows } from './memory-rows.testing.ts'
import { openOver } from './sealed-log-store.testing.ts'

describe('sealed rows as a log store', () => {
  it.each(logStoreCases)('E360 $title', async ({ run }) => {
    const disks = new Map<number, MemoryDisk>()
    const world = {
      async open(room: number) {
        const disk = disks.get(room) ?? new MemoryDisk()
        disks.set(room, disk)
        return openOver(new MemoryRows(disk), room)
      },
    }
    await expect(run(world)).resolves.toBeUndefined()
  })
})

const note = (key: string): StoreWrite => ({
  type: 'note',
  key,
  order: 1,
  value: new Uint8Array(5),
})

/** What rows are of, and their spans. */
const spansOf = ({ rows }: MemoryDisk): [string, number, number][] =>
  [...rows.values()].map(({ place: { group, from, upTo } }) => [group.slice(0, 1), from, upTo])

/** Changes a byte of the row that begins at an entry. */
function damage({ rows }: MemoryDisk, from: number): void {
  for (const [key, { place, sealed }] of Array.from(rows)) {
    if (place.from !== from || sealed === undefined) continue
    const changed = sealed.map((byte, at) => (at === 40 ? byte ^ 1 : byte))
    rows.set(key, { place, sealed: changed })
  }
}

async function loaded(disk: MemoryDisk, room = 1): Promise<StoredLog> {
  const store = await openOver(new MemoryRows(disk), room)
  const stored = await store.load()
  await store.close()
  return stored
}

const countOf = ({ blocks }: StoredLog): number =>
  blocks.reduce((sum, { entries }) => sum + entries.length, 0)

describe('rows while a conversation goes on', () => {
  it('E361 are merged, and what was written one by one opens as few', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    for (let at = 1; at <= 300; at += 1) await store.write([testAppend(1, [at, at])])
    await store.close()
    expect(disk.rows.size).toBeLessThan(40)
    const again = await openOver(new MemoryRows(disk))
    expect(countOf(await again.load())).toBe(300)
    // Merging waits for nobody; who comes next waits for it.
    const { blocks } = await again.load()
    await again.close()
    expect(blocks.length).toBeLessThanOrEqual(3)
  })

  it('E361 are never larger than a browser keeps in its database itself', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    await store.write([testAppend(1, [1, 700]), testAppend(2, [1, 20], 20 * 1024)])
    await store.close()
    const sizes = [...disk.rows.values()].map(({ sealed }) => sealed?.length ?? 0)
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024)
    const spans = spansOf(disk).map(([, from, upTo]) => upTo - from + 1)
    expect(Math.max(...spans)).toBeLessThanOrEqual(256)
  })

  it('E362 another page’s change in between is noticed, and the write made anew', async () => {
    const disk = new MemoryDisk()
    const rows = new MemoryRows(disk)
    const other = await openOver(new MemoryRows(disk))
    const store = await openOver(rows)
    await store.write([testAppend(1, [1, 4])])
    let isFirst = true
    let meanwhile: Promise<void> | undefined
    rows.onCommit = () => {
      if (!isFirst) return
      isFirst = false
      // The other page’s commit comes first: it is planned already.
      for (const [key, { place, sealed }] of Array.from(disk.rows)) {
        disk.rows.delete(key)
        const moved = { ...place, revision: place.revision + 1 }
        disk.rows.set(`${key} moved`, { place: moved, sealed })
      }
      meanwhile = other.write([testAppend(9, [1, 1])])
    }
    await store.write([testAppend(1, [3, 6])])
    await meanwhile
    expect(isFirst).toBe(false)
    expect(spansOf(disk)).toEqual(
      expect.arrayContaining([
        ['f', 1, 4],
        ['f', 5, 6],
      ]),
    )
  })
})

describe('damaged rows', () => {
  it('E363 are set aside and told, until the same entries come again', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    for (const from of [1, 101, 201]) await store.write([testAppend(1, [from, from + 99])])
    await store.close()
    damage(disk, 101)
    const { feed } = testAppend(1, [1, 1])
    const told = { damaged: [{ feed, from: 101, upTo: 200 }], isDamaged: true }
    expect(await loaded(disk)).toMatchObject(told)
    expect(spansOf(disk)).toContainEqual(['x', 101, 200])
    const again = await openOver(new MemoryRows(disk))
    expect(await again.load()).toMatchObject(told)
    await again.write([testAppend(1, [90, 210])])
    await again.close()
    const healed = await loaded(disk)
    expect(healed).toMatchObject({ damaged: [], isDamaged: false })
    expect(countOf(healed)).toBe(300)
    expect(spansOf(disk).some(([kind]) => kind === 'x')).toBe(false)
  })

  it('E363 count again should they open another day', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    await store.write([testAppend(1, [1, 100]), note('a')])
    await store.close()
    // A release that derives other keys reads nothing, and destroys nothing.
    const wrong = await loaded(disk, 2)
    expect(wrong).toMatchObject({ blocks: [], notes: [], isDamaged: true })
    const right = await loaded(disk)
    expect(right).toMatchObject({ damaged: [], isDamaged: false })
    expect(countOf(right)).toBe(100)
    expect(right.notes).toHaveLength(1)
  })

  it('E363 go with what shall be gone', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    for (const from of [1, 101]) await store.write([testAppend(1, [from, from + 99])])
    await store.close()
    damage(disk, 1)
    const { feed } = testAppend(1, [1, 1])
    const again = await openOver(new MemoryRows(disk))
    await again.load()
    await again.write([{ type: 'bodies', feed, bodies: [[7, undefined]] }])
    await again.close()
    expect(spansOf(disk)).toEqual([['f', 101, 200]])
  })

  it('E363 a row that the database cannot read costs its entries only', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    for (const from of [1, 101]) await store.write([testAppend(1, [from, from + 99])])
    await store.close()
    for (const [key, row] of Array.from(disk.rows))
      if (row.place.from === 1) disk.rows.set(key, { ...row, sealed: undefined })
    const stored = await loaded(disk)
    expect(stored.damaged).toMatchObject([{ from: 1, upTo: 100 }])
    expect(countOf(stored)).toBe(100)
  })
})

describe('rows on the disk', () => {
  it('E365 say nothing of authors, times and words, and open only where they stand', async () => {
    const disk = new MemoryDisk()
    const store = await openOver(new MemoryRows(disk))
    await store.write([testAppend(0x5a, [1, 3]), testAppend(2, [1, 3]), note('receipt:ana')])
    await store.close()
    for (const { place, sealed } of disk.rows.values()) {
      expect(Buffer.from(sealed ?? []).includes(Buffer.alloc(12, 0x5a))).toBe(false)
      expect(place.group).not.toContain('ana')
    }
    const [one, other] = [...disk.rows.entries()].filter(([, { place }]) => place.from === 1)
    if (one === undefined || other === undefined) throw new Error('there are two feeds')
    disk.rows.set(one[0], { place: one[1].place, sealed: other[1].sealed })
    disk.rows.set(other[0], { place: other[1].place, sealed: one[1].sealed })
    const swapped = await loaded(disk)
    expect(swapped.blocks).toEqual([])
    expect(swapped.damaged).toHaveLength(2)
  })
})
