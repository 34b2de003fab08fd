// Windows of one browser, by BroadcastChannel (HTML, section 9.6): no network and no server in between.
import type { OpenTabChannel } from '../ports/index.ts'

export const openTabChannel: OpenTabChannel = (name, onMessage) => {
  const channel = new BroadcastChannel(name)
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => onMessage(data))
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- reason: not a window, it takes no origin
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  }
}
