import { encodeTalkFrame } from '@knothole/wire'
import type { Bytes, MemberId, PeerId, TalkFrame } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Conversation } from './conversation.ts'
import { Link } from '../link/link.ts'
import { PeopleTable } from './people-table.ts'
import type { PersonRow } from './people-table.ts'

const me = 'me' as MemberId

class Table {
  readonly people = new PeopleTable()
  readonly conversation = new Conversation(this.people)

  /** Somebody with an open link. */
  add(name: string, { isMe = false, isOpen = true } = {}): PersonRow {
    let count = 0
    const next = (): number => ++count
    const options = { polite: false, newConnection: next, nextSequence: next, random: () => 0 }
    const link = new Link(options, 0)
    if (isOpen) {
      link.start(0)
      link.handleRtc(1, { type: 'open' }, 0)
    }
    const member = isMe ? me : (`member ${name}` as MemberId)
    const row = this.people.add({ peer: name as PeerId, member, isMe }, link)
    row.name = name
    return row
  }

  hear(row: PersonRow, frame: TalkFrame, nowMs = 0): ReturnType<Conversation['hear']> {
    return this.conversation.hear(row, encodeTalkFrame(frame), nowMs)
  }
}

describe('notices', () => {
  test('E41: typing lasts 6 s, or until it stops', () => {
    const table = new Table()
    const row = table.add('alice')
    table.hear(row, { type: 'typing', active: true }, 1_000)
    expect(row.typingUntilMs).toBe(7_000)
    table.hear(row, { type: 'typing', active: false }, 2_000)
    expect(row.typingUntilMs).toBe(undefined)
  })

  test('E41: a name is taken', () => {
    const table = new Table()
    const row = table.add('alice')
    expect(table.hear(row, { type: 'name', name: 'Alison' })).toEqual({ type: 'changed' })
    expect(row.name).toBe('Alison')
  })

  test('E28: a bye is a bye', () => {
    const table = new Table()
    expect(table.hear(table.add('alice'), { type: 'bye' })).toEqual({ type: 'left' })
  })
})

test('E40: frames of the log are handed on unread, with who sent them', () => {
  const table = new Table()
  const data = new Uint8Array([1, 2, 3])
  const heard = table.hear(table.add('alice'), { type: 'log', data })
  expect(heard).toEqual({ type: 'log', peer: 'alice', data })
})

describe('nonsense', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['noise', new Uint8Array([0xff, 0xff, 0xff])],
    ['more than a frame', new Uint8Array(65_537)],
  ])('E42: %s is a fault', (_, bytes: Bytes) => {
    const table = new Table()
    const fault = { type: 'fault', code: 'frame-malformed' }
    expect(table.conversation.hear(table.add('alice'), bytes, 0)).toEqual(fault)
  })
})
