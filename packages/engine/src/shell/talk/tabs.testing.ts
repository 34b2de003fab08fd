// Channels between windows, for tests: what one posts, all others of its name hear in a later step.
import type { OpenTabChannel } from '../../ports/index.ts'

export function tabChannels(): OpenTabChannel {
  const all = new Set<{ name: string; hear: (message: unknown) => void }>()
  return (name, onMessage) => {
    const own = { name, hear: onMessage }
    all.add(own)
    return {
      post: (message) => {
        for (const other of all) {
          if (other === own || other.name !== name) continue
          void Promise.resolve().then(() => (all.has(other) ? other.hear(message) : undefined))
        }
      },
      close: () => void all.delete(own),
    }
  }
}
