// The least a rendezvous can be: one room, everybody is let in, frames are passed on. For tests of the
// engine; the real one is an application and proves itself with the engine in its own tests.
import { createHash } from 'node:crypto'
import type { AcceptSocket, ServerSocket } from '@knothole/testkit'
import { decodeClientFrame, encodeServerFrame, peerIdOf, PROTOCOL_VERSION } from '@knothole/wire'
import type { ClientFrame, JoinFrame, Participant, PeerId, ServerFrame } from '@knothole/wire'

interface Place extends Participant {
  readonly socket: ServerSocket
}

export class TinyRendezvous {
  readonly received: ClientFrame[] = []
  readonly #places = new Map<PeerId, Place>()

  readonly accept: AcceptSocket = (socket) => {
    let peer: PeerId | undefined
    tell(socket, { type: 'challenge', version: PROTOCOL_VERSION, nonce: new Uint8Array(32) })
    return {
      onFrame: (data) => {
        const decoded = decodeClientFrame(data)
        if (!decoded.ok) throw new Error(`a client sent nonsense: ${decoded.fault}`)
        const frame = decoded.value
        this.received.push(frame)
        if (frame.type === 'join') peer = this.#join(socket, frame)
        else if (peer !== undefined) this.#pass(peer, frame)
      },
      onClose: () => this.#leave(peer),
    }
  }

  #join(socket: ServerSocket, join: JoinFrame): PeerId {
    const { session, card, offer } = join
    const peer = peerIdOf(createHash('sha256').update(session).digest())
    const observed = { address: socket.address, port: 40_000 }
    const others = [...this.#places.values()]
    const participants = others.map(({ peer, card, observed }) => ({ peer, card, observed }))
    const receiver = offer === undefined ? undefined : others[0]
    const offeredTo = receiver?.peer
    const rest = { participants, offeredTo, expiresAtMs: 1, capacity: 12 }
    tell(socket, { type: 'welcome', peer, observed, ...rest })
    this.#tellAll({ type: 'joined', participant: { peer, card, observed } })
    if (receiver !== undefined && offer !== undefined)
      tell(receiver.socket, { type: 'signal', from: peer, sealed: offer, toAnyone: true })
    this.#places.set(peer, { peer, card, observed, socket })
    return peer
  }

  #pass(from: PeerId, frame: Exclude<ClientFrame, JoinFrame>): void {
    const place = this.#places.get(from)
    if (frame.type === 'signal') {
      const to = this.#places.get(frame.to)?.socket
      const { sealed } = frame
      if (to !== undefined) tell(to, { type: 'signal', from, sealed, toAnyone: false })
    } else if (frame.type === 'leave') this.#leave(from)
    else if (frame.type === 'ping' && place !== undefined) tell(place.socket, { type: 'pong' })
    else if (frame.type === 'card') this.#tellAll({ type: 'card', peer: from, card: frame.card })
  }

  #leave(peer: PeerId | undefined): void {
    if (peer === undefined || !this.#places.delete(peer)) return
    this.#tellAll({ type: 'left', peer })
  }

  /** Everyone but the one it is about. */
  #tellAll(frame: ServerFrame): void {
    const about = 'peer' in frame ? frame.peer : undefined
    for (const { peer, socket } of this.#places.values()) if (peer !== about) tell(socket, frame)
  }
}

function tell(socket: ServerSocket, frame: ServerFrame): void {
  socket.send(encodeServerFrame(frame))
}
