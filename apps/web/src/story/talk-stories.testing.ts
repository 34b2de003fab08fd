// The states a conversation can be in, for the story book: what was done to messages, how far they got,
// what is missing, what is wrong, how long all is kept and how well.
import type { Delivery, Message, TalkProblem, TalkStorage } from '../engine.ts'
import { fakePerson, linked, memberOf, unlinked } from './fake-room.testing.ts'
import type { FakeRoom } from './fake-room.testing.ts'

const MINUTE = 60_000

const ana = fakePerson('Ana')
const bo = fakePerson('Bo', { device: 'phone', link: linked('lan', 2) })

function mine(room: FakeRoom, text: string, changes: Partial<Message> = {}): Message {
  const { me } = room.state
  return room.hear(me.name, text, { author: me.member, mine: true, ...changes })
}

const delivered = (to: number, of: number, names: readonly string[]): Delivery => ({
  type: 'delivered',
  to,
  of,
  names,
})

/** A conversation in which everything was done that can be. */
function rich(room: FakeRoom): void {
  const from = Date.now() - 40 * MINUTE
  const at = (minutes: number): { atMs: number } => ({ atMs: from + minutes * MINUTE })
  room.setPerson(ana)
  room.setPerson(bo)
  const { member } = room.state.me
  const question = room.hear('Ana', 'Who brings what on Thursday?', at(0))
  const list = mine(room, 'My list so far:\n\n- bread\n- **two** kinds of cheese\n- *no* wine', {
    ...at(2),
    replyTo: question.id,
    delivery: delivered(2, 2, ['Ana', 'Bo']),
  })
  room.hear('Bo', 'Then I bring wine 🍷', { ...at(3), replyTo: list.id, edited: true })
  room.hear('Bo', '', { ...at(4), deleted: true })
  const recipe = room.hear(
    'Ana',
    'For the oven, as the book says:\n\n> Never open it before the half hour is over.\n\n```\n220 °C   10 min\n180 °C   25 min\n```\nSet `fan` to off: https://oven.example/fan',
    at(6),
  )
  room.change(recipe.id, {
    reactions: [
      { emoji: '👍', authors: [member, memberOf('Bo')] },
      { emoji: '😋', authors: [memberOf('Bo')] },
    ],
  })
  room.hear('Bo', '🎉', at(7))
  mine(room, 'Perfect. See you there!', {
    ...at(9),
    delivery: { type: 'read', by: ['Ana'], of: 2 },
  })
}

/** Our messages, each got as far as can be told. */
function deliveries(room: FakeRoom): void {
  room.setPerson(ana)
  room.setPerson({ ...bo, link: unlinked('reconnecting') })
  const said: readonly [string, Delivery][] = [
    ['Read by all of you', { type: 'read', by: ['Ana', 'Bo', 'Carol'], of: 3 }],
    ['Read by one', { type: 'read', by: ['Ana'], of: 3 }],
    ['With everyone', delivered(3, 3, ['Ana', 'Bo', 'Carol'])],
    ['With most', delivered(2, 3, ['Ana', 'Bo'])],
    ['On its way', { type: 'carried', by: ['Ana'], of: 3 }],
    ['Nobody has it', { type: 'waiting' }],
  ]
  const from = Date.now() - said.length * 10 * MINUTE
  for (const [index, [text, delivery]] of said.entries()) {
    const message = mine(room, text, { atMs: from + index * 10 * MINUTE, delivery })
    room.deliveries.set(message.id, [
      {
        member: memberOf('Ana'),
        name: 'Ana',
        state: delivery.type === 'read' ? 'read' : 'delivered',
      },
      { member: memberOf('Bo'), name: 'Bo', state: 'delivered' },
      { member: memberOf('Carol'), name: 'Carol', state: 'waiting' },
    ])
  }
}

function alone(room: FakeRoom): void {
  const from = Date.now() - 3 * MINUTE
  const waits = { type: 'waiting' } as const
  mine(room, 'I am early, I know.', { atMs: from, delivery: waits })
  mine(room, 'Here is what I wanted to tell you: the fence gets a gate.', {
    atMs: from + MINUTE,
    delivery: waits,
  })
}

function gaps(room: FakeRoom): void {
  room.setPerson(ana)
  room.hear('Ana', 'First, the good news.')
  const after = room.hear('Ana', 'And that was the bad news.')
  room.talk.gaps = [
    { count: 2, from: 'Ana', beforeId: after.id },
    { count: 1, from: '' },
  ]
  room.tell()
}

function problems(room: FakeRoom): void {
  room.setPerson(ana)
  const kinds: readonly TalkProblem[] = ['from-future', 'newer-kind', 'damaged', 'forked']
  for (const problem of kinds)
    room.hear('Ana', problem === 'from-future' ? 'Hello from tomorrow' : '', { problem })
}

function events(room: FakeRoom): void {
  room.setPerson(ana)
  room.hear('Ana', 'Shall we keep this for good?')
  room.setKeep('forever')
  room.hear('Ana Maria', '', { author: ana.member, event: { type: 'named', name: 'Ana Maria' } })
  room.hear('Ana Maria', '', { author: ana.member, event: { type: 'keep', keep: 'day' } })
}

/** What one missed is below a line. */
export function unread(room: FakeRoom): void {
  room.setPerson(ana)
  room.hear('Ana', 'You have seen this.', { atMs: 1_790_000_000_000, id: 'read' })
  room.hear('Ana', 'And then you were gone.', { atMs: 1_790_000_060_000 })
  room.hear('Ana', 'I waited a while.', { atMs: 1_790_000_120_000 })
}

const kept = (storage: TalkStorage) => (room: FakeRoom) => {
  room.setPerson(ana)
  room.hear('Ana', 'Did you keep what I told you last week?')
  room.talk.storage = storage
  room.tell()
}

/** By name, what happens in a room. */
export const talks: Readonly<Record<string, (room: FakeRoom) => void>> = {
  rich,
  deliveries,
  'alone-waiting': alone,
  gaps,
  problems,
  events,
  'storage-full': kept('full'),
  'storage-blocked': kept('blocked'),
  'storage-newer': kept('newer'),
  'storage-damaged': kept('damaged'),
}
