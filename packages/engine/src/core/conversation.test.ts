import { encodeTalkFrame } from '@knothole/wire'
import type { Bytes, MemberId, PeerId, TalkFrame } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Conversation } from './conversation.ts'
import { Link } from './link.ts'
import { PeopleTable } from './people-table.ts'
import type { PersonRow } from './people-table.ts'

const id = new Uint8Array(16).fill(1)
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

describe('texts', () => {
  test('E40: ours names those it was handed to, ourselves elsewhere not among them', () => {
    const table = new Table()
    table.add('alice')
    table.add('bob', { isOpen: false })
    table.add('me too', { isMe: true })
    const message = table.conversation.say({ id, text: 'hi', name: 'Me' }, me, 1_234.5)
    expect(message).toEqual({
      id: 'AQEBAQEBAQEBAQEBAQEBAQ',
      author: me,
      name: 'Me',
      text: 'hi',
      atMs: 1_234,
      mine: true,
      sentTo: ['alice'],
    })
  })

  test('E40: theirs has the author of the link, whatever is in it', () => {
    const table = new Table()
    const row = table.add('alice')
    row.typingUntilMs = 5_000
    expect(table.hear(row, { type: 'text', id, atMs: 99, text: 'hi' })).toEqual({
      type: 'message',
      message: {
        id: 'AQEBAQEBAQEBAQEBAQEBAQ',
        author: 'member alice',
        name: 'alice',
        text: 'hi',
        atMs: 99,
        mine: false,
        sentTo: [],
      },
    })
    expect(row.typingUntilMs).toBe(undefined)
  })

  test('E40: what we say in another window is ours', () => {
    const table = new Table()
    const row = table.add('me too', { isMe: true })
    const heard = table.hear(row, { type: 'text', id, atMs: 1, text: 'hi' })
    expect(heard).toMatchObject({ message: { mine: true, author: me } })
  })
})

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
