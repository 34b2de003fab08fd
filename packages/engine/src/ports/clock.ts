/** Time. One clock for timers and for display: ms since 1970 that never runs backwards. */
export interface Clock {
  nowMs(): number
  /** Calls once at `atMs` or later; the answer cancels. */
  schedule(atMs: number, call: () => void): () => void
}
