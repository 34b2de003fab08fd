import { expect, test } from 'vitest'
import { stunServersOf } from './stun-servers.ts'

test('E211: only servers named by an address can tell a NAT, in the order browsers ask them', () => {
  const servers = stunServersOf([
    'stun:203.0.113.11:3478',
    'stun:stun.example.org:3478',
    'stun:203.0.113.9:3479',
    'stun:203.0.113.9:3478',
    'stun:[2001:db8::1]:3478',
    'turn:203.0.113.9:3478',
  ])
  expect(servers.map(({ url }) => url)).toEqual([
    'stun:203.0.113.9:3478',
    'stun:203.0.113.9:3479',
    'stun:203.0.113.11:3478',
    'stun:[2001:db8::1]:3478',
  ])
  expect(servers.map(({ place }) => place)).toEqual([
    { address: 0, port: 0 },
    { address: 0, port: 1 },
    { address: 1, port: 0 },
    { address: 2, port: 0 },
  ])
})

test('E211: a few servers are enough, however many there are', () => {
  const urls = Array.from({ length: 40 }, (_, at) => `stun:203.0.113.${at}:3478`)
  expect(stunServersOf(urls)).toHaveLength(8)
})
