// Notices when a mesh is in parts: the peer with the least id, the root, beats, and every beat goes from
// neighbour to neighbour. Whoever hears of no lesser id than its own is the root of its part; when it knows
// people with lesser ids, there is another part, and it alone has to reach for it (after the root election
// of spanning trees, IEEE 802.1D).
import type { MeshFrame, PeerId } from '@knothole/wire'
import {
  BEAT_EVERY_MS,
  ISLAND_AFTER_MS,
  ISLAND_EVERY_MS,
  MAX_RANK_WAIT_MS,
  RANK_WAIT_MS,
  ROOT_LOST_MS,
} from './limits.ts'

type Beat = MeshFrame & { type: 'beat' }

export interface MeshRootHost {
  readonly me: PeerId
  /** People here with lesser ids than ours. */
  lesser(): readonly PeerId[]
  isKnown(peer: PeerId): boolean
  /** Tells all neighbours, also the one it came from: it learns how many links we have. */
  tell(beat: Omit<Beat, 'links'>, nowMs: number): void
  /** Another part of the mesh was met: a root that was ours gave way to another. */
  met(nowMs: number): void
}

export class MeshRoot {
  readonly #host: MeshRootHost
  #root: { peer: PeerId; number: number; heardMs: number } | undefined
  #number = 0
  #isBeating = false
  #beatAtMs: number
  #aloneSinceMs: number
  #reachAtMs = 0

  constructor(host: MeshRootHost, nowMs: number) {
    this.#host = host
    this.#aloneSinceMs = nowMs
    this.#beatAtMs = nowMs + this.#rankWaitMs()
  }

  /** Whoever is the root of our part as far as we know. */
  get root(): PeerId {
    return this.#root?.peer ?? this.#host.me
  }

  /** A neighbour is new: it learns the root we know. */
  greeting(): Omit<Beat, 'links'> | undefined {
    if (this.#root !== undefined)
      return { type: 'beat', root: this.#root.peer, number: this.#root.number }
    return this.#isBeating ? { type: 'beat', root: this.#host.me, number: this.#number } : undefined
  }

  heard({ root, number }: Beat, nowMs: number): void {
    if (!this.#isNews(root, number)) return
    const { me } = this.#host
    const before = this.root
    const gaveWay = before !== root && (before !== me || this.#isBeating)
    this.#root = { peer: root, number, heardMs: nowMs }
    this.#isBeating = false
    this.#host.tell({ type: 'beat', root, number }, nowMs)
    if (gaveWay && (before === me || this.#host.isKnown(before))) this.#host.met(nowMs)
  }

  /** Whether a beat is of a lesser root than ours, or a later one of the same. */
  #isNews(root: PeerId, number: number): boolean {
    const known = this.#root
    if (root >= this.#host.me || !this.#host.isKnown(root)) return false
    if (known === undefined || root < known.peer) return true
    return root === known.peer && number > known.number
  }

  tick(nowMs: number): void {
    if (this.#root !== undefined && nowMs - this.#root.heardMs >= ROOT_LOST_MS) {
      this.#root = undefined
      this.#aloneSinceMs = nowMs
      this.#beatAtMs = nowMs + this.#rankWaitMs()
    }
    if (this.#root !== undefined || this.#beatAtMs > nowMs) return
    this.#isBeating = true
    this.#beatAtMs = nowMs + BEAT_EVERY_MS
    this.#number += 1
    const beat = { type: 'beat', root: this.#host.me, number: this.#number } as const
    this.#host.tell(beat, nowMs)
  }

  /** Somebody of another part who is to be reached now, among those with lesser ids. */
  toReach(nowMs: number, random: () => number): PeerId | undefined {
    const isDue = this.#root === undefined && this.#reachAtMs <= nowMs
    if (!isDue || nowMs - this.#aloneSinceMs < ISLAND_AFTER_MS) return undefined
    this.#reachAtMs = nowMs + ISLAND_EVERY_MS
    const lesser = this.#host.lesser()
    return lesser[Math.floor(random() * lesser.length)]
  }

  #rankWaitMs(): number {
    return Math.min(MAX_RANK_WAIT_MS, this.#host.lesser().length * RANK_WAIT_MS)
  }
}
