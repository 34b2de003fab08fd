// Seals packets that go through others' hands, and opens those that came: one AES-256-GCM key a
// direction, from the two pages' relay keys; a counter for the nonce; each counter opened once.
import { relayBytes } from '@knothole/wire'
import type { Bytes, PeerId, RoomId } from '@knothole/wire'
import { ReplayWindow } from '../../core/people/replay-window.ts'
import type { Key, Subtle } from '../../ports/index.ts'
import type { RelayKey } from './relay-key.ts'

const COUNTER_BYTES = 8
const NONCE_BYTES = 12
const KEY_BITS = 256

/** Relays may reorder: as many packets as a window of small ones has in flight. */
const REPLAY_WIDTH = 2_048

/** Peers that one page is ever relayed with: their counters must never be forgotten, or nonces would come again. */
const MAX_PEERS = 4_096

/** What one page shares with one other. */
interface Pairing {
  readonly sealing: Promise<Key>
  readonly opening: Promise<Key>
  readonly window: ReplayWindow
  counter: number
}

export interface RelaySealerOptions {
  readonly room: RoomId
  readonly peer: PeerId
  readonly key: RelayKey
}

export class RelaySealer {
  readonly #subtle: Subtle
  readonly #options: RelaySealerOptions
  readonly #pairings = new Map<string, Pairing>()

  constructor(subtle: Subtle, options: RelaySealerOptions) {
    this.#subtle = subtle
    this.#options = options
  }

  /** Counter, then ciphertext and tag; undefined when the other's key is none. */
  async seal(peer: PeerId, key: Bytes, plain: Bytes): Promise<Bytes | undefined> {
    const pairing = this.#pairingWith(peer, key)
    if (pairing === undefined) return undefined
    const counter = ++pairing.counter
    try {
      const algorithm = { name: 'AES-GCM', iv: nonceOf(counter) }
      const ciphertext = await this.#subtle.encrypt(algorithm, await pairing.sealing, plain)
      const sealed = new Uint8Array(COUNTER_BYTES + ciphertext.byteLength)
      sealed.set(nonceOf(counter).subarray(NONCE_BYTES - COUNTER_BYTES))
      sealed.set(new Uint8Array(ciphertext), COUNTER_BYTES)
      return sealed
    } catch {
      // reason: a key of small order gives no secret (RFC 7748, section 6.1); its owner is not relayed.
      return undefined
    }
  }

  /** The packet; undefined when it was not sealed by this peer for us, or was opened before. */
  async open(peer: PeerId, key: Bytes, sealed: Bytes): Promise<Bytes | undefined> {
    const pairing = this.#pairingWith(peer, key)
    if (pairing === undefined || sealed.length < COUNTER_BYTES) return undefined
    const counter = Number(new DataView(sealed.buffer, sealed.byteOffset).getBigUint64(0))
    if (!Number.isSafeInteger(counter)) return undefined
    try {
      const algorithm = { name: 'AES-GCM', iv: nonceOf(counter) }
      const ciphertext = sealed.slice(COUNTER_BYTES)
      const plain = await this.#subtle.decrypt(algorithm, await pairing.opening, ciphertext)
      return pairing.window.accept(counter) ? new Uint8Array(plain) : undefined
    } catch {
      // reason: Web Cryptography reports a forged ciphertext by throwing.
      return undefined
    }
  }

  #pairingWith(peer: PeerId, key: Bytes): Pairing | undefined {
    const name = `${peer} ${key.join()}`
    const known = this.#pairings.get(name)
    if (known !== undefined || this.#pairings.size >= MAX_PEERS) return known
    const { room, peer: me, key: own } = this.#options
    const secret = this.#secretWith(key)
    const derive = async (info: Bytes, usage: string): Promise<Key> => {
      const root = await this.#subtle.importKey('raw', await secret, 'HKDF', false, ['deriveBits'])
      const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
      const bits = new Uint8Array(await this.#subtle.deriveBits(algorithm, root, KEY_BITS))
      return this.#subtle.importKey('raw', bits, 'AES-GCM', false, [usage])
    }
    const mine = { room, from: me, to: peer, fromKey: own.publicKey, toKey: key }
    const theirs = { room, from: peer, to: me, fromKey: key, toKey: own.publicKey }
    const sealing = derive(relayBytes(mine), 'encrypt')
    const opening = derive(relayBytes(theirs), 'decrypt')
    // Whoever awaits them meets the error; nobody may.
    for (const promise of [sealing, opening]) promise.catch(() => undefined)
    const pairing = { sealing, opening, window: new ReplayWindow(REPLAY_WIDTH), counter: 0 }
    this.#pairings.set(name, pairing)
    return pairing
  }

  async #secretWith(key: Bytes): Promise<Bytes> {
    const theirs = await this.#subtle.importKey('raw', key, 'X25519', true, [])
    const algorithm = { name: 'X25519', public: theirs }
    const { privateKey } = this.#options.key
    return new Uint8Array(await this.#subtle.deriveBits(algorithm, privateKey, KEY_BITS))
  }
}

function nonceOf(counter: number): Bytes {
  const nonce = new Uint8Array(NONCE_BYTES)
  new DataView(nonce.buffer).setBigUint64(NONCE_BYTES - COUNTER_BYTES, BigInt(counter))
  return nonce
}
