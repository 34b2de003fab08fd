import type { PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { TestHost, alice, bob, carol, dave } from './detours.testing.ts'
import { MemberRelaySearch } from './member-relays.ts'

function open(): { host: TestHost; search: MemberRelaySearch; found: [PeerId, PeerId][] } {
  const host = new TestHost()
    .add(bob, { rttMs: 40 })
    .add(carol, { rttMs: 10 })
    .add(dave, { rttMs: 15 })
  const found: [PeerId, PeerId][] = []
  const search = new MemberRelaySearch(host, { onFound: (peer, via) => found.push([peer, via]) })
  return { host, search, found }
}

const offer = { channel: 5, load: 1, nowMs: 100 }

describe('looking for a member that relays', () => {
  test('E117: of those that offer the one with the shortest way there is taken', () => {
    const { search, found } = open()
    search.want(alice, 0)
    search.ready(carol, alice, { ...offer, rttMs: 90 })
    search.ready(dave, alice, { ...offer, rttMs: 70 })
    search.ready(bob, alice, { ...offer, rttMs: 50 })
    expect([found, search.deadlineMs()]).toEqual([[], 250])
    search.tick(250)
    expect(found).toEqual([[alice, dave]])
    expect(search.channelTo(alice, dave)).toBe(5)
  })

  test('E117: of equal ones the least loaded', () => {
    const { search, found } = open()
    search.want(alice, 0)
    search.ready(carol, alice, { ...offer, rttMs: 75, load: 3 })
    search.ready(dave, alice, { ...offer, rttMs: 70, load: 2 })
    search.tick(250)
    expect(found).toEqual([[alice, dave]])
  })

  test('E116: those are asked who are willing and near, with a path of their own, four at most', () => {
    const { host, search } = open()
    host.add(carol, { relays: false }).add(dave, { path: 'ws-relay' })
    search.want(alice, 0)
    expect(host.told).toEqual([[bob, { type: 'relay-ask', peer: alice }]])
    const crowd = open()
    for (let i = 0; i < 9; i++)
      crowd.host.add(`p${i}`.padEnd(22, 'A') as PeerId, { rttMs: 100 - i })
    crowd.host.add(alice)
    crowd.search.want(alice, 0)
    expect(crowd.host.told.map(([peer]) => peer)).toEqual([carol, dave, bob, 'p8'.padEnd(22, 'A')])
  })

  test('E116: asks again every 20 s while it is wanted, and says when it is not', () => {
    const { host, search } = open()
    search.want(alice, 0)
    search.want(alice, 19_999)
    expect(host.told.length).toBe(3)
    search.want(alice, 20_000)
    expect(host.told.length).toBe(6)
    host.told.splice(0)
    search.done(alice, 21_000)
    expect(host.told.map(([peer, { type }]) => [peer, type])).toEqual([
      [carol, 'relay-end'],
      [dave, 'relay-end'],
      [bob, 'relay-end'],
    ])
    search.done(alice, 22_000)
    expect(host.told.length).toBe(3)
  })

  test('E116: an offer that nobody asked for is nothing', () => {
    const { search, found } = open()
    search.ready(carol, alice, { ...offer, rttMs: 1 })
    search.want(alice, 0)
    search.ready('someone' as PeerId, alice, { ...offer, rttMs: 1 })
    search.tick(1_000)
    expect([found, search.deadlineMs()]).toEqual([[], undefined])
    expect(search.peerOf(carol, 5)).toBe(undefined)
  })

  test('E116: numbers are each member’s own', () => {
    const { search } = open()
    search.want(alice, 0)
    search.want(bob, 0)
    search.ready(carol, alice, { ...offer, channel: 1, rttMs: 1 })
    search.ready(dave, bob, { ...offer, channel: 1, rttMs: 1 })
    expect([search.peerOf(carol, 1), search.peerOf(dave, 1)]).toEqual([alice, bob])
    search.ended(carol, alice)
    expect(search.peerOf(carol, 1)).toBe(undefined)
  })
})
