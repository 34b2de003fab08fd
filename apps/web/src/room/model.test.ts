import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  FakeEngineError,
  FakeRoom,
  fakeLink,
  fakePerson,
  unlinked,
} from '../story/fake-room.testing.ts'
import { createRoomModel } from './model.ts'
import type { RoomModel } from './model.ts'
import { noticePart } from './later-notices.ts'
import { ARRIVING_MS } from './passing.ts'

const bob = fakePerson('bob')
const open = (): { room: FakeRoom; model: RoomModel } => {
  const room = new FakeRoom(fakeLink('https://knothole.example'))
  return { room, model: createRoomModel(room) }
}

beforeAll(async () => void (await noticePart.load()))
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The list is drawn a little later than what it shows happens. */
const DRAWN_MS = 10

/** What the rows say, without what stands at the top. */
const linesOf = (model: RoomModel): readonly string[] => {
  vi.advanceTimersByTime(DRAWN_MS)
  const rows = model.rows.value
  return Array.from({ length: rows.length }, (_, index) => rows.at(index)).flatMap((row) => {
    if (row?.type === 'message') return [row.message.text]
    if (row?.type === 'notice') return [row.notice.text]
    return row?.type === 'unread' ? ['---'] : []
  })
}

describe('room model', () => {
  it('notes who comes, drops out, comes back and leaves', () => {
    const { room, model } = open()
    room.setPerson({ ...bob, link: unlinked('connecting') })
    expect(linesOf(model)).toEqual([])
    room.setPerson(bob)
    room.hear('bob', 'hello')
    room.setPerson({ ...bob, link: unlinked('reconnecting') })
    expect(linesOf(model)).toEqual(['bob is here', 'hello', 'bob dropped out, reconnecting'])
    room.setPerson(bob)
    room.setPerson({ ...bob, name: 'Bobby' })
    room.set({ people: [] })
    expect(linesOf(model).slice(2)).toEqual(['bob is back', 'bob is now Bobby', 'Bobby left'])
  })

  it('says in one line who was here when we came, and of each who comes later', () => {
    const { room, model } = open()
    room.setPerson(bob)
    expect(linesOf(model)).toEqual(['bob is here'])
    room.hear('bob', 'hello')
    for (const name of ['carol', 'dave', 'erin']) room.setPerson(fakePerson(name))
    expect(linesOf(model)).toEqual(['bob, carol and 2 others are here', 'hello'])
    vi.advanceTimersByTime(ARRIVING_MS)
    room.setPerson(fakePerson('frank'))
    room.setPerson({ ...bob, link: unlinked('reconnecting') })
    expect(linesOf(model).slice(1)).toEqual([
      'hello',
      'frank is here',
      'bob dropped out, reconnecting',
    ])
  })

  it('says of each who comes to a room we opened alone, once we are in', () => {
    const { room, model } = open()
    room.set({ rendezvous: { state: 'connecting' } })
    vi.advanceTimersByTime(2 * ARRIVING_MS)
    room.set({ rendezvous: { state: 'online' } })
    vi.advanceTimersByTime(ARRIVING_MS)
    room.setPerson(bob)
    room.setPerson(fakePerson('carol'))
    expect(linesOf(model)).toEqual(['bob is here', 'carol is here'])
  })

  it('notes nothing of a person who never got in', () => {
    const { room, model } = open()
    room.setPerson({ ...bob, link: unlinked('connecting') })
    room.set({ people: [] })
    expect(linesOf(model)).toEqual([])
  })

  it('keeps explaining a missing path until somebody has been linked', () => {
    const { room, model } = open()
    room.setPerson({ ...bob, link: unlinked('unreachable') })
    expect(model.stage.value.type).toBe('unreachable')
    room.setPerson(bob)
    room.set({ people: [] })
    expect(model.stage.value.type).toBe('talk')
  })

  it('counts what others say while nobody watches, and draws a line above it', () => {
    const { room, model } = open()
    room.hear('bob', 'seen')
    model.watching.value = false
    const again = room.hear('bob', 'missed')
    room.change(again.id, { text: 'missed, known better' })
    room.hear('bob', 'missed too')
    expect(model.unread.value).toBe(2)
    model.watching.value = true
    expect(model.unread.value).toBe(0)
    const lines = ['seen', '---', 'missed, known better', 'missed too']
    expect(linesOf(model)).toEqual(lines)
    model.say('mine')
    expect(linesOf(model)).not.toContain('---')
  })

  it('begins with a line above what came since the last visit, and tells how far one read', () => {
    const room = new FakeRoom(fakeLink('https://knothole.example'))
    const read: string[] = []
    const old = room.hear('bob', 'old', { atMs: 1000 })
    const model = createRoomModel(room, {
      read: { atMs: old.atMs, id: old.id },
      onRead: ({ text }) => read.push(text),
    })
    expect(linesOf(model)).toEqual(['old'])
    room.hear('bob', 'new', { atMs: 1000 })
    expect(linesOf(model)).toEqual(['old', '---', 'new'])
    expect(read).toEqual(['new'])
    model.watching.value = false
    room.hear('bob', 'unseen')
    expect(read).toEqual(['new'])
  })

  it('hears what others say while one watches, once, and neither changes nor history', () => {
    const { room, model } = open()
    const heard: (string | undefined)[] = []
    model.heard.subscribe((message) => heard.push(message?.text))
    const first = room.hear('bob', 'first', { atMs: 5000 })
    room.hear('bob', 'from long ago', { atMs: 1000 })
    room.change(first.id, { reactions: [{ emoji: '👍', authors: [] }] })
    expect(heard).toEqual([undefined, 'first'])
  })

  it('makes of a text what it is about: an answer, or other words', () => {
    const { room, model } = open()
    const question = room.hear('bob', 'when?')
    model.subject.value = { type: 'reply', to: question }
    model.say('at eight')
    expect(room.talk.at(1)).toMatchObject({ text: 'at eight', replyTo: question.id })
    expect(model.subject.value.type).toBe('message')
    const mine = room.talk.at(1)
    if (mine) model.subject.value = { type: 'edit', message: mine }
    model.say('at nine')
    expect(room.talk.at(1)).toMatchObject({ text: 'at nine', edited: true })
    expect(room.talk.length).toBe(2)
  })

  it('passes on why a text cannot be sent, and nothing that is a bug', () => {
    const { room, model } = open()
    room.say = () => {
      throw new FakeEngineError('text-too-long')
    }
    expect(model.say('x')).toBe('text-too-long')
    room.say = () => {
      throw new TypeError('a bug')
    }
    expect(() => model.say('x')).toThrow('a bug')
  })

  it('closes the room and hears nothing afterwards', () => {
    const { room, model } = open()
    expect(linesOf(model)).toEqual([])
    model.close()
    room.hear('bob', 'too late')
    expect([room.closed, linesOf(model)]).toEqual([true, []])
  })
})
