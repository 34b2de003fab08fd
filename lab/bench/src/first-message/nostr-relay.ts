/**
 * The part of a nostr relay (NIP-01) that Trystero needs: EVENT, REQ by kinds and `#x`, CLOSE, OK,
 * EOSE. Events are passed on at once and not kept (NIP-01's ephemeral kinds are all it sends);
 * signatures are not checked, which favours the rival.
 */
import type { RawData, WebSocket } from 'ws'

interface NostrEvent {
  readonly id: string
  readonly kind: number
  readonly tags: readonly (readonly string[])[]
}

interface Filter {
  readonly kinds?: readonly number[]
  readonly '#x'?: readonly string[]
}

type ClientMessage =
  | readonly ['EVENT', NostrEvent]
  | readonly ['REQ', string, ...Filter[]]
  | readonly ['CLOSE', string]

/** A handler for a site's sockets, with one set of subscribers for all of them. */
export function relayNostr(): (socket: WebSocket) => void {
  const subscribers = new Map<WebSocket, Map<string, readonly Filter[]>>()

  const publish = (event: NostrEvent): void => {
    for (const [socket, subscriptions] of subscribers) {
      for (const [id, filters] of subscriptions) {
        if (filters.some((filter) => matches(filter, event))) say(socket, ['EVENT', id, event])
      }
    }
  }

  return (socket) => {
    const subscriptions = new Map<string, readonly Filter[]>()
    subscribers.set(socket, subscriptions)
    socket.on('close', () => subscribers.delete(socket))
    socket.on('message', (data) => {
      const message = parse(data)
      switch (message[0]) {
        case 'EVENT':
          say(socket, ['OK', message[1].id, true, ''])
          publish(message[1])
          return
        case 'REQ': {
          const [, id, ...filters] = message
          subscriptions.set(id, filters)
          say(socket, ['EOSE', id])
          return
        }
        case 'CLOSE':
          subscriptions.delete(message[1])
      }
    })
  }
}

function matches(filter: Filter, event: NostrEvent): boolean {
  if (filter.kinds !== undefined && !filter.kinds.includes(event.kind)) return false
  const topics = filter['#x']
  if (topics === undefined) return true
  return event.tags.some(([name, value]) => name === 'x' && topics.includes(value ?? ''))
}

function say(socket: WebSocket, message: readonly unknown[]): void {
  socket.send(JSON.stringify(message))
}

/** Its only client is Trystero in a page of ours, so the shape is taken on trust; `ws` gives Buffers. */
function parse(data: RawData): ClientMessage {
  return JSON.parse((data as Buffer).toString()) as ClientMessage
}
