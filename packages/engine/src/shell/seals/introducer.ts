// The cryptographic half of an introduction: joins, cards and signals, sealed and opened in the order
// they are asked for.
import {
  decodeCard,
  decodeSignal,
  encodeCard,
  encodeSignal,
  joinBytes,
  PROTOCOL_VERSION,
} from '@knothole/wire'
import type { Bytes, Card, JoinFrame, MemberId, PeerId, RoomId, Signal } from '@knothole/wire'
import type { RandomBytes, Subtle } from '../../ports/index.ts'
import type { SessionInput } from '../../core/index.ts'
import type { RelayKey } from './relay-key.ts'
import type { RoomKeys } from './room-keys.ts'
import { Sealer } from './sealer.ts'
import type { Opened } from './sealer.ts'
import type { SigningKey } from './signing-key.ts'

/** Who we are and the keys that prove it. */
export interface Credentials {
  readonly peer: PeerId
  readonly member: MemberId
  readonly keys: RoomKeys
  readonly identity: SigningKey
  readonly session: SigningKey
  /** For relayed packets; none where the platform has no X25519. */
  readonly relay?: RelayKey | undefined
}

export interface IntroducerOptions extends Credentials {
  readonly room: RoomId
}

/** A first offer is the first signal of its sender. */
const FIRST = { sequence: 0, attempt: 1 }

export class Introducer {
  readonly #options: IntroducerOptions
  readonly #subtle: Subtle
  readonly #sealer: Sealer

  constructor(options: IntroducerOptions, crypto: { subtle: Subtle; randomBytes: RandomBytes }) {
    this.#options = options
    this.#subtle = crypto.subtle
    this.#sealer = new Sealer(crypto, options.keys.introduction)
  }

  /**
   * The join that answers a challenge. `offerSdp` goes to whichever member the rendezvous picks; `room`
   * is the id of the room there, where it is not that of the link.
   */
  async join(
    nonce: Bytes,
    card: Card,
    {
      offerSdp,
      room = this.#options.room,
    }: { offerSdp?: string | undefined; room?: RoomId | undefined } = {},
  ): Promise<JoinFrame> {
    const { keys, session } = this.#options
    const [sealedCard, offer] = await Promise.all([
      this.sealCard(card),
      offerSdp === undefined ? undefined : this.#sealFirstOffer(offerSdp),
    ])
    const transcript = joinBytes({
      room,
      nonce,
      session: session.publicKey,
      card: sealedCard,
      offer,
    })
    const [admission, proof] = await Promise.all([
      this.#subtle.sign('Ed25519', keys.admission.privateKey, transcript),
      session.sign(transcript),
    ])
    return {
      type: 'join',
      version: PROTOCOL_VERSION,
      session: session.publicKey,
      card: sealedCard,
      offer,
      hidden: card.hidden === true ? true : undefined,
      admission: new Uint8Array(admission),
      proof,
    }
  }

  sealCard(card: Card): Promise<Bytes> {
    const { room, peer, identity, relay } = this.#options
    const payload = encodeCard({ ...card, relayKey: relay?.publicKey })
    return this.#sealer.seal({ purpose: 'card', room, from: peer }, payload, identity)
  }

  sealSignal(to: PeerId, signal: Signal): Promise<Bytes> {
    const { room, peer, identity } = this.#options
    return this.#sealer.seal(
      { purpose: 'signal', room, from: peer, to },
      encodeSignal(signal),
      identity,
    )
  }

  async openCard(peer: PeerId, sealed: Bytes): Promise<SessionInput> {
    const { room } = this.#options
    const opened = await this.#sealer.open({ purpose: 'card', room, from: peer }, sealed)
    const card = opened === undefined ? undefined : decodeCard(opened.payload)
    if (opened === undefined || card?.ok !== true) return { type: 'card-refused', peer }
    return { type: 'card-opened', peer, member: opened.member, card: card.value }
  }

  async openSignal(from: PeerId, sealed: Bytes, toAnyone: boolean): Promise<SessionInput> {
    const { room, peer } = this.#options
    const to = toAnyone ? undefined : peer
    const opened = await this.#sealer.open({ purpose: 'signal', room, from, to }, sealed)
    const signal = opened === undefined ? undefined : decodeSignal(opened.payload)
    if (opened === undefined || signal?.ok !== true) return { type: 'signal-refused', peer: from }
    return { type: 'signal-opened', peer: from, member: opened.member, signal: signal.value }
  }

  /** Our half of the keys of relayed packets. */
  get relayKey(): Bytes | undefined {
    return this.#options.relay?.publicKey
  }

  /** Seals what people carry: for one peer, or for whoever is given it. */
  sealPaper(payload: Bytes, to: PeerId | undefined): Promise<Bytes> {
    const { room, peer, identity } = this.#options
    return this.#sealer.seal({ purpose: 'paper', room, from: peer, to }, payload, identity)
  }

  openPaper(from: PeerId, sealed: Bytes, to: PeerId | undefined): Promise<Opened | undefined> {
    const { room } = this.#options
    return this.#sealer.open({ purpose: 'paper', room, from, to }, sealed)
  }

  #sealFirstOffer(sdp: string): Promise<Bytes> {
    const { room, peer, identity } = this.#options
    const offer = encodeSignal({ type: 'offer', sdp, fresh: true, ...FIRST })
    return this.#sealer.seal({ purpose: 'signal', room, from: peer }, offer, identity)
  }
}
