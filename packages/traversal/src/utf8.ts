// UTF-8 (RFC 3629), strict on reading: overlong forms, surrogates and code points past U+10FFFF are
// refused. Written out here because pure code has no TextEncoder (it belongs to the platforms).

const REPLACEMENT = 0xff_fd

/** Encodes `text`; a lone surrogate becomes U+FFFD, as it does in TextEncoder. */
export function encodeUtf8(text: string): Uint8Array {
  return encodeAscii(text) ?? encodeCodePoints(text)
}

/** Decodes `bytes`, or returns null when they are not well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  let text = ''
  let offset = 0
  while (offset < bytes.length) {
    const lead = bytes[offset] ?? 0
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      offset += 1
      continue
    }
    const length = sequenceLength(lead)
    if (length === 0 || offset + length > bytes.length) return null
    const point = decodeSequence(bytes.subarray(offset, offset + length))
    if (point === null) return null
    text += String.fromCodePoint(point)
    offset += length
  }
  return text
}

/** Null when there is more than ASCII in it, which there seldom is. */
function encodeAscii(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x80) return null
    bytes[at] = unit
  }
  return bytes
}

function encodeCodePoints(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) ?? REPLACEMENT
    pushCodePoint(bytes, isSurrogate(point) ? REPLACEMENT : point)
  }
  return Uint8Array.from(bytes)
}

function pushCodePoint(bytes: number[], point: number): void {
  if (point < 0x80) bytes.push(point)
  else if (point < 0x8_00) bytes.push(0xc0 | (point >> 6), continuation(point))
  else if (point < 0x1_00_00) {
    bytes.push(0xe0 | (point >> 12), continuation(point >> 6), continuation(point))
  } else {
    bytes.push(0xf0 | (point >> 18), continuation(point >> 12))
    bytes.push(continuation(point >> 6), continuation(point))
  }
}

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f)
}

function isSurrogate(point: number): boolean {
  return point >= 0xd8_00 && point <= 0xdf_ff
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) return 3
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0
}

// The smallest code point that needs 1, 2, 3 or 4 bytes: anything below is an overlong form.
const SMALLEST = [0, 0, 0x80, 0x8_00, 0x1_00_00] as const

function decodeSequence(sequence: Uint8Array): number | null {
  const [lead = 0, ...rest] = sequence
  if (rest.length === 0) return lead
  let point = lead & (0x3f >> rest.length)
  for (const byte of rest) {
    if ((byte & 0xc0) !== 0x80) return null
    point = (point << 6) | (byte & 0x3f)
  }
  const smallest = SMALLEST[sequence.length] ?? 0
  return point < smallest || point > 0x10_ff_ff || isSurrogate(point) ? null : point
}
