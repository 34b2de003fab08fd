// The server's time: ms since 1970, from the monotonic clock. Set back or forward, the wall clock
// would end every lease at once or none.

export function nowMs(): number {
  return Math.floor(performance.timeOrigin + performance.now())
}
