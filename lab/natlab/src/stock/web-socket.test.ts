import { expect, test } from 'vitest'

import { decodeFrame, encodeFrame } from './web-socket.ts'

test('reads the masked and the unmasked sample of RFC 6455 section 5.7', () => {
  const masked = Buffer.from('818537fa213d7f9f4d5158', 'hex')
  expect(decodeFrame(masked)?.payload.toString()).toBe('Hello')
  expect(encodeFrame(1, Buffer.from('Hello')).toString('hex')).toBe('810548656c6c6f')
})

test.each([0, 125, 126, 3000, 65_535])('a message of %i bytes comes back whole', (length) => {
  const payload = Buffer.alloc(length, 7)
  const frame = encodeFrame(1, payload)
  const read = decodeFrame(frame)
  expect(read).toMatchObject({ opcode: 1, sizeBytes: frame.length })
  expect(read?.payload.equals(payload)).toBe(true)
  expect(decodeFrame(frame.subarray(0, -1))).toBeUndefined()
})
