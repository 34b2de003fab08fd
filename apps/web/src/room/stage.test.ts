import type { RoomState } from '@knothole/engine'
import { describe, expect, it } from 'vitest'
import { FakeRoom, fakeLink, fakePerson, linked, unlinked } from '../story/fake-room.testing.ts'
import { allStraight, roomTitle, truthLine, typingLine } from './people.ts'
import { stageOf, warningOf } from './stage.ts'

const stateWith = (changes: Partial<RoomState>): RoomState =>
  new FakeRoom(fakeLink('https://knothole.example'), changes).state

const bob = fakePerson('bob')
const cutBob = { ...bob, link: unlinked('unreachable') }
const carol = fakePerson('carol', { link: linked('turn', 80) })

describe('stage', () => {
  it('goes from joining to waiting to arriving to talk', () => {
    expect(stageOf(stateWith({ rendezvous: { state: 'connecting' } }), false).type).toBe('joining')
    expect(stageOf(stateWith({}), false).type).toBe('waiting')
    const arriving = stateWith({ people: [{ ...bob, link: unlinked('connecting') }] })
    expect(stageOf(arriving, false).type).toBe('arriving')
    expect(stageOf(stateWith({ people: [bob] }), false).type).toBe('talk')
  })

  it('stays with the conversation once there was one', () => {
    expect(stageOf(stateWith({ rendezvous: { state: 'refused' } }), true).type).toBe('talk')
    expect(stageOf(stateWith({ people: [cutBob] }), true).type).toBe('talk')
  })

  it('says why nobody can be reached', () => {
    expect(stageOf(stateWith({ rendezvous: { state: 'reconnecting' } }), false).type).toBe(
      'server-unreachable',
    )
    const refused = stateWith({ rendezvous: { state: 'refused', refusal: 'room-full' } })
    expect(stageOf(refused, false)).toEqual({ type: 'refused', reason: 'room-full' })
    expect(stageOf(stateWith({ people: [cutBob] }), false)).toEqual({
      type: 'unreachable',
      who: cutBob,
    })
  })
})

describe('warning', () => {
  it('is silent while all is well', () => {
    expect(warningOf(stateWith({ people: [bob] }))).toBeUndefined()
  })

  it('puts the most pressing thing first', () => {
    const away = { state: 'reconnecting' } as const
    const healing = { ...bob, link: unlinked('reconnecting') }
    expect(warningOf(stateWith({ people: [healing], rendezvous: away }))?.type).toBe('reconnecting')
    expect(warningOf(stateWith({ people: [bob, cutBob], rendezvous: away }))).toMatchObject({
      type: 'server-away',
      linked: true,
    })
    expect(warningOf(stateWith({ people: [carol, cutBob] }))?.type).toBe('unreachable')
    expect(warningOf(stateWith({ people: [bob, healing] }))).toBeUndefined()
    expect(warningOf(stateWith({}))?.type).toBe('alone')
  })
})

describe('people in words', () => {
  it('says the server is out of the path only when it is', () => {
    expect(truthLine([bob], false)).toContain('straight between you')
    expect(truthLine([bob, carol], false)).toContain('No straight path to carol')
    expect(truthLine([cutBob], false)).toContain('only introduces')
    const far = { ...carol, link: unlinked('through') }
    expect(truthLine([bob, far], false)).toContain('from member to member')
    expect(truthLine([], true)).toContain('through a relay, sealed')
    expect([allStraight([bob]), allStraight([bob, carol])]).toEqual([true, false])
  })

  it('calls another window of ours by what it is', () => {
    const window = fakePerson('me', { isMe: true })
    expect(roomTitle([window])).toBe('Just you')
    expect(roomTitle([bob, { ...bob, peer: carol.peer }])).toBe('bob')
    expect(typingLine([{ ...window, typing: true }])).toBe('your other window is typing')
    expect(typingLine([bob, carol].map((person) => ({ ...person, typing: true })))).toBe(
      'bob and carol are typing',
    )
  })
})
