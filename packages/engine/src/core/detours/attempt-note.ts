// What the two ladders of a pair say to each other, as the bytes of a `note` signal: sealed and signed
// like every signal, so the fingerprint in it is the identity's own word. Of the other side's
// connections it takes ufrags, passwords and a fingerprint, only in the form the RFCs give them:
// nothing else can get into a description that is written with them.
import { decodeCbor, encodeCbor, MAX_NOTE_BYTES } from '@knothole/wire'
import type { Bytes, Decoded } from '@knothole/wire'
import type { AttemptMessage, PortSample } from '@knothole/traversal/ladder'
import * as v from 'valibot'

/** ICE credentials of one connection, or of all where they are shared. */
export interface IceCredentials {
  readonly ufrag: string
  readonly password: string
}

/** What the other side must know of our connections. The fingerprint is that of the certificate of all. */
export interface AttemptDescription {
  readonly fingerprint: string
  readonly credentials: readonly IceCredentials[]
}

/** A message between ladders. */
export type AttemptNote = AttemptMessage<AttemptDescription>

/** Connections of one side; more than a plan makes (traversal, T421). */
const MAX_CONNECTIONS = 128
/** Ports in a sample: of as many connections, or of eight throw-away sockets and four servers each. */
const MAX_PORTS = 128
/** A sample this old is of no use; the limit keeps sums finite. */
const MAX_AGE_MS = 60_000
const MAX_FLOWS = 100_000

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const elapsed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_AGE_MS))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const connections = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CONNECTIONS))
const rung = v.picklist(['predicted', 'birthday-block', 'birthday-shared'])
/** An address in its usual text form; candidates are written with it. */
const address = v.pipe(v.string(), v.regex(/^[\da-f.:]{3,45}$/i))
const sample = v.object({
  address,
  ports: v.pipe(v.array(port), v.maxLength(MAX_PORTS)),
  flows: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_FLOWS))),
  overMs: v.exactOptional(elapsed),
  lagMs: v.exactOptional(elapsed),
})
const payload = v.object({
  /** RFC 8122, section 5; SHA-256 is what every browser makes. */
  fingerprint: v.pipe(v.string(), v.regex(/^sha-256 [\dA-F]{2}(?::[\dA-F]{2}){31}$/i)),
  /** RFC 8839, section 5.4. */
  credentials: v.pipe(
    v.array(
      v.object({
        ufrag: v.pipe(v.string(), v.regex(/^[\w+/]{4,256}$/)),
        password: v.pipe(v.string(), v.regex(/^[\w+/]{22,256}$/)),
      }),
    ),
    v.minLength(1),
    v.maxLength(MAX_CONNECTIONS),
  ),
})

const note = v.variant('type', [
  v.object({
    type: v.literal('propose'),
    attempt: count,
    rung,
    seed: count,
    connections: v.tuple([connections, connections]),
    payload,
    sample: v.exactOptional(sample),
  }),
  v.object({ type: v.literal('accept'), attempt: count, tookMs: elapsed, payload, sample }),
  v.object({ type: v.literal('go'), attempt: count, ageMs: elapsed, sample }),
  v.object({
    type: v.literal('decline'),
    attempt: count,
    reason: v.picklist(['busy', 'unwilling', 'failed']),
  }),
])

/** The bytes of a message; times and rates are rounded, since frames have no fractions. */
export function encodeNote(value: AttemptNote): Bytes {
  switch (value.type) {
    case 'propose':
      return encodeCbor({ ...value, sample: value.sample && rounded(value.sample) })
    case 'accept':
      return encodeCbor({ ...value, tookMs: whole(value.tookMs), sample: rounded(value.sample) })
    case 'go':
      return encodeCbor({ ...value, ageMs: whole(value.ageMs), sample: rounded(value.sample) })
    case 'decline':
      return encodeCbor(value)
  }
}

export function decodeNote(data: Uint8Array): Decoded<AttemptNote> {
  return decodeCbor(data, note, MAX_NOTE_BYTES)
}

function rounded({ flows, overMs, lagMs, ...sample }: PortSample): PortSample {
  return {
    ...sample,
    // Upwards: to expect too few of others' flows costs the meeting, too many a few checks.
    ...(flows === undefined ? {} : { flows: Math.min(MAX_FLOWS, Math.ceil(flows)) }),
    ...(overMs === undefined ? {} : { overMs: whole(overMs) }),
    ...(lagMs === undefined ? {} : { lagMs: whole(lagMs) }),
  }
}

function whole(timeMs: number): number {
  return Math.min(MAX_AGE_MS, Math.max(0, Math.round(timeMs)))
}
