// What carries frames to a peer: its WebSocket, or until that is open the answer to the request by which it
// joined ahead. Carries and decides nothing.
import type { ServerResponse } from 'node:http'
import { withLength } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { WebSocket } from 'ws'

export interface Carrier {
  send(frame: Bytes): void
  ping(): void
  /** Ends with the closing handshake, after what was sent. */
  close(code: number, reason: string): void
  drop(): void
  /** Bytes given and not yet taken by the network. */
  readonly backlog: number
}

/** Longest close reason (RFC 6455, section 5.5: 125 bytes with the code). */
const MAX_REASON_BYTES = 123

export class SocketCarrier implements Carrier {
  readonly #ws: WebSocket

  constructor(ws: WebSocket) {
    this.#ws = ws
  }

  send(frame: Bytes): void {
    // A failed send is followed by `close`, which is where loss is handled.
    this.#ws.send(frame, { binary: true }, () => {})
  }

  ping(): void {
    this.#ws.ping(undefined, false, () => {})
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, Buffer.from(reason).subarray(0, MAX_REASON_BYTES))
  }

  drop(): void {
    this.#ws.terminate()
  }

  get backlog(): number {
    return this.#ws.bufferedAmount
  }
}

export class AnswerCarrier implements Carrier {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  send(frame: Bytes): void {
    this.#response.write(withLength(frame))
  }

  /** Its peer cannot answer one; a peer whose socket does not follow loses its place with the lease. */
  ping(): void {}

  close(): void {
    this.#response.end()
  }

  drop(): void {
    this.#response.destroy()
  }

  get backlog(): number {
    return this.#response.writableLength
  }
}
