// Data indications (RFC 8656 section 11.4 and 11.6): what a peer sent, or the ICMP error it caused,
// where no channel is bound. Written without the general codec, since each packet of a peer may
// become one.
//
// ```
// |  0x0017       | Length        |  header of 20 bytes
// |  0x0012       | 8 or 20       |  XOR-PEER-ADDRESS
// |  0x0013       | Length        |  DATA, padded to 4   or   0x8004 | 8 | ICMP
// ```
import type { TransportAddress } from '../address.ts'
import { MAX_MESSAGE_BYTES, STUN_METHODS, encodeMessage } from '../stun/stun-message.ts'
import type { TurnIcmp } from './turn-interface.ts'

const DATA_INDICATION = 0x00_17
const XOR_PEER_ADDRESS = 0x00_12
const DATA = 0x00_13
const HEADER_BYTES = 20
const ATTRIBUTE_HEADER_BYTES = 4
const ADDRESS_HEADER_BYTES = 4
const COOKIE = [0x21, 0x12, 0xa4, 0x42] as const
const COOKIE_OFFSET = 4
/** The cookie's first half. */
const PORT_MASK = 0x21_12
const FAMILY_IPV4 = 0x01
const FAMILY_IPV6 = 0x02

/** The indication with a peer's payload, or null when no datagram could hold it. */
export function encodeDataIndication(
  ip: Uint8Array,
  port: number,
  [payload, transactionId]: readonly [payload: Uint8Array, transactionId: Uint8Array],
): Uint8Array | null {
  const addressBytes = ADDRESS_HEADER_BYTES + ip.length
  const dataAt = HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + addressBytes
  const size = dataAt + ATTRIBUTE_HEADER_BYTES + ((payload.length + 3) & ~3)
  if (size > MAX_MESSAGE_BYTES) return null
  const bytes = new Uint8Array(size)
  write16(bytes, 0, DATA_INDICATION)
  write16(bytes, 2, size - HEADER_BYTES)
  bytes.set(COOKIE, COOKIE_OFFSET)
  bytes.set(transactionId, COOKIE_OFFSET + COOKIE.length)
  write16(bytes, HEADER_BYTES, XOR_PEER_ADDRESS)
  write16(bytes, HEADER_BYTES + 2, addressBytes)
  const addressAt = HEADER_BYTES + ATTRIBUTE_HEADER_BYTES
  bytes[addressAt + 1] = ip.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6
  write16(bytes, addressAt + 2, port ^ PORT_MASK)
  writeXored(bytes, addressAt + ADDRESS_HEADER_BYTES, ip)
  write16(bytes, dataAt, DATA)
  write16(bytes, dataAt + 2, payload.length)
  bytes.set(payload, dataAt + ATTRIBUTE_HEADER_BYTES)
  return bytes
}

/** The indication that a datagram to `peer` came to grief. */
export function encodeIcmpIndication(
  peer: TransportAddress,
  icmp: TurnIcmp,
  transactionId: Uint8Array,
): Uint8Array {
  return encodeMessage({
    class: 'indication',
    method: STUN_METHODS.data,
    transactionId,
    attributes: [
      { type: 'xor-peer-address', value: peer },
      { type: 'icmp', value: icmp },
    ],
  })
}

function writeXored(bytes: Uint8Array, at: number, ip: Uint8Array): void {
  // Cookie and transaction id lie one behind the other, as the mask wants them.
  for (let index = 0; index < ip.length; index++) {
    bytes[at + index] = (ip[index] ?? 0) ^ (bytes[COOKIE_OFFSET + index] ?? 0)
  }
}

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value & 0xff
}
