import { describe, expect, it } from 'vitest'

import {
  TurnWorld,
  addressOf,
  bytesOf,
  channelData,
  codeOf,
  textOf,
  valueOf,
} from './turn-world.testing.ts'

const PEER = addressOf('192.0.2.9', 5000)

describe('a client with credentials', () => {
  it('T200 gets a relayed address, sends by channel and by indication, and receives both ways', () => {
    const world = new TurnWorld()
    const alice = world.udp()
    const relayed = alice.allocate()
    expect(alice.bind(0x40_00, PEER)).toBe(0)
    alice.send(channelData(0x40_00, bytesOf('by channel')))
    alice.indicate(PEER, bytesOf('by indication'))
    expect(world.relayed.map(({ payload, to }) => [textOf(payload), to])).toEqual([
      ['by channel', '192.0.2.9:5000'],
      ['by indication', '192.0.2.9:5000'],
    ])
    world.fromPeer(relayed, PEER, bytesOf('back'))
    expect(alice.inbox.shift()).toEqual(channelData(0x40_00, bytesOf('back')))
    world.fromPeer(relayed, addressOf(PEER.address, 5001), bytesOf('beside'))
    const [indication] = alice.messages()
    expect(indication).toMatchObject({ class: 'indication', method: 7 })
    expect(indication && textOf(valueOf(indication, 'data'))).toBe('beside')
    expect(codeOf(alice.request('refresh'))).toBe(0)
  })
})
