// UTF-8 (RFC 3629), read strictly: overlong forms, surrogates and code points past U+10FFFF are
// refused, and a byte order mark is a character like any other. Written out here because pure code has
// no TextDecoder, and because a lenient one gives two byte strings one text.

/** Code units joined at once: enough to be quick, few enough to be arguments of one call. */
const CHUNK_UNITS = 4096

/** The text of bytes `from` to `to`, or `undefined` when they are not well-formed UTF-8. */
export function decodeUtf8(
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
): string | undefined {
  let text = ''
  let units: number[] = []
  let at = from
  while (at < to) {
    const lead = bytes[at] ?? 0
    const length = sequenceLength(lead)
    if (length === 0 || at + length > to) return undefined
    const point = length === 1 ? lead : pointOf(bytes, at, length)
    if (point === undefined) return undefined
    pushUnits(units, point)
    at += length
    if (units.length < CHUNK_UNITS) continue
    text += String.fromCharCode(...units)
    units = []
  }
  return text + String.fromCharCode(...units)
}

/** Length of a text in UTF-8 bytes, as every encoder counts it (a lone surrogate becomes U+FFFD). */
export function utf8Length(text: string): number {
  let length = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}

/** Writes a text at `at`, where its `utf8Length` bytes must fit; a lone surrogate becomes U+FFFD. */
export function writeUtf8(text: string, bytes: Uint8Array, at: number): void {
  let next = at
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    let rest = point
    for (let i = length - 1; i > 0; i--) {
      bytes[next + i] = 0x80 | (rest & 0x3f)
      rest >>= 6
    }
    bytes[next] = (LEADS[length] ?? 0) | rest
    next += length
  }
}

/** Marks of the lead byte of sequences of 1 to 4 bytes. */
const LEADS = [0, 0, 0xc0, 0xe0, 0xf0] as const

/** Bytes of the sequence that a lead byte begins; 0 when it begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

/** The smallest code point that needs 2, 3 or 4 bytes: anything below is an overlong form. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000] as const

function pointOf(bytes: Uint8Array, at: number, length: number): number | undefined {
  let point = (bytes[at] ?? 0) & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0
    if ((byte & 0xc0) !== 0x80) return undefined
    point = (point << 6) | (byte & 0x3f)
  }
  const isSurrogate = point >= 0xd800 && point <= 0xdfff
  return isSurrogate || point > 0x10ffff || point < (SMALLEST[length] ?? 0) ? undefined : point
}

function pushUnits(units: number[], point: number): void {
  if (point < 0x10000) units.push(point)
  else units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff))
}
