// Tells when this computer's network may be another: it came back, or the browser names another kind.

/** Calls at every change; the answer stops it. */
export function watchNetwork(call: () => void): () => void {
  const watching = new AbortController()
  const { signal } = watching
  globalThis.addEventListener('online', call, { signal })
  // Network Information, which Firefox and Safari lack: there, silence on the links has to tell.
  const { connection } = navigator as { readonly connection?: EventTarget }
  connection?.addEventListener('change', call, { signal })
  return () => watching.abort()
}
