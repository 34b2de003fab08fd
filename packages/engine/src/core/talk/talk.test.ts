import { describe, expect, test } from 'vitest'
import { TalkWorld } from './talk.testing.ts'

describe('saying', () => {
  test('E397: what is said stands there at once, with its id, and then goes to everyone', () => {
    const world = new TalkWorld()
    const [alice, bob] = [world.page('alice'), world.page('bob')]
    const id = alice.say('hello')
    expect(alice.shown()).toEqual(['hello'])
    expect(alice.message(id)).toMatchObject({ mine: true, delivery: { type: 'waiting' } })
    world.link(alice, bob)
    world.pass(5_000)
    expect(bob.shown()).toEqual(['hello'])
    expect(bob.message(id)).toMatchObject({ id, author: alice.member, name: 'alice', mine: false })
    expect(alice.message(id)?.delivery).toEqual({
      type: 'delivered',
      to: 1,
      of: 1,
      names: ['bob'],
    })
    expect(bob.spoke).toEqual([alice.member])
  })
})
