// Base64 of RFC 4648 section 4, with padding; written only.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The text of `bytes`. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const letters = Math.min(4, bytes.length - at + 1)
    for (let letter = 0; letter < 4; letter++) {
      text += letter < letters ? (ALPHABET[(group >> (18 - 6 * letter)) & 0x3f] ?? '') : '='
    }
  }
  return text
}
