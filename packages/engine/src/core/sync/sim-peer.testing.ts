// A simulated person: a replica with a clock that may be wrong, a disk that takes its time, and signatures
// that cost a moment. Signs and verifies with hashes that stand for signatures, or with real ones.
import type { SeededRandom, VirtualClock } from '@knothole/testkit'
import { memberIdOf } from '@knothole/wire'
import type { Bytes, FeedId, FeedName, MemberId, PeerId } from '@knothole/wire'
import type { StoredRange } from '../../ports/index.ts'
import { sha256 } from '../log/index.ts'
import type { Entry } from '../log/index.ts'
import { Replica } from './replica.ts'
import type { ReplicaInput, ReplicaOutput, SyncFault } from './replica-io.ts'
import type { SimDisk } from './sim-disk.testing.ts'

/** Signatures, real or not. `done` is called at once or later. */
export interface SimSigner {
  sign(author: Bytes, message: Bytes, done: (signature: Bytes) => void): void
  verify(
    claim: { readonly author: Bytes; readonly message: Bytes; readonly signature: Bytes },
    done: (ok: boolean) => void,
  ): void
}

/** Hashes that stand for signatures: whoever knows the public key could forge one, and nobody here does. */
export const HASH_SIGNER: SimSigner = {
  sign: (author, message, done) => done(hashSignature(author, message)),
  verify: ({ author, message, signature }, done) => {
    const genuine = hashSignature(author, message)
    done(genuine.every((byte, at) => byte === signature[at]))
  },
}

export function hashSignature(author: Bytes, message: Bytes): Bytes {
  const signed = new Uint8Array(author.length + message.length)
  signed.set(author)
  signed.set(message, author.length)
  const half = sha256(signed)
  const signature = new Uint8Array(64)
  signature.set(half)
  signature.set(sha256(half), 32)
  return signature
}

/** A clock that is off, and runs too fast or too slow. */
export interface Skew {
  readonly offsetMs: number
  readonly drift: number
}

export interface SimPeerOptions {
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly logId: Bytes
  /** The identity. */
  readonly author: Bytes
  readonly peer: PeerId
  readonly nonce: Bytes
  readonly skew: Skew
  readonly disk: SimDisk | undefined
  /** How long the disk takes, at most. */
  readonly diskMs: number
  readonly signer: SimSigner
  readonly send: (to: PeerId, data: Bytes) => void
}

/** What happened at a peer, for whoever checks. */
export interface SimWatcher {
  admitted(peer: SimPeer, entries: readonly Entry[], how: 'admitted' | 'opened'): void
  cut(peer: SimPeer, feed: FeedId, at: number): void
  pruned(peer: SimPeer, range: StoredRange): void
  fault(peer: SimPeer, of: PeerId, code: SyncFault): void
  sent(peer: SimPeer, data: Bytes): void
  handled(peer: SimPeer): void
}

export class SimPeer {
  readonly options: SimPeerOptions
  readonly replica: Replica
  readonly member: MemberId
  readonly name: FeedName
  /** How far each feed is on the disk for good. */
  isAlive = true
  isRestored = false
  /** Entries that were written, by token. */
  written = 0
  #sequence = 1
  #cancelTimer: (() => void) | undefined
  #timerMs: number | undefined
  readonly #watcher: SimWatcher

  constructor(options: SimPeerOptions, watcher: SimWatcher) {
    this.options = options
    this.#watcher = watcher
    this.name = { author: options.author, nonce: options.nonce }
    this.member = memberIdOf(sha256(options.author))
    this.replica = new Replica({
      logId: options.logId,
      sha256,
      name: this.name,
      member: this.member,
      random: options.random.fork('replica').next,
    })
  }

  get peer(): PeerId {
    return this.options.peer
  }

  /** What its clock says. */
  nowMs(): number {
    const { clock, skew } = this.options
    return clock.startMs + skew.offsetMs + clock.elapsedMs() * (1 + skew.drift)
  }

  /** Opens the disk; until then it already listens. */
  start(): void {
    const { disk, diskMs, random } = this.options
    this.#after(disk === undefined ? 0 : random.between(0, diskMs), () => {
      this.isRestored = true
      this.give({ type: 'restored', stored: disk?.load() })
    })
  }

  write(bodies: readonly Bytes[]): void {
    const token = ++this.written
    this.give({ type: 'write', token, sequence: this.#sequence, bodies })
    this.#sequence += bodies.length
  }

  give(input: ReplicaInput): void {
    if (!this.isAlive) return
    this.replica.handle(input, this.nowMs())
    this.#drain()
  }

  /** Gone, with everything that was not on the disk. */
  crash(): void {
    this.isAlive = false
    this.#cancelTimer?.()
  }

  #drain(): void {
    for (let out = this.replica.poll(); out !== undefined; out = this.replica.poll()) this.#do(out)
    this.#watcher.handled(this)
    this.#schedule()
  }

  #do(out: ReplicaOutput): void {
    const { signer, random, author } = this.options
    switch (out.type) {
      case 'send':
        this.#watcher.sent(this, out.data)
        this.options.send(out.peer, out.data)
        return
      case 'sign':
        signer.sign(author, out.message, (signature) =>
          this.#after(random.between(0, 2), () =>
            this.give({ type: 'signed', id: out.id, signature }),
          ),
        )
        return
      case 'verify':
        signer.verify(out, (ok) =>
          this.#after(random.between(0, 2), () => this.give({ type: 'verified', id: out.id, ok })),
        )
        return
      case 'store':
        this.#store(out)
        return
      default:
        this.#tell(out)
    }
  }

  #store({ batch, writes }: Extract<ReplicaOutput, { type: 'store' }>): void {
    const { disk, random, diskMs } = this.options
    if (disk?.isLying === true)
      this.#after(0, () => this.give({ type: 'stored', batch, isDurable: true }))
    this.#after(random.between(0, diskMs), () => {
      const isDurable = disk?.write(writes) ?? false
      this.give({ type: 'stored', batch, isDurable })
    })
  }

  #tell(out: Exclude<ReplicaOutput, { type: 'send' | 'sign' | 'verify' | 'store' }>): void {
    if (out.type === 'admitted' || out.type === 'opened')
      this.#watcher.admitted(this, out.entries, out.type)
    else if (out.type === 'cut') this.#watcher.cut(this, out.feed, out.at)
    else if (out.type === 'pruned')
      for (const range of out.ranges) this.#watcher.pruned(this, range)
    else if (out.type === 'fault') this.#watcher.fault(this, out.peer, out.code)
  }

  #schedule(): void {
    const deadlineMs = this.replica.deadlineMs()
    if (deadlineMs === this.#timerMs) return
    this.#timerMs = deadlineMs
    this.#cancelTimer?.()
    if (deadlineMs === undefined) return
    const waitMs = Math.max(0, deadlineMs - this.nowMs()) / (1 + this.options.skew.drift)
    this.#cancelTimer = this.#after(waitMs, () => {
      this.#timerMs = undefined
      this.replica.tick(this.nowMs())
      this.#drain()
    })
  }

  /** Calls later, if it is still there then. */
  #after(ms: number, call: () => void): () => void {
    const { clock } = this.options
    return clock.schedule(clock.nowMs() + ms, () => {
      if (this.isAlive) call()
    })
  }
}
