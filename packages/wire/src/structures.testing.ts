// Every structure that is decoded, with its limit and an arbitrary of legitimate values; and bytes as
// an enemy or a bad network would make them.
import * as fc from 'fast-check'
import { encodeCbor } from './cbor.ts'
import type { Decoded } from './cbor.ts'
import {
  BETWEEN_FRAMES,
  CARD,
  CLIENT_FRAMES,
  MESH_FRAMES,
  MESH_NOTES,
  PULSE_FRAMES,
  SERVER_FRAMES,
  PAPERS,
} from './golden.testing.ts'
import { SIGNALS, SIGNED, TALK_FRAMES, fromHex } from './golden.testing.ts'
import {
  MAX_BETWEEN_BYTES,
  MAX_CARD_BYTES,
  MAX_CLIENT_FRAME_BYTES,
  MAX_LINK_FRAME_BYTES,
  MAX_LOG_FRAME_BYTES,
  MAX_MESH_BYTES,
  MAX_MESH_NOTE_BYTES,
  MAX_PAPER_BYTES,
  MAX_PULSE_BYTES,
  MAX_SERVER_FRAME_BYTES,
  MAX_SIGNAL_BYTES,
  decodeBetweenFrame,
  decodeCard,
  decodeClientFrame,
  decodeLogFrame,
  decodeMeshFrame,
  decodeMeshNote,
  decodePaper,
  decodePulseFrame,
  decodeServerFrame,
  decodeSignal,
  decodeSigned,
  decodeTalkFrame,
} from './index.ts'

import { LOG_FRAMES } from './log/log-golden.testing.ts'

export interface Structure {
  readonly name: string
  readonly decode: (bytes: Uint8Array) => Decoded<unknown>
  readonly maxBytes: number
  readonly samples: readonly Readonly<Record<string, unknown>>[]
}

const structure = (
  name: string,
  decode: Structure['decode'],
  rest: { readonly maxBytes: number; readonly samples: readonly object[] },
): Structure => ({
  name,
  decode,
  maxBytes: rest.maxBytes,
  samples: rest.samples.map((sample) => ({ ...sample })),
})

export const STRUCTURES: readonly Structure[] = [
  structure('client frame', decodeClientFrame, {
    maxBytes: MAX_CLIENT_FRAME_BYTES,
    samples: Object.values(CLIENT_FRAMES),
  }),
  structure('server frame', decodeServerFrame, {
    maxBytes: MAX_SERVER_FRAME_BYTES,
    samples: Object.values(SERVER_FRAMES),
  }),
  structure('talk frame', decodeTalkFrame, {
    maxBytes: MAX_LINK_FRAME_BYTES,
    samples: Object.values(TALK_FRAMES),
  }),
  structure('between frame', decodeBetweenFrame, {
    maxBytes: MAX_BETWEEN_BYTES,
    samples: Object.values(BETWEEN_FRAMES),
  }),
  structure('mesh frame', decodeMeshFrame, {
    maxBytes: MAX_MESH_BYTES,
    samples: Object.values(MESH_FRAMES),
  }),
  structure('mesh note', decodeMeshNote, {
    maxBytes: MAX_MESH_NOTE_BYTES,
    samples: Object.values(MESH_NOTES),
  }),
  structure('log frame', decodeLogFrame, {
    maxBytes: MAX_LOG_FRAME_BYTES,
    // Chunks and runs in frames are not what they are in memory: log/chunk.test.ts, log/run.test.ts.
    samples: Object.values(LOG_FRAMES).filter(({ type }) => type !== 'chunk' && type !== 'run'),
  }),
  structure('pulse frame', decodePulseFrame, {
    maxBytes: MAX_PULSE_BYTES,
    samples: Object.values(PULSE_FRAMES),
  }),
  structure('signal', decodeSignal, {
    maxBytes: MAX_SIGNAL_BYTES,
    samples: Object.values(SIGNALS),
  }),
  structure('paper', decodePaper, {
    maxBytes: MAX_PAPER_BYTES,
    samples: Object.values(PAPERS),
  }),
  structure('card', decodeCard, { maxBytes: MAX_CARD_BYTES, samples: [CARD] }),
  structure('signed', decodeSigned, { maxBytes: MAX_SIGNAL_BYTES, samples: [SIGNED] }),
]

/**
 * A character of one to four bytes. Without the byte order mark, which the decoder we compare with
 * drops; fast-check's own `binary` unit takes seconds to prepare.
 */
export const character: fc.Arbitrary<string> = fc
  .oneof(
    fc.nat(0x7f),
    fc.integer({ min: 0x80, max: 0x7ff }),
    fc.integer({ min: 0x800, max: 0xd7ff }),
    fc.integer({ min: 0x10000, max: 0x10ffff }),
  )
  .map((point) => String.fromCodePoint(point))

/** Keys that mean something to our structures or to JavaScript, and others. */
const anyKey = fc.oneof(
  fc.constantFrom('type', 'card', 'sealed', 'participants', 'constructor', 'toString', 'sdp'),
  fc.string({ unit: character, maxLength: 30 }),
)

/** A value our CBOR can carry, of any shape. */
export const anyItem: fc.Arbitrary<unknown> = fc.letrec<{ item: unknown }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, maxDepth: 5 },
    fc.maxSafeInteger(),
    fc.string({ unit: character }),
    fc.uint8Array({ maxLength: 40 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('item'), { maxLength: 5 }),
    fc.dictionary(anyKey, tie('item'), { maxKeys: 5 }),
  ),
})).item

/** Bytes that look like CBOR for a while. */
const heads = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
      fc
        .constantFrom(
          '9bffffffffffffffff',
          'bb7fffffffffffffff',
          '5affffffff',
          '7b0000000000000005',
        )
        .map((hex) => [...fromHex(hex)]),
      fc
        .constantFrom(
          '9f',
          'bf',
          '5f',
          '7f',
          'ff',
          'f7',
          'f97e00',
          'f93c00',
          'c249010000000000000000',
        )
        .map((hex) => [...fromHex(hex)]),
      fc
        .constantFrom(
          '6474797065',
          '695f5f70726f746f5f5f',
          '62c328',
          '63eda080',
          '1bffffffffffffffff',
        )
        .map((hex) => [...fromHex(hex)]),
      fc.constantFrom('81', 'a16161', 'd8ff').map((hex) => [...fromHex(hex.repeat(20))]),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flat()))

/** Bytes made to break the decoder of a structure: noise, near-CBOR, damaged and strange frames. */
export function hostileBytes({ samples }: Structure): fc.Arbitrary<Uint8Array> {
  const sample = fc.constantFrom(...samples)
  const damaged = fc
    .tuple(sample.map(encodeCbor), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([bytes, all]) => all.reduce(applyDamage, bytes))
  const strange = fc
    .tuple(sample, anyKey, anyItem)
    .map(([value, key, item]) => encodeCbor({ ...value, [key]: item }))
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    heads,
    damaged,
    strange,
    anyItem.map(encodeCbor),
  )
}

interface Damage {
  readonly at: number
  readonly remove: number
  readonly insert: Uint8Array
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(400),
  remove: fc.nat(3),
  insert: fc.oneof(fc.uint8Array({ maxLength: 4 }), heads),
})

function applyDamage(
  bytes: Uint8Array<ArrayBuffer>,
  { at, remove, insert }: Damage,
): Uint8Array<ArrayBuffer> {
  const from = at % (bytes.length + 1)
  return Uint8Array.from([...bytes.subarray(0, from), ...insert, ...bytes.subarray(from + remove)])
}
