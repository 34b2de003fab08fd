import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  decodeBindingRequest,
  decodeBindingResponse,
  encodeBindingRequest,
  encodeBindingResponse,
} from './binding.ts'

/** The sample IPv4 response of RFC 5769 section 2.2. */
const SAMPLE_RESPONSE = `
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008
  0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`

test('reads the mapped address of the RFC 5769 sample', () => {
  const bytes = Buffer.from(SAMPLE_RESPONSE.replaceAll(/\s/g, ''), 'hex')
  expect(decodeBindingResponse(bytes)?.mapped).toEqual({ address: '192.0.2.1', port: 32_853 })
})

test('what is written can be read', () => {
  const byte = fc.nat(255)
  const address = fc.oneof(
    fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.')),
    fc
      .array(fc.nat(65_535), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((group) => group.toString(16)).join(':')),
  )
  const id = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(id, address, fc.nat(65_535), (transactionId, address, port) => {
      const response = { transactionId, mapped: { address, port } }
      expect(decodeBindingResponse(encodeBindingResponse(response))).toEqual(response)
    }),
  )
  fc.assert(
    fc.property(id, fc.boolean(), fc.boolean(), fc.nat(), (...row) => {
      const [transactionId, address, port, holdMs] = row
      const request = { transactionId, change: { address, port }, holdMs }
      expect(decodeBindingRequest(encodeBindingRequest(request))).toEqual(request)
    }),
  )
})

test('a shortened IPv6 address is written whole', () => {
  const mapped = { address: '2001:db8::10', port: 1 }
  const written = encodeBindingResponse({ transactionId: Buffer.alloc(12), mapped })
  expect(decodeBindingResponse(written)?.mapped.address).toBe('2001:db8:0:0:0:0:0:10')
})

test('any bytes: never throws', () => {
  const head = Buffer.from('010100002112a442', 'hex')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, withHead) => {
      const message = withHead ? Buffer.concat([head, bytes]) : Buffer.from(bytes)
      expect(() => [decodeBindingRequest(message), decodeBindingResponse(message)]).not.toThrow()
    }),
  )
})
