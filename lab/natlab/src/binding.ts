// The few bytes of STUN (RFC 8489) the probe and the stock server need: Binding requests and their
// answers, with CHANGE-REQUEST of RFC 5780 section 7.2, and an attribute of our own that asks for the
// answer to be held back, to measure how long a mapping lives. No integrity, no fingerprint; the
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
  /** Answer only after so long. */
  readonly holdMs: number
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
/** Of the range that a receiver may ignore. */
const ATTRIBUTE_HOLD = 0xc0de
const CHANGE_ADDRESS = 0x04
const CHANGE_PORT = 0x02
const FAMILY_IPV4 = 0x01
const FAMILY_IPV6 = 0x02

/** Writes a Binding request. */
export function encodeBindingRequest(request: BindingRequest): Buffer {
  const { address, port } = request.change
  const flags = (address ? CHANGE_ADDRESS : 0) | (port ? CHANGE_PORT : 0)
  const attributes = [
    ...(flags === 0 ? [] : [numberAttribute(ATTRIBUTE_CHANGE_REQUEST, flags)]),
    ...(request.holdMs === 0 ? [] : [numberAttribute(ATTRIBUTE_HOLD, request.holdMs)]),
  ]
  return message(REQUEST_TYPE, request.transactionId, Buffer.concat(attributes))
}

/** Reads a Binding request; undefined for any other bytes. */
export function decodeBindingRequest(bytes: Buffer): BindingRequest | undefined {
  if (!isMessage(bytes, REQUEST_TYPE)) return undefined
  const flags = findAttribute(bytes, ATTRIBUTE_CHANGE_REQUEST)?.at(3) ?? 0
  const hold = findAttribute(bytes, ATTRIBUTE_HOLD)
  return {
    transactionId: bytes.subarray(8, HEADER_BYTES),
    change: { address: (flags & CHANGE_ADDRESS) !== 0, port: (flags & CHANGE_PORT) !== 0 },
    holdMs: hold?.length === 4 ? hold.readUInt32BE() : 0,
  }
}

/** Writes the answer. */
export function encodeBindingResponse(response: BindingResponse): Buffer {
  const { transactionId, mapped } = response
  const address = addressToBytes(mapped.address)
  const head = Buffer.alloc(4)
  head.writeUInt8(address.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6, 1)
  head.writeUInt16BE(mapped.port ^ (MAGIC_COOKIE >>> 16), 2)
  const value = Buffer.concat([head, mask(address, transactionId)])
  return message(RESPONSE_TYPE, transactionId, attribute(ATTRIBUTE_XOR_MAPPED_ADDRESS, value))
}

/** Reads an answer; undefined for any other bytes. */
export function decodeBindingResponse(bytes: Buffer): BindingResponse | undefined {
  if (!isMessage(bytes, RESPONSE_TYPE)) return undefined
  const value = findAttribute(bytes, ATTRIBUTE_XOR_MAPPED_ADDRESS)
  const wanted = new Map([
    [FAMILY_IPV4, 8],
    [FAMILY_IPV6, 20],
  ])
  if (value === undefined || value.length !== wanted.get(value[1] ?? 0)) return undefined
  const transactionId = bytes.subarray(8, HEADER_BYTES)
  return {
    transactionId,
    mapped: {
      address: bytesToAddress(mask(value.subarray(4), transactionId)),
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

function numberAttribute(type: number, number: number): Buffer {
  const value = Buffer.alloc(4)
  value.writeUInt32BE(number)
  return attribute(type, value)
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

/** RFC 8489 section 14.2: an address is combined with the cookie and the transaction id. */
function mask(address: Buffer, transactionId: Buffer): Buffer {
  const key = Buffer.alloc(4)
  key.writeUInt32BE(MAGIC_COOKIE)
  const keys = Buffer.concat([key, transactionId])
  return Buffer.from(address.map((byte, index) => byte ^ (keys[index] ?? 0)))
}

function addressToBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = [], tail = []] = address
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...head, ...zeros, ...tail].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  }
  return bytes
}

/** IPv6 with all its groups: it is only shown and compared with others of the same kind. */
function bytesToAddress(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(
    ':',
  )
}
