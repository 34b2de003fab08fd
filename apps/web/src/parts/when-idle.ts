/** Calls once the browser has nothing more urgent to do, within `timeoutMs`; the answer cancels. */
export function whenIdle(call: () => void, timeoutMs: number): () => void {
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(call)
    return () => clearTimeout(timer)
  }
  const idle = requestIdleCallback(call, { timeout: timeoutMs })
  return () => cancelIdleCallback(idle)
}
