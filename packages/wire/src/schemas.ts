// The leaf schemas that every message is built of.
import * as v from 'valibot'
import { isId } from './ids.ts'
import type { MemberId, PeerId, RoomId } from './ids.ts'
import { MAX_ADDRESS_LENGTH } from './limits.ts'

/** Exactly `length` bytes. */
export const bytes = (length: number): v.CustomSchema<Uint8Array<ArrayBuffer>, undefined> =>
  v.custom<Uint8Array<ArrayBuffer>>(
    (value) => value instanceof Uint8Array && value.length === length,
  )

/** One to `max` bytes. */
export const bytesUpTo = (max: number): v.CustomSchema<Uint8Array<ArrayBuffer>, undefined> =>
  v.custom<Uint8Array<ArrayBuffer>>(
    (value) => value instanceof Uint8Array && value.length > 0 && value.length <= max,
  )

/** A text of at most `max` UTF-16 code units. */
export const textUpTo = (max: number): v.CustomSchema<string, undefined> =>
  v.custom<string>((value) => typeof value === 'string' && value.length <= max)

/** A whole number from 0 to 2^53-1. */
export const count: v.CustomSchema<number, undefined> = v.custom<number>(
  (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
)

const idText = (value: unknown): boolean => typeof value === 'string' && isId(value)

export const roomId: v.CustomSchema<RoomId, undefined> = v.custom<RoomId>(idText)
export const peerId: v.CustomSchema<PeerId, undefined> = v.custom<PeerId>(idText)
export const memberId: v.CustomSchema<MemberId, undefined> = v.custom<MemberId>(idText)

/** A public address and port as the rendezvous observed them. */
export const observed: v.ObjectSchema<
  {
    readonly address: v.CustomSchema<string, undefined>
    readonly port: v.CustomSchema<number, undefined>
  },
  undefined
> = v.object({
  address: textUpTo(MAX_ADDRESS_LENGTH),
  port: v.custom<number>(
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 65536,
  ),
})
