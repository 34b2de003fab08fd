import { expect, it } from 'vitest'
import { toTransportAddress } from '@knothole/traversal'
import type { TransportAddress } from '@knothole/traversal'
import { nodeCrypto } from '../shell/node-crypto.ts'
import { ROOM_RATE } from './limits.ts'
import { RoomMaker } from './room-maker.ts'

const NOW_MS = 1_800_000_000_000
const KEY = new Uint8Array(32).fill(1)

function remoteOf(address: string): TransportAddress {
  const remote = toTransportAddress(address, 1)
  if (remote === null) throw new Error(`${address} is no address`)
  return remote
}

it('R1 makes rooms with ids of their own and the life it was told', () => {
  const maker = new RoomMaker({ crypto: nodeCrypto, roomLifeMs: 1000, limitNetworks: true })
  const rooms = [1, 2].map(() => maker.make(KEY, remoteOf('192.0.2.1'), NOW_MS))
  expect(rooms[0]).toMatchObject({
    admissionKey: KEY,
    createdAtMs: NOW_MS,
    lastUsedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 1000,
  })
  expect(rooms[0]?.id).toHaveLength(22)
  expect(rooms[0]?.id).not.toBe(rooms[1]?.id)
})

/** How many of twice the burst of rooms are made. */
function countMade(limitNetworks: boolean, addressOf: (n: number) => string): number {
  const maker = new RoomMaker({ crypto: nodeCrypto, roomLifeMs: 1000, limitNetworks })
  let count = 0
  for (let n = 0; n < 2 * ROOM_RATE.burst; n++) {
    if (maker.make(KEY, remoteOf(addressOf(n)), NOW_MS) !== undefined) count += 1
  }
  return count
}

it('R20 makes a network only so many rooms, unless told otherwise', () => {
  expect(countMade(true, () => '192.0.2.1')).toBe(ROOM_RATE.burst)
  expect(countMade(true, (n) => `2001:db8::${n}`)).toBe(ROOM_RATE.burst)
  expect(countMade(true, (n) => `192.0.2.${n}`)).toBe(2 * ROOM_RATE.burst)
  expect(countMade(false, () => '192.0.2.1')).toBe(2 * ROOM_RATE.burst)
})
