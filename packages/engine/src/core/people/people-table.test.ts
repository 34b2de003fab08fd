import type { MemberId, PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Link } from '../link/link.ts'
import { PeopleTable } from './people-table.ts'
import type { PersonRow } from './people-table.ts'

const [alice, bob] = ['alice' as PeerId, 'bob' as PeerId]

function addTo(table: PeopleTable, peer: PeerId): PersonRow {
  let count = 0
  const next = (): number => ++count
  const options = { polite: false, newConnection: next, nextSequence: next, random: () => 0 }
  const link = new Link(options, 0)
  return table.add({ peer, member: `member ${peer}` as MemberId, isMe: false }, link)
}

/** Makes the link of a row work. */
function connect(row: PersonRow, nowMs: number): void {
  row.link.start(nowMs)
  row.link.handleRtc(row.link.connection ?? 0, { type: 'open' }, nowMs)
}

describe('presence', () => {
  test('E29: someone the rendezvous no longer has, without a link, is removed after 5 s', () => {
    const table = new PeopleTable()
    addTo(table, alice)
    table.left(alice, 1_000)
    expect(table.view()[0]?.present).toBe(false)
    expect(table.deadlineMs()).toBe(6_000)
    expect(table.sweep(5_999)).toEqual([])
    expect(table.rows().length).toBe(1)
    table.sweep(6_000)
    expect(table.rows()).toEqual([])
  })

  test('E29: a working link keeps its peer', () => {
    const table = new PeopleTable()
    connect(addTo(table, alice), 0)
    table.left(alice, 1_000)
    expect(table.deadlineMs()).toBe(undefined)
    table.sweep(3_600_000)
    expect(table.view()).toMatchObject([{ peer: alice, present: false }])
  })

  test('E29: until 5 s after it broke', () => {
    const table = new PeopleTable()
    const row = addTo(table, alice)
    connect(row, 0)
    table.left(alice, 1_000)
    row.link.handleRtc(row.link.connection ?? 0, { type: 'troubled' }, 20_000)
    table.sweep(24_999)
    expect(table.rows().length).toBe(1)
    table.sweep(25_000)
    expect(table.rows()).toEqual([])
  })

  test('E29: a welcome says who is there; the others have left', () => {
    const table = new PeopleTable()
    addTo(table, alice)
    addTo(table, bob)
    table.presentAre(new Set([bob]), 0)
    expect(table.view().map(({ present }) => present)).toEqual([false, true])
    table.presentAre(new Set([alice, bob]), 1_000)
    table.sweep(10_000)
    expect(table.view().map(({ present }) => present)).toEqual([true, true])
  })
})

test('E30: no more than 256 are listed or expected', () => {
  const table = new PeopleTable()
  for (let i = 0; i < 255; i++) addTo(table, `p${i}` as PeerId)
  expect(table.full).toBe(false)
  table.expected.set(alice, 'wait')
  expect(table.full).toBe(true)
})

test('E17: signals taken from a peer are remembered when it comes again', () => {
  const table = new PeopleTable()
  expect(addTo(table, alice).window.accept(7, false)).toBe('new')
  table.gone(alice)
  const again = addTo(table, alice)
  expect([again.window.accept(7, false), again.window.accept(8, false)]).toEqual([
    'replayed',
    'new',
  ])
})

test('E17: for the last 256 peers', () => {
  const table = new PeopleTable()
  for (let i = 0; i < 257; i++) {
    addTo(table, `p${i}` as PeerId).window.accept(7, false)
    table.gone(`p${i}` as PeerId)
  }
  expect(addTo(table, 'p2' as PeerId).window.accept(7, false)).toBe('replayed')
  expect(addTo(table, 'p0' as PeerId).window.accept(7, false)).toBe('new')
})

test('E41: who types without further word stops after a while', () => {
  const table = new PeopleTable()
  const row = addTo(table, alice)
  row.typingUntilMs = 6_000
  expect(table.view()[0]?.typing).toBe(true)
  expect(table.deadlineMs()).toBe(6_000)
  expect(table.sweep(6_000)).toEqual([row])
  expect(table.view()[0]?.typing).toBe(false)
})
