import type { Clock } from '../ports/index.ts'

/** The page's clock: `performance`, which never runs backwards, and `setTimeout`. */
export const browserClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  schedule(atMs, call) {
    const timer = setTimeout(call, Math.max(0, atMs - browserClock.nowMs()))
    return () => clearTimeout(timer)
  },
}
