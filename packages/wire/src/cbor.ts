// CBOR (RFC 8949) in its core deterministic form, and the one gate that foreign bytes pass: size,
// strict decoding within the depth limit, then a schema. Never throws at hostile bytes.
import { safeParse } from 'valibot'
import type { GenericSchema, InferOutput } from 'valibot'
import type { Bytes } from './bytes.ts'
import { readCbor } from './cbor-reader.ts'
import type { CborFault } from './cbor-reader.ts'
import { writeCbor } from './cbor-writer.ts'

/** Why bytes were refused. */
export type DecodeFault = 'too-large' | CborFault | 'wrong-shape'

/** A decoded value, or why there is none. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: DecodeFault }

/** Deterministic CBOR of a value of ours; undefined properties are left out. */
export function encodeCbor(value: unknown): Bytes {
  return writeCbor(value)
}

/** Decodes foreign bytes and checks them against a schema. The value shares no memory with the bytes. */
export function decodeCbor<Schema extends GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
  maxBytes: number,
): Decoded<InferOutput<Schema>> {
  if (bytes.length > maxBytes) return { ok: false, fault: 'too-large' }
  const item = readCbor(bytes)
  if (!item.ok) return item
  const checked = safeParse(schema, item.value)
  return checked.success ? { ok: true, value: checked.output } : { ok: false, fault: 'wrong-shape' }
}
