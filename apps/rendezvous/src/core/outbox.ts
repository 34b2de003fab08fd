// What the machine wants done, in order. Knows how much waits for each reader, and collects the
// readers for whom too much waits.
import { closeCodeOf, encodeServerFrame } from '@knothole/wire'
import type { Bytes, Observed, RefusalCode, RoomId, ServerFrame } from '@knothole/wire'
import { CONGESTED_BACKLOG_BYTES, MAX_BACKLOG_BYTES, MAX_RELAY_BACKLOG_BYTES } from './limits.ts'
import type { RoomUse } from './room-store.ts'
import { REFUSAL_MESSAGES } from './refusals.ts'
import type { SocketId } from './socket-table.ts'

/** An effect for the shell, or word of what happened. */
export type RendezvousOutput =
  | { readonly type: 'send'; readonly socket: SocketId; readonly data: Bytes }
  | { readonly type: 'ping'; readonly socket: SocketId }
  /** Close with the closing handshake, after what was sent. */
  | {
      readonly type: 'close'
      readonly socket: SocketId
      readonly code: number
      readonly reason: string
    }
  /** Cut off a socket that does not answer. */
  | { readonly type: 'drop'; readonly socket: SocketId }
  /** Send Binding requests to a place out of the blue; answer with `probed`. */
  | { readonly type: 'probe'; readonly socket: SocketId; readonly place: Observed }
  | { readonly type: 'find-room'; readonly socket: SocketId; readonly room: RoomId }
  | { readonly type: 'renew-room'; readonly use: RoomUse }
  | { readonly type: 'sweep-rooms'; readonly atMs: number }
  | { readonly type: 'event'; readonly event: RendezvousEvent }

/** What happened, for logs and counters: no address, key or name. */
export type RendezvousEvent =
  | { readonly name: 'joined'; readonly socket: SocketId; readonly returned: boolean }
  | { readonly name: 'left'; readonly socket: SocketId | undefined }
  | { readonly name: 'refused'; readonly socket: SocketId; readonly code: RefusalCode }
  | { readonly name: 'lease-expired'; readonly socket: SocketId }

/** Bytes given to a socket and not yet taken by its network. */
export type BacklogOf = (socket: SocketId) => number

export class Outbox {
  readonly #backlogOf: BacklogOf
  #outputs: RendezvousOutput[] = []
  #next = 0
  readonly #slow = new Set<SocketId>()

  constructor(backlogOf: BacklogOf) {
    this.#backlogOf = backlogOf
  }

  push(output: RendezvousOutput): void {
    this.#outputs.push(output)
  }

  send(socket: SocketId, frame: ServerFrame): void {
    this.#send(socket, encodeServerFrame(frame))
  }

  broadcast(sockets: Iterable<SocketId>, frame: ServerFrame): void {
    const data = encodeServerFrame(frame)
    for (const socket of sockets) this.#send(socket, data)
  }

  /** Sends a frame that may be lost, unless too much waits for its reader; answers whether it did. */
  relay(socket: SocketId, data: Bytes): boolean {
    const hasRoom = this.#backlogOf(socket) <= MAX_RELAY_BACKLOG_BYTES
    if (hasRoom) this.push({ type: 'send', socket, data })
    return hasRoom
  }

  /** The refusal as a frame; what it concerns goes on. */
  refuse(socket: SocketId, code: RefusalCode, message: string = REFUSAL_MESSAGES[code]): void {
    this.push({ type: 'event', event: { name: 'refused', socket, code } })
    this.#send(socket, encodeServerFrame({ type: 'refused', code, message }))
  }

  /** The refusal as a frame, and the end of the socket. */
  refuseAndClose(
    socket: SocketId,
    code: RefusalCode,
    message: string = REFUSAL_MESSAGES[code],
  ): void {
    this.refuse(socket, code, message)
    this.push({ type: 'close', socket, code: closeCodeOf(code), reason: message })
  }

  isCongested(socket: SocketId): boolean {
    return this.#backlogOf(socket) > CONGESTED_BACKLOG_BYTES
  }

  /** The readers for whom too much waits, since this was asked last. */
  takeSlow(): SocketId[] {
    if (this.#slow.size === 0) return []
    const slow = [...this.#slow]
    this.#slow.clear()
    return slow
  }

  poll(): RendezvousOutput | undefined {
    const output = this.#outputs[this.#next]
    if (output !== undefined) {
      this.#next += 1
      return output
    }
    this.#outputs = []
    this.#next = 0
    return undefined
  }

  #send(socket: SocketId, data: Bytes): void {
    if (this.#backlogOf(socket) > MAX_BACKLOG_BYTES) this.#slow.add(socket)
    else this.push({ type: 'send', socket, data })
  }
}
