import type { PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { TestHost, alice, bob, carol } from './detours.testing.ts'
import { Switchboard } from './switchboard.ts'

const body = new Uint8Array([1, 2, 3])

function open(): { host: TestHost; board: Switchboard } {
  const host = new TestHost().add(alice, { rttMs: 10 }).add(bob, { rttMs: 30.4 }).add(carol)
  return { host, board: new Switchboard(host) }
}

function serving(): { host: TestHost; board: Switchboard } {
  const opened = open()
  opened.board.ask(alice, bob, 0)
  opened.board.ask(bob, alice, 100)
  opened.host.told.splice(0)
  return opened
}

describe('passing on', () => {
  test('E116: begins when both have asked, and tells both how far the other is', () => {
    const { host, board } = open()
    board.ask(alice, bob, 0)
    expect(host.told).toEqual([])
    board.ask(bob, alice, 30_000)
    const ready = { type: 'relay-ready', channel: 1, load: 1 }
    expect(host.told).toEqual([
      [bob, { ...ready, peer: alice, rttMs: 10 }],
      [alice, { ...ready, peer: bob, rttMs: 30 }],
    ])
  })

  test('E116: an ask is forgotten after 30 s', () => {
    const { host, board } = open()
    board.ask(alice, bob, 0)
    board.ask(bob, alice, 30_001)
    expect(host.told).toEqual([])
    board.ask(alice, bob, 31_000)
    expect(host.told.length).toBe(2)
  })

  test('E116: goes both ways, only from the two, only by their number', () => {
    const { host, board } = serving()
    board.pass(alice, { channel: 1, body }, 200)
    board.pass(bob, { channel: 1, body }, 200)
    board.pass(carol, { channel: 1, body }, 200)
    board.pass(alice, { channel: 2, body }, 200)
    expect(host.passed).toEqual([
      [bob, 3, body],
      [alice, 3, body],
    ])
  })

  test('E116: takes 256 KiB at once and a second, and says how long to wait', () => {
    const { host, board } = serving()
    const large = new Uint8Array(16 * 1024)
    for (let i = 0; i < 17; i++) board.pass(alice, { channel: 1, body: large }, 1_000)
    expect(host.passed.length).toBe(16)
    expect(host.told).toEqual([[alice, { type: 'relay-full', peer: bob, waitMs: 63 }]])
    board.pass(alice, { channel: 1, body: large }, 1_063)
    expect(host.passed.length).toBe(17)
  })

  test('E116: says so when the way on is blocked, but not for every packet', () => {
    const { host, board } = serving()
    host.takes = false
    for (let i = 0; i < 100; i++) board.pass(alice, { channel: 1, body }, 1_000 + i)
    expect(host.told).toEqual([[alice, { type: 'relay-full', peer: bob, waitMs: 250 }]])
    board.pass(alice, { channel: 1, body }, 1_100)
    expect(host.told.length).toBe(2)
  })

  test('E116: ends after 5 minutes without a packet, and tells both', () => {
    const { host, board } = serving()
    board.pass(alice, { channel: 1, body }, 1_000)
    expect(board.deadlineMs()).toBe(301_000)
    board.tick(300_999)
    expect(host.told).toEqual([])
    board.tick(301_000)
    expect(host.told).toEqual([
      [bob, { type: 'relay-end', peer: alice }],
      [alice, { type: 'relay-end', peer: bob }],
    ])
    expect(board.deadlineMs()).toBe(undefined)
  })

  test.each<[string, (board: Switchboard) => void]>([
    ['one of them says so', (board) => board.end(bob, alice)],
    ['one of them is gone', (board) => board.gone(alice)],
  ])('E116: ends when %s', (_what, ending) => {
    const { host, board } = serving()
    ending(board)
    board.pass(alice, { channel: 1, body }, 2_000)
    expect(host.passed).toEqual([])
  })

  test('E116: only over links with a path of their own, and only if we want to', () => {
    for (const path of ['member-relay', 'turn', 'ws-relay'] as const) {
      const { host, board } = open()
      host.add(bob, { path })
      board.ask(alice, bob, 0)
      expect(host.told).toEqual([[alice, { type: 'relay-end', peer: bob }]])
    }
    const { host, board } = open()
    host.card = { ...host.card, relays: false }
    board.ask(alice, bob, 0)
    board.ask(alice, alice, 0)
    board.ask(alice, 'unknown' as PeerId, 0)
    expect(host.told.map(([, { type }]) => type)).toEqual(['relay-end', 'relay-end', 'relay-end'])
  })

  test('E116: for 16 pairs', () => {
    const { host, board } = open()
    const peers = Array.from({ length: 20 }, (_, at) => `p${at}`.padEnd(22, 'A') as PeerId)
    for (const peer of peers) host.add(peer)
    for (const peer of peers) {
      board.ask(peer, alice, 0)
      board.ask(alice, peer, 0)
    }
    const types = host.told.map(([, { type }]) => type)
    expect(types.filter((type) => type === 'relay-ready').length).toBe(32)
    expect(types.filter((type) => type === 'relay-end').length).toBe(8)
  })
})
