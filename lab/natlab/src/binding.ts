// The few bytes of STUN (RFC 8489) the probe and the stock server need: Binding requests and their
// answers, with CHANGE-REQUEST of RFC 5780 section 7.2. No integrity, no fingerprint, IPv4 only; the
// product's codec is packages/traversal, and the lab must not trust what it is there to test.
//
//    0                   1                   2                   3
//   |0 0|    type    |        length         |  magic cookie ...     |
//   |            transaction id (12 bytes)            | attributes   |

/** Ask the responder to answer from elsewhere. */
export interface ChangeRequest {
  readonly address: boolean
  readonly port: boolean
}

/** An address and port as the responder saw it. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** A Binding request. */
export interface BindingRequest {
  readonly transactionId: Buffer
  readonly change: ChangeRequest
}

/** The answer to a Binding request. */
export interface BindingResponse {
  readonly transactionId: Buffer
  readonly mapped: Endpoint
}

const REQUEST_TYPE = 0x0001
const RESPONSE_TYPE = 0x0101
const MAGIC_COOKIE = 0x2112_a442
const HEADER_BYTES = 20
const ATTRIBUTE_CHANGE_REQUEST = 0x0003
const ATTRIBUTE_XOR_MAPPED_ADDRESS = 0x0020
const CHANGE_ADDRESS = 0x04
const CHANGE_PORT = 0x02
const FAMILY_IPV4 = 0x01

/** Writes a Binding request. */
export function encodeBindingRequest(request: BindingRequest): Buffer {
  const value = Buffer.alloc(4)
  const { address, port } = request.change
  value.writeUInt32BE((address ? CHANGE_ADDRESS : 0) | (port ? CHANGE_PORT : 0))
  const attributes = address || port ? attribute(ATTRIBUTE_CHANGE_REQUEST, value) : Buffer.alloc(0)
  return message(REQUEST_TYPE, request.transactionId, attributes)
}

/** Reads a Binding request; undefined for any other bytes. */
export function decodeBindingRequest(bytes: Buffer): BindingRequest | undefined {
  if (!isMessage(bytes, REQUEST_TYPE)) return undefined
  const flags = findAttribute(bytes, ATTRIBUTE_CHANGE_REQUEST)?.at(3) ?? 0
  return {
    transactionId: bytes.subarray(8, HEADER_BYTES),
    change: { address: (flags & CHANGE_ADDRESS) !== 0, port: (flags & CHANGE_PORT) !== 0 },
  }
}

/** Writes the answer. */
export function encodeBindingResponse(response: BindingResponse): Buffer {
  const value = Buffer.alloc(8)
  value.writeUInt8(FAMILY_IPV4, 1)
  value.writeUInt16BE(response.mapped.port ^ (MAGIC_COOKIE >>> 16), 2)
  value.writeUInt32BE((addressToNumber(response.mapped.address) ^ MAGIC_COOKIE) >>> 0, 4)
  const attributes = attribute(ATTRIBUTE_XOR_MAPPED_ADDRESS, value)
  return message(RESPONSE_TYPE, response.transactionId, attributes)
}

/** Reads an answer; undefined for any other bytes. */
export function decodeBindingResponse(bytes: Buffer): BindingResponse | undefined {
  if (!isMessage(bytes, RESPONSE_TYPE)) return undefined
  const value = findAttribute(bytes, ATTRIBUTE_XOR_MAPPED_ADDRESS)
  if (value?.length !== 8 || value[1] !== FAMILY_IPV4) return undefined
  return {
    transactionId: bytes.subarray(8, HEADER_BYTES),
    mapped: {
      address: numberToAddress((value.readUInt32BE(4) ^ MAGIC_COOKIE) >>> 0),
      port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16),
    },
  }
}

function message(type: number, transactionId: Buffer, attributes: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(type, 0)
  header.writeUInt16BE(attributes.length, 2)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  return Buffer.concat([header, transactionId, attributes])
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value])
}

function isMessage(bytes: Buffer, type: number): boolean {
  return (
    bytes.length >= HEADER_BYTES &&
    bytes.readUInt16BE(0) === type &&
    bytes.readUInt32BE(4) === MAGIC_COOKIE
  )
}

function findAttribute(bytes: Buffer, type: number): Buffer | undefined {
  let at = HEADER_BYTES
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16BE(at + 2)
    const end = at + 4 + length
    if (end > bytes.length) return undefined
    if (bytes.readUInt16BE(at) === type) return bytes.subarray(at + 4, end)
    at = end + ((4 - (length % 4)) % 4)
  }
  return undefined
}

function addressToNumber(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
}

function numberToAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.')
}
