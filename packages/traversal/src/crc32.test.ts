import { expect, it } from 'vitest'

import { crc32 } from './crc32.ts'
import { fromText } from './stun/stun-vectors.testing.ts'

it('T9 the checksum has the check value of CRC-32/ISO-HDLC', () => {
  expect(crc32(fromText('123456789'))).toBe(0xcb_f4_39_26)
  expect(crc32(new Uint8Array())).toBe(0)
})
