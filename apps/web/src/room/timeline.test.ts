import type { Message } from '@knothole/engine'
import { describe, expect, it } from 'vitest'
import { memberOf } from '../story/fake-room.testing.ts'
import { GROUP_GAP_MS, blocksOf, withMessage, withNotice } from './timeline.ts'
import type { Item } from './timeline.ts'

const noon = new Date(2026, 10, 22, 12).getTime()

function message(name: string, atMs: number, changes: Partial<Message> = {}): Message {
  const id = `${name}-${atMs}`
  return { id, author: memberOf(name), name, text: id, atMs, mine: false, sentTo: [], ...changes }
}

const about = (about: string, text: string) => ({ about, text, tone: 'plain' as const })

const itemsOf = (...messages: Message[]): readonly Item[] =>
  messages.reduce<readonly Item[]>(withMessage, [])

const shapeOf = (items: readonly Item[]): readonly string[] =>
  blocksOf(items).map((block) =>
    block.type === 'group' ? `${block.messages[0].name} ${block.messages.length}` : block.type,
  )

describe('timeline', () => {
  it('groups what one author says in one turn', () => {
    const items = itemsOf(
      message('alice', noon),
      message('alice', noon + 1000),
      message('bob', noon + 2000),
      message('alice', noon + 3000),
    )
    expect(shapeOf(items)).toEqual(['day', 'alice 2', 'bob 1', 'alice 1'])
  })

  it('starts a new group after a pause, a new name or from another window of mine', () => {
    const later = noon + GROUP_GAP_MS + 1
    expect(shapeOf(itemsOf(message('alice', noon), message('alice', later)))).toEqual([
      'day',
      'alice 1',
      'alice 1',
    ])
    const renamed = { ...message('alice', noon + 1), name: 'Alice' }
    expect(shapeOf(itemsOf(message('alice', noon), renamed))).toEqual(['day', 'alice 1', 'Alice 1'])
    const mine = message('alice', noon + 1, { mine: true })
    expect(shapeOf(itemsOf(message('alice', noon), mine))).toEqual(['day', 'alice 1', 'alice 1'])
  })

  it('draws a line where a day begins, and only there', () => {
    const tomorrow = noon + 24 * 3_600_000
    const items = itemsOf(
      message('alice', noon),
      message('bob', noon + 1),
      message('bob', tomorrow),
    )
    expect(shapeOf(items)).toEqual(['day', 'alice 1', 'bob 1', 'day', 'bob 1'])
  })

  it('puts a newer version of a message in its place', () => {
    const first = message('alice', noon, { mine: true })
    const items = itemsOf(first, message('bob', noon + 1), { ...first, sentTo: ['bob'] })
    expect(items).toHaveLength(2)
    expect(items[0]).toMatchObject({ message: { sentTo: ['bob'] } })
  })

  it('replaces a notice only by one about the same thing right after it', () => {
    let items = withNotice([], about('bob', 'dropped out'), noon)
    items = withNotice(items, about('bob', 'is back'), noon)
    items = withNotice(items, about('carol', 'is here'), noon)
    items = withNotice(items, about('bob', 'left'), noon)
    expect(items.map((item) => item.type === 'notice' && item.notice.text)).toEqual([
      'is back',
      'is here',
      'left',
    ])
  })

  it('gives every block a key of its own', () => {
    const days = Array.from({ length: 4 }, (_, day) =>
      message('bob', noon + (day % 2) * 86_400_000),
    )
    const items = days.map((message, index): Item => ({
      type: 'message',
      message: { ...message, id: `m${index}` },
    }))
    const keys = blocksOf(items).map((block) => block.key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
