import { describe, expect, it } from 'vitest'
import type { Message } from '../engine.ts'
import { memberOf } from '../story/fake-room.testing.ts'
import { FakeTalk } from '../story/fake-talk.testing.ts'
import { withNotice } from './notice-list.ts'
import { GROUP_GAP_MS, Rows, countUnread } from './rows.ts'
import type { PlacedNotice, RowSources } from './rows.ts'

const noon = new Date(2026, 10, 22, 12).getTime()
const DAY = 24 * 60 * 60_000

function message(name: string, atMs: number, changes: Partial<Message> = {}): Message {
  const id = `${name}-${atMs}`
  return {
    id,
    author: memberOf(name),
    name,
    text: id,
    atMs,
    mine: false,
    reactions: [],
    ...changes,
  }
}

function talkOf(...messages: Message[]): FakeTalk {
  const talk = new FakeTalk(() => undefined)
  talk.fill(messages)
  return talk
}

function rowsOf(talk: FakeTalk, more: Partial<RowSources> = {}): Rows {
  return new Rows({ talk, notices: [], unreadAfter: undefined, ...more })
}

/** Each row in a word: a message by its author, in capitals where a group starts. */
function shapeOf(rows: Rows): readonly string[] {
  return Array.from({ length: rows.length }, (_, index) => {
    const row = rows.at(index)
    if (row?.type !== 'message') return row?.type ?? 'nothing'
    const name = row.startsGroup ? row.message.name.toUpperCase() : row.message.name
    return `${row.startsDay ? 'day ' : ''}${name}${row.endsGroup ? '.' : ''}`
  })
}

const notice = (text: string, about = text) => ({ about, text, tone: 'plain' as const })

const placed = (text: string, sortMs: number): PlacedNotice => ({
  key: text,
  atMs: sortMs,
  sortMs,
  notice: notice(text),
})

describe('rows', () => {
  it('groups what one author says in one turn', () => {
    const rows = rowsOf(
      talkOf(
        message('alice', noon),
        message('alice', noon + 1000),
        message('bob', noon + 2000),
        message('alice', noon + 3000),
      ),
    )
    expect(shapeOf(rows)).toEqual(['opening', 'day ALICE', 'alice.', 'BOB.', 'ALICE.'])
  })

  it.each([
    ['a pause', message('alice', noon + GROUP_GAP_MS + 1)],
    ['a new name', message('alice', noon + 1, { name: 'alicia' })],
    ['another window of mine', message('alice', noon + 1, { mine: true })],
    ['an event', message('alice', noon + 1, { event: { type: 'keep', keep: 'day' } })],
  ])('starts a new group after %s', (_, next) => {
    const rows = rowsOf(talkOf(message('alice', noon), next))
    expect(shapeOf(rows)[1]).toBe('day ALICE.')
    expect(shapeOf(rows)[2]).toMatch(/^ALIC/)
  })

  it('writes each day above its first message, and breaks the group there', () => {
    const rows = rowsOf(talkOf(message('alice', noon), message('alice', noon + DAY)))
    expect(shapeOf(rows)).toEqual(['opening', 'day ALICE.', 'day ALICE.'])
  })

  it('begins with a message while there are earlier ones, and writes no day above it', () => {
    const talk = talkOf(message('alice', noon))
    talk.closed = [message('bob', noon - 1)]
    expect(shapeOf(rowsOf(talk))).toEqual(['ALICE.'])
  })

  it('puts notices where they happened, gaps where they are, and the line above the unread', () => {
    const talk = talkOf(
      message('alice', noon),
      message('alice', noon + 1000),
      message('me', noon + 2000, { mine: true }),
      message('bob', noon + 3000),
    )
    talk.gaps = [
      { count: 2, from: 'Ana', beforeId: `alice-${noon + 1000}` },
      { count: 1, from: '' },
    ]
    const rows = rowsOf(talk, {
      notices: [placed('bob is here', noon + 2500)],
      unreadAfter: { atMs: noon + 1000 },
    })
    const shape = [
      'opening',
      'day ALICE.',
      'gap',
      'ALICE.',
      'ME.',
      'notice',
      'unread',
      'BOB.',
      'gap',
    ]
    expect(shapeOf(rows)).toEqual(shape)
    expect(rows.unreadAt).toBe(6)
    expect(rows.indexOf(`bob-${noon + 3000}`)).toBe(7)
    expect(rows.indexOf(`alice-${noon}`)).toBe(1)
    expect(rows.indexOf('unknown')).toBe(-1)
    const keys = Array.from({ length: rows.length }, (_, index) => rows.key(index))
    expect(new Set(keys).size).toBe(rows.length)
    expect(keys).toEqual(keys.map((_, index) => rows.at(index)?.key))
  })

  it('ends a delivery where the next of mine got less far', () => {
    const delivered = { type: 'delivered', to: 1, of: 2, names: ['Ana'] } as const
    const talk = talkOf(
      message('me', noon, { mine: true, delivery: delivered }),
      message('me', noon + 1, { mine: true, delivery: delivered }),
      message('me', noon + 2, { mine: true, delivery: { type: 'waiting' } }),
    )
    const rows = rowsOf(talk)
    const ends = [1, 2, 3].map((index) => {
      const row = rows.at(index)
      return row?.type === 'message' && row.endsDelivery
    })
    expect(ends).toEqual([false, true, true])
  })

  it('counts messages of others after a mark, also of the same millisecond, and not for ever', () => {
    const talk = talkOf(
      message('alice', noon, { id: 'one' }),
      message('alice', noon, { id: 'two' }),
      message('me', noon + 1, { mine: true }),
      message('bob', noon + 2),
    )
    expect(countUnread(talk, { atMs: noon, id: 'one' }, 10)).toBe(2)
    expect(countUnread(talk, { atMs: noon }, 10)).toBe(1)
    expect(countUnread(talk, { atMs: 0 }, 2)).toBe(2)
  })
})

describe('the list of notices', () => {
  it('replaces the last about the same thing while nothing was said since', () => {
    const once = withNotice([], notice('bob dropped out', 'bob'), { nowMs: noon, lastMs: 0 })
    const twice = withNotice(once, notice('bob is back', 'bob'), { nowMs: noon + 1, lastMs: 0 })
    expect(twice.map(({ notice }) => notice.text)).toEqual(['bob is back'])
    const times = { nowMs: noon + 9, lastMs: noon + 5 }
    expect(withNotice(twice, notice('bob left', 'bob'), times)).toHaveLength(2)
  })

  it('places a notice after what was said, also by somebody whose clock is ahead', () => {
    const [first] = withNotice([], notice('bob left'), { nowMs: noon, lastMs: noon + DAY })
    expect(first).toMatchObject({ atMs: noon, sortMs: noon + DAY })
  })

  it('keeps the newest when there are too many', () => {
    let notices: readonly PlacedNotice[] = []
    for (let at = 0; at < 300; at += 1)
      notices = withNotice(notices, notice(`n${at}`), { nowMs: noon + at, lastMs: 0 })
    expect(notices).toHaveLength(200)
    expect(new Set(notices.map(({ key }) => key)).size).toBe(200)
  })
})
