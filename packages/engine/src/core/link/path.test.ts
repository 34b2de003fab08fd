import { expect, test } from 'vitest'
import { pathOf } from './path.ts'

const bytes = { bytesSent: 0, bytesReceived: 0 }

test.each([
  ['relay', 'host', '203.0.113.1', 'turn'],
  ['host', 'relay', '203.0.113.1', 'turn'],
  ['host', 'host', '192.168.4.2', 'lan'],
  ['host', 'host', undefined, 'lan'],
  ['host', 'host', '5f1a.local', 'lan'],
  ['prflx', 'host', '5f1a.local', 'lan'],
  ['prflx', 'host', '', 'lan'],
  ['host', 'host', '203.0.113.1', 'direct'],
  ['prflx', 'host', '203.0.113.1', 'direct'],
  ['host', 'prflx', '10.1.2.3', 'lan'],
  ['host', 'prflx', 'fd00::1', 'lan'],
  ['host', 'prflx', 'fe80::1', 'lan'],
  ['host', 'host', '2001:db8::1', 'direct'],
  ['srflx', 'srflx', '203.0.113.1', 'direct'],
  ['srflx', 'prflx', undefined, 'direct'],
  ['prflx', 'prflx', undefined, 'direct'],
  ['srflx', 'host', undefined, 'direct'],
  ['srflx', 'host', '172.31.0.1', 'lan'],
  ['srflx', 'host', '172.32.0.1', 'direct'],
] as const)('E31: %s to %s at %s is %s', (...[localType, remoteType, remoteAddress, path]) => {
  expect(pathOf({ localType, remoteType, remoteAddress, ...bytes })).toBe(path)
})
