// CBOR (RFC 8949) in its core deterministic form, and the one gate that foreign bytes pass: size,
// depth, strict decoding, then a schema. Never throws at hostile bytes.
import { decode, encode, rfc8949EncodeOptions } from 'cborg'
import { safeParse } from 'valibot'
import type { GenericSchema, InferOutput } from 'valibot'
import type { Bytes } from './bytes.ts'
import { MAX_CBOR_DEPTH } from './limits.ts'

/** Why bytes were refused. */
export type DecodeFault = 'too-large' | 'too-deep' | 'not-cbor' | 'wrong-shape'

/** A decoded value, or why there is none. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: DecodeFault }

/** Deterministic CBOR of a value of ours; undefined properties are left out. */
export function encodeCbor(value: unknown): Bytes {
  return encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true })
}

/** Decodes foreign bytes and checks them against a schema. */
export function decodeCbor<Schema extends GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
  maxBytes: number,
): Decoded<InferOutput<Schema>> {
  if (bytes.length > maxBytes) return { ok: false, fault: 'too-large' }
  if (!isShallow(bytes)) return { ok: false, fault: 'too-deep' }
  let item: unknown
  try {
    item = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
    })
  } catch {
    return { ok: false, fault: 'not-cbor' }
  }
  const checked = safeParse(schema, item)
  return checked.success ? { ok: true, value: checked.output } : { ok: false, fault: 'wrong-shape' }
}

/**
 * Whether no container nests deeper than MAX_CBOR_DEPTH. The decoder recurses, so this walk comes
 * first; it reads heads only, and leaves malformed bytes for the decoder to refuse.
 */
function isShallow(bytes: Uint8Array): boolean {
  const open: number[] = []
  let at = 0
  while (at < bytes.length) {
    const head = readHead(bytes, at)
    if (head === undefined) return true
    at = head.next
    if (open.length > 0) open.push((open.pop() ?? 0) - 1)
    if (head.major === 2 || head.major === 3) at += head.argument
    const items = itemsIn(head)
    if (items > 0) open.push(items)
    if (open.length > MAX_CBOR_DEPTH) return false
    while (open.length > 0 && (open.at(-1) ?? 0) <= 0) open.pop()
  }
  return true
}

/** How many items follow a head before its container is whole. */
function itemsIn(head: Head): number {
  if (head.major === 4) return head.argument
  if (head.major === 5) return head.argument * 2
  return head.major === 6 ? 1 : 0
}

interface Head {
  readonly major: number
  readonly argument: number
  readonly next: number
}

function readHead(bytes: Uint8Array, at: number): Head | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  const major = first >> 5
  const short = first & 31
  if (short < 24) return { major, argument: short, next: at + 1 }
  const width = short <= 27 ? 1 << (short - 24) : 0
  if (width === 0 || at + 1 + width > bytes.length) return undefined
  let argument = 0
  for (let i = 1; i <= width; i++) argument = argument * 256 + (bytes[at + i] ?? 0)
  return { major, argument, next: at + 1 + width }
}
