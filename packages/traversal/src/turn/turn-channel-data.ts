// ChannelData (RFC 8656 section 12.4): four bytes instead of an indication. This is the path that
// carries the traffic, so it looks at four bytes and copies the payload once, or not at all.
//
// ```
// |         Channel Number        |            Length             |
// |                       Application Data                       ..   padded to 4 on streams
// ```

export const CHANNEL_HEADER_BYTES = 4
export const FIRST_CHANNEL = 0x40_00
/** RFC 8656 ends at 0x4fff; clients of RFC 5766, coturn's among them, go on to 0x7ffe. */
export const LAST_CHANNEL = 0x7f_fe

const FIRST_CHANNEL_BYTE = 0x40
const LAST_CHANNEL_BYTE = 0x7f
/** Binding is method 1; its class bits lie at 0x0110. */
const BINDING = 0x00_01
const CLASS_BITS = 0x01_10
/**
 * Memory that outgoing messages are cut from: one allocation for some hundred of them. Nobody writes
 * a byte twice, so the system may take its time to send.
 */
const SLAB_BYTES = 256 * 1024

/** Whether a client's packet is the TURN server's: ChannelData, or STUN of a method but Binding. */
export function isForTurn(packet: Uint8Array): boolean {
  const first = packet[0] ?? 0xff
  if (first >= FIRST_CHANNEL_BYTE) return first <= LAST_CHANNEL_BYTE
  return (((first << 8) | (packet[1] ?? 0)) & ~CLASS_BITS) !== BINDING
}

/** Whether a packet for which `isForTurn` holds is ChannelData; the rest is STUN. */
export function isChannelData(packet: Uint8Array): boolean {
  const first = packet[0] ?? 0
  return first >= FIRST_CHANNEL_BYTE && first <= LAST_CHANNEL_BYTE
}

/** Its channel number. */
export function channelOf(packet: Uint8Array): number {
  return ((packet[0] ?? 0) << 8) | (packet[1] ?? 0)
}

/** A view of its payload without padding, or null when there is less than the header says. */
export function payloadOf(packet: Uint8Array): Uint8Array | null {
  const end = CHANNEL_HEADER_BYTES + (((packet[2] ?? 0) << 8) | (packet[3] ?? 0))
  return end > packet.length ? null : packet.subarray(CHANNEL_HEADER_BYTES, end)
}

/** Writes ChannelData; `isPadded` for streams. The bytes are the receiver's for good. */
export type ChannelDataWriter = (
  channel: number,
  payload: Uint8Array,
  isPadded: boolean,
) => Uint8Array

export function createChannelDataWriter(): ChannelDataWriter {
  let slab = new Uint8Array()
  let free = 0
  return (channel, payload, isPadded) => {
    const { length } = payload
    const padded = (CHANNEL_HEADER_BYTES + length + 3) & ~3
    if (free + padded > slab.length) {
      slab = new Uint8Array(SLAB_BYTES)
      free = 0
    }
    const start = free
    free += padded
    slab[start] = channel >> 8
    slab[start + 1] = channel & 0xff
    slab[start + 2] = length >> 8
    slab[start + 3] = length & 0xff
    slab.set(payload, start + CHANNEL_HEADER_BYTES)
    return slab.subarray(start, isPadded ? free : start + CHANNEL_HEADER_BYTES + length)
  }
}
