// Tells packets apart on a port that STUN and TURN share (RFC 8656 section 12, RFC 7983).

const FIRST_CHANNEL_BYTE = 0x40
const LAST_CHANNEL_BYTE = 0x7f
/** Binding is method 1; its class bits lie at 0x0110. */
const BINDING = 0x00_01
const CLASS_BITS = 0x01_10

/** Whether a client's packet is the TURN server's: ChannelData, or STUN of a method but Binding. */
export function isForTurn(packet: Uint8Array): boolean {
  const first = packet[0] ?? 0xff
  if (first >= FIRST_CHANNEL_BYTE) return first <= LAST_CHANNEL_BYTE
  return (((first << 8) | (packet[1] ?? 0)) & ~CLASS_BITS) !== BINDING
}
