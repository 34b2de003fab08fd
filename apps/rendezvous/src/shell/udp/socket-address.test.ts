import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { formatIp } from '@knothole/traversal'
import { SOCKADDR_BYTES } from './linux-abi.ts'
import { SocketAddresses } from './socket-address.ts'

const MARGIN = 8
const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 })
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 })
const port = fc.integer({ min: 0, max: 65_535 })
const place = fc.record({ address: fc.oneof(ipv4, ipv6).map(formatIp), port })

describe('socket addresses', () => {
  it('R115 are read as they were written, and touch no byte beside their own', () => {
    const addresses = new SocketAddresses()
    fc.assert(
      fc.property(place, (remote) => {
        const memory = Buffer.alloc(SOCKADDR_BYTES + 2 * MARGIN, 0xee)
        const sizeBytes = addresses.write(memory, MARGIN, remote)
        expect(sizeBytes).toBe(remote.address.includes(':') ? 28 : 16)
        expect(addresses.read(memory, MARGIN, sizeBytes)).toEqual(remote)
        expect(addresses.read(memory, MARGIN, sizeBytes)).toEqual(remote)
        const beside = [memory.subarray(0, MARGIN), memory.subarray(MARGIN + sizeBytes)]
        expect(Buffer.concat(beside).every((byte) => byte === 0xee)).toBe(true)
      }),
    )
  })

  it('R115 lie in memory as Linux has them', () => {
    const memory = Buffer.alloc(SOCKADDR_BYTES)
    const addresses = new SocketAddresses()
    addresses.write(memory, 0, { address: '192.0.2.1', port: 0x1234 })
    expect(memory.toString('hex', 0, 16)).toBe('02001234c00002010000000000000000')
    addresses.write(memory, 0, { address: 'fe80::1%7', port: 0x1234 })
    expect(memory.toString('hex')).toBe('0a00123400000000fe80000000000000000000000000000107000000')
    expect(addresses.read(memory, 0, 28)).toEqual({ address: 'fe80::1%7', port: 0x1234 })
  })

  it('R115 of other families, or cut short, are none, whatever the bytes', () => {
    const addresses = new SocketAddresses()
    const bytes = fc.uint8Array({ minLength: SOCKADDR_BYTES, maxLength: SOCKADDR_BYTES })
    const size = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(bytes, size, (raw, sizeBytes) => {
        const memory = Buffer.from(raw)
        const family = memory.readUInt16LE(0)
        const isOne = (family === 2 && sizeBytes >= 16) || (family === 10 && sizeBytes >= 28)
        expect(addresses.read(memory, 0, sizeBytes) !== null).toBe(isOne)
      }),
    )
    for (const address of ['', 'localhost', '1.2.3', '::ffff:192.0.2.1', '1.2.3.4.5']) {
      expect(addresses.write(Buffer.alloc(SOCKADDR_BYTES), 0, { address, port: 1 })).toBe(0)
    }
  })

  it('R115 that are forged by the thousand are forgotten again', () => {
    const addresses = new SocketAddresses()
    const memory = Buffer.alloc(SOCKADDR_BYTES)
    const read = (host: number): unknown => {
      memory.writeUInt16LE(2)
      memory.writeUInt32BE(host, 4)
      return addresses.read(memory, 0, 16)
    }
    const first = read(1)
    expect(read(1)).toBe(first)
    for (let host = 2; host < 10_000; host++) read(host)
    expect(read(1)).toEqual(first)
    expect(read(1)).not.toBe(first)
  })
})
