// The replica of Knothole's engine: sealed entries in signed feeds. Signatures are made and checked by Web
// Cryptography, as in the product; the store says at once that it keeps what it is given.
import type { Subtle } from '@knothole/engine'
import { BodySeals, ProofChecks, Replica, sha256 } from '@knothole/engine/log'
import type { ReplicaInput, ReplicaOutput } from '@knothole/engine/log'
import { encodeEntryBody, feedIdOf, feedNameBytes, memberIdOf, peerIdOf } from '@knothole/wire'
import type { Bytes, FeedId, FeedName } from '@knothole/wire'
import type { OpenSide, Side } from './side.ts'

const LOG_ID = new Uint8Array(16)
/** The one on the other side, as this side names it. */
const OTHER = new Uint8Array(32).fill(7)
/** Messages written at once: what one signature vouches for. */
const BATCH = 256

// The engine's view of Web Cryptography is narrower than the platform's types.
const subtle = crypto.subtle as unknown as Subtle

const randomBytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length))
const nowMs = (): number => performance.timeOrigin + performance.now()

export const openSide: OpenSide = (send) => new KnotholeSide(send)

class KnotholeSide implements Side {
  readonly #send: (bytes: Uint8Array) => void
  readonly #checks = new ProofChecks(subtle)
  readonly #identified: Promise<void>
  #sign: ((message: Bytes) => Promise<Bytes>) | undefined
  #replica: Replica | undefined
  #feed: FeedId | undefined
  #count = 0
  #written = (): void => undefined
  readonly #early: Bytes[] = []
  #isTicking = false

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send
    this.#identified = this.#identify()
  }

  async fill(texts: readonly string[]): Promise<void> {
    await this.#identified
    const key = await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ])
    const seals = new BodySeals({ subtle, randomBytes }, key)
    for (let at = 0; at < texts.length && this.#feed !== undefined; at += BATCH) {
      const plain = texts
        .slice(at, at + BATCH)
        .map((text) => encodeEntryBody({ type: 'text', text }))
      const bodies = await seals.seal(this.#feed, plain)
      const written = new Promise<void>((resolve) => {
        this.#written = resolve
      })
      this.#give({ type: 'write', token: at, sequence: at + 1, bodies })
      await written
    }
  }

  start(): void {
    void this.#meet()
  }

  receive(data: Uint8Array<ArrayBuffer>): void {
    if (this.#replica === undefined) this.#early.push(data)
    else this.#give({ type: 'frame', peer: peerIdOf(OTHER), data })
  }

  count(): number {
    return this.#count
  }

  async #meet(): Promise<void> {
    await this.#identified
    this.#give({ type: 'link-up', peer: peerIdOf(OTHER), member: memberIdOf(OTHER) })
    for (const data of this.#early.splice(0)) this.receive(data)
  }

  async #identify(): Promise<void> {
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    if (!('privateKey' in pair)) throw new Error('no pair of keys')
    const author = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
    this.#sign = async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message))
    const name: FeedName = { author, nonce: randomBytes(8) }
    this.#feed = feedIdOf(sha256(feedNameBytes(LOG_ID, name)))
    const member = memberIdOf(sha256(author))
    this.#replica = new Replica({ logId: LOG_ID, sha256, name, member, random: Math.random })
    this.#give({ type: 'restored', stored: undefined })
  }

  #give(input: ReplicaInput): void {
    this.#replica?.handle(input, nowMs())
    this.#drain()
  }

  #drain(): void {
    const replica = this.#replica
    for (let out = replica?.poll(); out !== undefined; out = replica?.poll()) this.#perform(out)
    this.#tickLater()
  }

  #perform(out: ReplicaOutput): void {
    switch (out.type) {
      case 'send':
        this.#send(out.data)
        return
      case 'sign':
        void this.#sign?.(out.message).then((signature) =>
          this.#give({ type: 'signed', id: out.id, signature }),
        )
        return
      case 'verify':
        void this.#checks
          .verify(out.author, out.signature, out.message)
          .then((ok) => this.#give({ type: 'verified', id: out.id, ok }))
        return
      case 'store':
        queueMicrotask(() => this.#give({ type: 'stored', batch: out.batch, isDurable: true }))
        return
      case 'admitted':
        this.#count += out.entries.length
        return
      case 'written':
        this.#written()
        return
      default:
    }
  }

  #tickLater(): void {
    const deadlineMs = this.#replica?.deadlineMs()
    if (deadlineMs === undefined || this.#isTicking) return
    this.#isTicking = true
    setTimeout(
      () => {
        this.#isTicking = false
        this.#replica?.tick(nowMs())
        this.#drain()
      },
      Math.max(0, deadlineMs - nowMs()),
    )
  }
}
