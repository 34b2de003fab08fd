// A join ahead of its socket (SPEC.md, HTTP): names and forms of the request that carries it and of the
// answer, which is frames one after the other. Who asks, and what is answered, is the caller's.
import type { Bytes } from './bytes.ts'
import type { RoomId } from './ids.ts'
import { MAX_SERVER_FRAME_BYTES } from './limits.ts'
import { ROOMS_PATH } from './room-api.ts'

/** The challenge that came with the page, in the header `Server-Timing` of the page and here in one of its own. */
export const CHALLENGE = 'knothole-challenge'

/** What ties the request to the socket that is being opened: a random UUID, also in that socket's query. */
export const AHEAD = 'knothole-ahead'

const LENGTH_BYTES = 4

/** `POST` joins a room. */
export function joinPath(room: RoomId): string {
  return `${ROOMS_PATH}/${room}/join`
}

/** A frame with its length before it. */
export function withLength(frame: Bytes): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES + frame.length)
  new DataView(bytes.buffer).setUint32(0, frame.length)
  bytes.set(frame, LENGTH_BYTES)
  return bytes
}

/** Finds the frames in what comes piece by piece. */
export class FrameSplitter {
  #rest: Bytes = new Uint8Array()

  /** The frames that a piece ends; undefined when one has a length that none has. */
  push(piece: Bytes): Bytes[] | undefined {
    const bytes = new Uint8Array(this.#rest.length + piece.length)
    bytes.set(this.#rest)
    bytes.set(piece, this.#rest.length)
    const view = new DataView(bytes.buffer)
    const frames: Bytes[] = []
    let at = 0
    while (bytes.length - at >= LENGTH_BYTES) {
      const from = at + LENGTH_BYTES
      const length = view.getUint32(at)
      if (length > MAX_SERVER_FRAME_BYTES) return undefined
      if (bytes.length - from < length) break
      at = from + length
      frames.push(bytes.slice(from, at))
    }
    this.#rest = bytes.slice(at)
    return frames
  }
}
