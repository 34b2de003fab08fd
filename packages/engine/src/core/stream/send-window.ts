// How many bytes of bulk may be in flight: little at first, for a browser's connection stalls when it is
// overrun, then twice what the path carries in a round trip. Less where segments get lost. The round trip
// must be the path's own: that of a segment holds its wait in a full window, and would widen it for ever.

/** Bounds of a window, by the kind of path. */
export interface WindowBounds {
  readonly startBytes: number
  readonly maxBytes: number
}

/** A path of its own: above 256 KiB Chromium overruns its own send queue in slow start and stalls for seconds. */
export const DIRECT_WINDOW: WindowBounds = { startBytes: 256 * 1024, maxBytes: 4 * 1024 * 1024 }

/** A path through others' hands: they keep little, and throw away the rest. */
export const RELAYED_WINDOW: WindowBounds = { startBytes: 48 * 1024, maxBytes: 256 * 1024 }

/** A window never gets smaller than two segments. */
const MIN_BYTES = 32 * 1024

/** How long the bytes are counted for one reading of the rate, at least: in less a burst looks like a fast path. */
const READING_MS = 100

/** Growth of a window that has met loss, in each reading. */
const CAREFUL_STEP_BYTES = 4 * 1024

export class SendWindow {
  #bounds = DIRECT_WINDOW
  #bytes = DIRECT_WINDOW.startBytes
  #leastRttMs = Infinity
  #readingMs = 0
  #readBytes = 0
  #hasLost = false
  #shrunkMs = 0

  /** Bytes that may be in flight. */
  get bytes(): number {
    return this.#bytes
  }

  /** Another path: nothing is known of it. */
  reset(bounds: WindowBounds, nowMs: number): void {
    this.#bounds = bounds
    this.#bytes = bounds.startBytes
    this.#leastRttMs = Infinity
    this.#hasLost = false
    this.#readingMs = nowMs
    this.#readBytes = 0
  }

  /** How long the path itself takes there and back. */
  measured(rttMs: number): void {
    this.#leastRttMs = Math.max(1, rttMs)
  }

  /** Bytes arrived; `rttMs` is that of their segment, where nothing measures the path. */
  arrived(bytes: number, rttMs: number | undefined, nowMs: number): void {
    if (rttMs !== undefined) this.#leastRttMs = Math.min(this.#leastRttMs, Math.max(1, rttMs))
    this.#readBytes += bytes
    const passedMs = nowMs - this.#readingMs
    if (this.#leastRttMs === Infinity || passedMs < Math.max(READING_MS, this.#leastRttMs)) return
    const carried = (this.#readBytes / passedMs) * this.#leastRttMs
    this.#readingMs = nowMs
    this.#readBytes = 0
    const { startBytes, maxBytes } = this.#bounds
    const wanted = this.#hasLost
      ? Math.max(this.#bytes, Math.min(2 * carried, this.#bytes + CAREFUL_STEP_BYTES))
      : Math.max(startBytes, this.#bytes / 2, 2 * carried)
    this.#bytes = Math.min(maxBytes, wanted)
  }

  /** Segments were lost: half, once in a round trip. */
  lost(nowMs: number): void {
    const rttMs = this.#leastRttMs === Infinity ? READING_MS : this.#leastRttMs
    if (this.#hasLost && nowMs - this.#shrunkMs < rttMs) return
    this.#hasLost = true
    this.#shrunkMs = nowMs
    this.#bytes = Math.max(MIN_BYTES, this.#bytes / 2)
  }
}
