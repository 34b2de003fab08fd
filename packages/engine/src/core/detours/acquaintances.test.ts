import { encodeBetweenFrame } from '@knothole/wire'
import type { PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Acquaintances } from './acquaintances.ts'
import { TestHost, alice, betweens, bob, carol, dave, me } from './detours.testing.ts'

const card = new Uint8Array([1, 2, 3])

function open(): { host: TestHost; acquaintances: Acquaintances } {
  const host = new TestHost().add(alice).add(bob)
  return { host, acquaintances: new Acquaintances(host) }
}

/** Somebody whose link is down, and whom the rendezvous may have. */
function addLost(host: TestHost, peer: PeerId, present: boolean): void {
  host.add(peer)
  host.members = host.members.map((member) =>
    member.peer === peer
      ? { ...member, present, link: { ...member.link, state: 'reconnecting' } }
      : member,
  )
}

describe('whom we are linked with', () => {
  test('E420: is told to everyone linked, all of it, once it was quiet for 100 ms', () => {
    const { host, acquaintances } = open()
    acquaintances.changed(0)
    host.add(carol)
    acquaintances.changed(60)
    expect(acquaintances.deadlineMs()).toBe(100)
    acquaintances.tick(99)
    expect(host.told).toEqual([])
    acquaintances.tick(100)
    expect(betweens(host)).toEqual([
      [alice, { type: 'links', peers: [bob, carol] }],
      [bob, { type: 'links', peers: [alice, carol] }],
      [carol, { type: 'links', peers: [alice, bob] }],
    ])
  })

  test('E420: is told again only when it is another, and then as it is', () => {
    const { host, acquaintances } = open()
    acquaintances.changed(0)
    acquaintances.tick(100)
    host.told.splice(0)
    acquaintances.changed(200)
    expect(acquaintances.deadlineMs()).toBeUndefined()
    addLost(host, bob, true)
    acquaintances.changed(300)
    acquaintances.tick(400)
    expect(betweens(host)).toEqual([[alice, { type: 'links', peers: [] }]])
  })

  test('E420: who has only one link has nothing to tell', () => {
    const host = new TestHost().add(alice)
    const acquaintances = new Acquaintances(host)
    acquaintances.changed(0)
    expect(acquaintances.deadlineMs()).toBeUndefined()
  })
})

describe('somebody of whom a member tells', () => {
  test('E424: is introduced by the card that is asked for, once in three seconds', () => {
    const { host, acquaintances } = open()
    acquaintances.handle(alice, { type: 'links', peers: [me, carol] }, 0)
    acquaintances.handle(alice, { type: 'links', peers: [me, carol] }, 2_999)
    expect(betweens(host)).toEqual([[alice, { type: 'want-card', peer: carol }]])
    acquaintances.handle(alice, { type: 'card', peer: carol, card }, 3_000)
    expect(host.between.introduced).toEqual([[carol, card]])
  })

  test('E424: not by a card nobody asked for, unless it is the own', () => {
    const { host, acquaintances } = open()
    acquaintances.handle(alice, { type: 'card', peer: carol, card }, 0)
    expect(host.between.introduced).toEqual([])
    acquaintances.handle(alice, { type: 'card', peer: alice, card }, 0)
    expect(host.between.introduced).toEqual([[alice, card]])
  })

  test('E424: not who said goodbye, and not whom we do not want to meet', () => {
    const { host, acquaintances } = open()
    acquaintances.gone(carol, true)
    host.between.strangers.add(dave)
    acquaintances.handle(alice, { type: 'links', peers: [carol, dave] }, 0)
    expect(betweens(host)).toEqual([])
    expect(host.between.vouched).toEqual([dave])
  })

  test('E424: a card is given to whoever asks for one we have', () => {
    const { host, acquaintances } = open()
    host.between.cards.set(bob, card)
    acquaintances.handle(alice, { type: 'want-card', peer: bob }, 0)
    acquaintances.handle(alice, { type: 'want-card', peer: dave }, 0)
    expect(betweens(host)).toEqual([[alice, { type: 'card', peer: bob, card }]])
  })

  test('E425: stays in the room, as long as a member with a working link says so', () => {
    const { host, acquaintances } = open()
    addLost(host, carol, false)
    acquaintances.handle(alice, { type: 'links', peers: [carol] }, 0)
    expect(host.between.vouched).toEqual([carol])
    addLost(host, alice, true)
    acquaintances.changed(1)
    expect(host.between.vouched).toEqual([])
  })

  test('E425: is called at once, once, where the rendezvous cannot', () => {
    const { host, acquaintances } = open()
    addLost(host, carol, true)
    acquaintances.handle(alice, { type: 'links', peers: [carol] }, 0)
    expect(host.between.reached).toEqual([])
    host.isOnline = false
    acquaintances.changed(1)
    acquaintances.changed(2)
    expect(host.between.reached).toEqual([carol])
    // The way there is lost and found again.
    acquaintances.handle(alice, { type: 'links', peers: [] }, 3)
    acquaintances.handle(alice, { type: 'links', peers: [carol] }, 4)
    expect(host.between.reached).toEqual([carol, carol])
  })

  test('E425: nor can it do so for somebody it does not have', () => {
    const { host, acquaintances } = open()
    addLost(host, carol, false)
    acquaintances.handle(alice, { type: 'links', peers: [carol] }, 0)
    expect(host.between.reached).toEqual([carol])
  })

  test('E424: our own new card goes to everyone linked, when the rendezvous cannot bring it', () => {
    const { host, acquaintances } = open()
    acquaintances.ownCard(card, 0)
    expect(host.told).toEqual([])
    host.isOnline = false
    acquaintances.ownCard(card, 0)
    const data = encodeBetweenFrame({ type: 'card', peer: me, card })
    expect(host.told).toEqual([
      [alice, { type: 'between', data }],
      [bob, { type: 'between', data }],
    ])
  })
})
