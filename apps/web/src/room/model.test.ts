import { describe, expect, it } from 'vitest'
import {
  FakeEngineError,
  FakeRoom,
  fakeLink,
  fakePerson,
  unlinked,
} from '../story/fake-room.testing.ts'
import { createRoomModel } from './model.ts'
import type { RoomModel } from './model.ts'

const bob = fakePerson('bob')
const open = (): { room: FakeRoom; model: RoomModel } => {
  const room = new FakeRoom(fakeLink('https://knothole.example'))
  return { room, model: createRoomModel(room) }
}

const linesOf = (model: RoomModel): readonly string[] =>
  model.items.value.map((item) => (item.type === 'message' ? item.message.text : item.notice.text))

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

  it('counts what others say while nobody watches', () => {
    const { room, model } = open()
    room.hear('bob', 'seen')
    model.watching.value = false
    const again = room.hear('bob', 'missed')
    room.hear('bob', 'missed, known better', { id: again.id })
    model.say('mine')
    expect(model.unread.value).toBe(1)
    model.watching.value = true
    expect(model.unread.value).toBe(0)
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
    model.close()
    room.hear('bob', 'too late')
    expect([room.closed, linesOf(model)]).toEqual([true, []])
  })
})
