// What is remembered of each peer of a partial mesh, linked or not: what failed, how far away it was, how
// many links it says it has, and until when it is left alone.
import type { PeerId } from '@knothole/wire'
import {
  ASK_WITHIN_MS,
  FIRST_RETRY_MS,
  LAST_RETRY_MS,
  MAX_STANDINGS,
  PARTED_MS,
  REFUSED_MS,
} from './limits.ts'
import { rememberKey } from '../recent-keys.ts'

export interface Standing {
  /** Attempts that failed and links that broke since the last that held. */
  failures: number
  /** Not asked before. */
  notBeforeMs: number
  /** When it was asked for a link, until that is answered. */
  askedMs: number | undefined
  /** When we parted. */
  partedMs: number | undefined
  /** How many links it has, as it said last. */
  links: number | undefined
  rttMs: number | undefined
  /** Whether there was a link before. */
  isMet: boolean
}

export class Standings {
  readonly #standings = new Map<PeerId, Standing>()
  readonly #asked = new Set<PeerId>()

  of(peer: PeerId): Standing {
    const known = this.#standings.get(peer)
    if (known !== undefined) return known
    const value: Standing = {
      failures: 0,
      notBeforeMs: 0,
      askedMs: undefined,
      partedMs: undefined,
      links: undefined,
      rttMs: undefined,
      isMet: false,
    }
    rememberKey(this.#standings, peer, { value, most: MAX_STANDINGS })
    return value
  }

  /** How many asks are unanswered. */
  get asks(): number {
    return this.#asked.size
  }

  isAsked(peer: PeerId): boolean {
    return this.#asked.has(peer)
  }

  asked(peer: PeerId, nowMs: number): void {
    this.of(peer).askedMs = nowMs
    this.#asked.add(peer)
  }

  /** They answered, one way or the other. */
  answered(peer: PeerId): void {
    this.of(peer).askedMs = undefined
    this.#asked.delete(peer)
  }

  refused(peer: PeerId, nowMs: number): void {
    this.answered(peer)
    this.of(peer).notBeforeMs = nowMs + REFUSED_MS
  }

  failed(peer: PeerId, nowMs: number): void {
    const standing = this.of(peer)
    const pauseMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** standing.failures)
    standing.failures += 1
    standing.notBeforeMs = nowMs + pauseMs
  }

  parted(peer: PeerId, nowMs: number): void {
    const standing = this.of(peer)
    standing.isMet = true
    standing.partedMs = nowMs
  }

  /** Whether we parted so lately that only need brings us together. */
  isParted(peer: PeerId, nowMs: number): boolean {
    const { partedMs } = this.of(peer)
    return partedMs !== undefined && nowMs - partedMs < PARTED_MS
  }

  /** Ends the asks that nobody answers. */
  expire(nowMs: number): void {
    for (const peer of this.#asked) {
      if (nowMs - (this.of(peer).askedMs ?? 0) < ASK_WITHIN_MS) continue
      this.answered(peer)
      this.failed(peer, nowMs)
    }
  }
}
