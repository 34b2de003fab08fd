// CRC-32 of ISO 3309 and ITU-T V.42 (polynomial 0xedb88320, reflected), as FINGERPRINT asks
// (RFC 8489 section 14.7). A checksum, not a protection.

const POLYNOMIAL = 0xed_b8_83_20
const TABLE: Uint32Array = createTable()

/** The checksum of `bytes` up to `end` as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, end: number = bytes.length): number {
  let crc = 0xff_ff_ff_ff
  for (let at = 0; at < end; at++) {
    crc = (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0
}

function createTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let entry = index
    for (let bit = 0; bit < 8; bit++) entry = ((entry & 1) * POLYNOMIAL) ^ (entry >>> 1)
    return entry
  })
}
