import { encodeEntryHeader, encodeLogFrame } from '@knothole/wire'
import type { Bytes, Chunk } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../log/index.ts'
import { CONTROL_RATE, MAX_CHECKS_PER_PEER, MAX_FAULTS, PENALTY_MS } from './limits.ts'
import { three } from './replica.testing.ts'
import type { Hand } from './replica.testing.ts'

/** A chunk of alice's feed, as she would send it. */
function chunkOf(alice: Hand): Chunk {
  const chunk = alice.replica.log.read(alice.feed, 0)
  if (chunk === undefined) throw new Error('she wrote nothing')
  return chunk
}

/** The first entry of a feed of somebody else, well-formed and with any signature. */
function strange(hand: Hand, at: number): Bytes {
  const name = { author: new Uint8Array(32).fill(at), nonce: new Uint8Array(8) }
  const body = new Uint8Array([at])
  const header = encodeEntryHeader({
    feed: hand.replica.log.feedId(name),
    sequence: 1,
    previous: undefined,
    after: [],
    atMs: 1_000 + at,
    tick: 0,
    bodyHash: sha256(body),
    bodyBytes: 1,
  })
  const entries = [{ header, body }]
  const chunk: Chunk = { name, from: 1, entries, proof: new Uint8Array(64) }
  return encodeLogFrame({ type: 'chunk', chunk })
}

describe('a peer that sends too much', () => {
  it('E336 is not listened to for a while after eight faults', () => {
    const { table, alice, bob, carol } = three()
    alice.say('hello')
    table.link(bob, carol)
    const chunk = chunkOf(alice)
    for (let at = 0; at < 100; at++)
      carol.give({ type: 'frame', peer: bob.peer, data: strange(carol, at) })
    expect(carol.of('fault')).toHaveLength(MAX_FAULTS)
    carol.give({ type: 'frame', peer: bob.peer, data: encodeLogFrame({ type: 'chunk', chunk }) })
    expect(carol.has(alice.feed)).toBe(0)
    table.pass(PENALTY_MS)
    carol.give({ type: 'frame', peer: bob.peer, data: encodeLogFrame({ type: 'chunk', chunk }) })
    expect(carol.has(alice.feed)).toBe(1)
  })

  it('E338 has few signatures checked at once, and others have their turn', () => {
    const { table, alice, bob, carol } = three()
    alice.say('hello')
    table.link(bob, carol)
    table.link(alice, bob)
    const { replica } = carol
    const chunk = chunkOf(alice)
    // Answers to signatures are held back.
    const verifies: string[] = []
    const handle = (peer: typeof bob.peer, data: Bytes): void => {
      replica.handle({ type: 'frame', peer, data }, table.nowMs)
      for (let out = replica.poll(); out !== undefined; out = replica.poll())
        if (out.type === 'verify') verifies.push(peer)
    }
    carol.give({ type: 'link-up', peer: alice.peer, member: alice.member })
    for (let at = 0; at < 50; at++) handle(bob.peer, strange(carol, at))
    expect(verifies.filter((peer) => peer === bob.peer)).toHaveLength(MAX_CHECKS_PER_PEER)
    handle(alice.peer, encodeLogFrame({ type: 'chunk', chunk }))
    expect(verifies.filter((peer) => peer === alice.peer)).toHaveLength(1)
  })

  it('E338 is not read beyond a rate of frames without entries', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    const before = bob.outputs.length
    const data = encodeLogFrame({ type: 'want-bodies', feed: alice.feed, sequences: [1] })
    for (let at = 0; at < 10 * CONTROL_RATE.burst; at++)
      bob.give({ type: 'frame', peer: alice.peer, data })
    expect(bob.outputs.length - before).toBeLessThan(CONTROL_RATE.burst)
    alice.say('hello')
    table.run()
    expect(bob.has(alice.feed)).toBe(1)
  })

  it('E336 frames that cannot be read are told as faults', () => {
    const { table, alice, bob } = three()
    table.link(alice, bob)
    bob.give({ type: 'frame', peer: alice.peer, data: new Uint8Array([1, 2, 3]) })
    expect(bob.of('fault')).toEqual([{ type: 'fault', peer: alice.peer, code: 'log-malformed' }])
  })
})
