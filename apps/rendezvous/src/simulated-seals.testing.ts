// The seals of a simulated peer: plain CBOR that names its envelope and its author, enough to see who may
// read what, at no cost.
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { SessionInput, SessionOutput } from '@knothole/engine'
import {
  decodeCard,
  decodeCbor,
  decodeSignal,
  encodeCard,
  encodeCbor,
  encodeClientFrame,
  encodeSignal,
  envelopeBytes,
  MAX_SIGNAL_BYTES,
  memberIdOf,
  peerIdOf,
  PROTOCOL_VERSION,
  SIGNATURE_BYTES,
} from '@knothole/wire'
import type { Bytes, Envelope, MemberId, PeerId, RoomId } from '@knothole/wire'

const plainSeal = v.tuple([
  v.instance(Uint8Array<ArrayBuffer>),
  v.instance(Uint8Array<ArrayBuffer>),
  v.instance(Uint8Array<ArrayBuffer>),
])

/** What is sealed and opened here. */
type SealEffect = Extract<
  SessionOutput,
  { type: 'join' | 'seal-card' | 'seal-signal' | 'open-card' | 'open-signal' }
>

export interface SealsOptions {
  readonly room: RoomId
  readonly admissionKey: Bytes
  /** The keys of this page and of its person. */
  readonly session: Bytes
  readonly identity: Bytes
  readonly input: (input: SessionInput) => void
  readonly send: (socket: number, frame: Bytes) => void
  readonly localSdp: (connection: number) => string | undefined
}

export class SimulatedSeals {
  readonly #options: SealsOptions
  readonly #peer: PeerId

  constructor(options: SealsOptions) {
    this.#options = options
    this.#peer = peerIdOf(options.session)
  }

  handle(out: SealEffect): void {
    const { room, input } = this.#options
    const from = this.#peer
    switch (out.type) {
      case 'join':
        this.#join(out)
        return
      case 'seal-card': {
        const card = this.#sealed({ purpose: 'card', room, from }, encodeCard(out.card))
        input({ type: 'card-sealed', card })
        return
      }
      case 'seal-signal': {
        const { to, signal } = out
        const envelope: Envelope = { purpose: 'signal', room, from, to }
        const sealed = this.#sealed(envelope, encodeSignal(signal))
        input({ type: 'signal-sealed', to, sealed })
        return
      }
      case 'open-card':
        this.#openCard(out.peer, out.sealed)
        return
      case 'open-signal':
        this.#openSignal(out)
    }
  }

  #join(out: SealEffect & { type: 'join' }): void {
    const { room, admissionKey, session, send, localSdp } = this.#options
    const from = this.#peer
    const sdp = out.offer === undefined ? undefined : localSdp(out.offer)
    const offer =
      sdp === undefined
        ? undefined
        : this.#sealed(
            { purpose: 'signal', room, from },
            encodeSignal({ type: 'offer', sdp, fresh: true, sequence: 0, attempt: 1 }),
          )
    const card = this.#sealed({ purpose: 'card', room, from }, encodeCard(out.card))
    const frame = encodeClientFrame({
      type: 'join',
      version: PROTOCOL_VERSION,
      session,
      card,
      offer,
      hidden: out.card.hidden === true ? true : undefined,
      admission: signatureOf(admissionKey),
      proof: signatureOf(session),
    })
    send(out.socket, frame)
  }

  #openCard(peer: PeerId, sealed: Bytes): void {
    const { room, input } = this.#options
    const opened = this.#opened({ purpose: 'card', room, from: peer }, sealed)
    const card = opened === undefined ? undefined : decodeCard(opened.payload)
    if (opened === undefined || card?.ok !== true) input({ type: 'card-refused', peer })
    else input({ type: 'card-opened', peer, member: opened.member, card: card.value })
  }

  #openSignal(out: SealEffect & { type: 'open-signal' }): void {
    const { room, input } = this.#options
    const { peer, sealed, toAnyone, isCarried } = out
    const to = toAnyone ? undefined : this.#peer
    const opened = this.#opened({ purpose: 'signal', room, from: peer, to }, sealed)
    const signal = opened === undefined ? undefined : decodeSignal(opened.payload)
    if (opened === undefined || signal?.ok !== true) input({ type: 'signal-refused', peer })
    else {
      const { member } = opened
      input({ type: 'signal-opened', peer, member, signal: signal.value, isCarried })
    }
  }

  #sealed(envelope: Envelope, payload: Bytes): Bytes {
    return encodeCbor([envelopeBytes(envelope), this.#options.identity, payload])
  }

  #opened(envelope: Envelope, sealed: Bytes): { member: MemberId; payload: Bytes } | undefined {
    const decoded = decodeCbor(sealed, plainSeal, MAX_SIGNAL_BYTES)
    if (!decoded.ok) return undefined
    const [meant, identity, payload] = decoded.value
    const expected = envelopeBytes(envelope)
    if (meant.length !== expected.length) return undefined
    if (!meant.every((byte, at) => byte === expected[at])) return undefined
    return { member: memberOf(identity), payload: new Uint8Array(payload) }
  }
}

export function sha256(data: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(data).digest())
}

export function memberOf(identity: Bytes): MemberId {
  return memberIdOf(sha256(identity))
}

function signatureOf(key: Bytes): Bytes {
  const signature = new Uint8Array(SIGNATURE_BYTES)
  signature.set(key)
  return signature
}
