// What a page of the system test of links does, in a browser: joins a room, talks, transfers bytes, and
// can be cut off from all paths of its own.
import { createRoom, joinRoom } from '@knothole/engine/browser'
import type { Room } from '@knothole/engine/browser'

export interface Received {
  readonly texts: number
  readonly textsInOrder: boolean
  readonly bytes: number
  readonly bytesInOrder: boolean
  readonly isWhole: boolean
}

export interface LinkPage {
  create(origin: string): Promise<string>
  join(link: string): Promise<void>
  /** Whether new connections find any path. */
  cut(isCut: boolean): void
  /** How the link to the other one is doing. */
  link(): { state: string; path: string | undefined; rttMs: number | undefined } | undefined
  /** Says numbered texts, so many each time. */
  say(count: number, each: number): Promise<void>
  /** Sends numbered bytes; answers the time it took, in ms, or -1 when it was cut short. */
  transfer(bytes: number): Promise<number>
  received(): Received
  close(): Promise<void>
}

let room: Room | undefined
let isCut = false
const received = { texts: 0, textsInOrder: true, bytes: 0, bytesInOrder: true, isWhole: false }

const Original = globalThis.RTCPeerConnection

/** Without relays, a connection over relays only finds no path. */
class CutConnection extends Original {
  constructor(configuration?: RTCConfiguration) {
    super(isCut ? { ...configuration, iceTransportPolicy: 'relay' } : configuration)
  }
}

function enter(entered: Room): void {
  room = entered
  entered.on('message', ({ mine, text }) => {
    if (mine) return
    received.textsInOrder &&= text === `text ${received.texts}`
    received.texts += 1
  })
  entered.on('bytes', (incoming) => void take(incoming))
}

async function take(incoming: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of incoming) {
    for (let at = 0; at < chunk.length; at += 997)
      received.bytesInOrder &&= chunk[at] === byteAt(received.bytes + at)
    received.bytes += chunk.length
  }
  received.isWhole = true
}

function byteAt(at: number): number {
  return (at * 31 + (at >> 8) * 17 + (at >> 16)) & 255
}

function* chunksOf(bytes: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes; at += 262_144) {
    const from = at
    const length = Math.min(262_144, bytes - from)
    yield Uint8Array.from({ length }, (_, index) => byteAt(from + index))
  }
}

async function* source(bytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* chunksOf(bytes)
}

const page: LinkPage = {
  async create(origin) {
    globalThis.RTCPeerConnection = CutConnection
    enter(await createRoom({ origin, stunUrls: [], name: 'Alice' }))
    return room?.state.link ?? ''
  },
  async join(link) {
    globalThis.RTCPeerConnection = CutConnection
    enter(await joinRoom(link, { stunUrls: [], name: 'Bob' }))
  },
  cut(cut) {
    isCut = cut
    globalThis.dispatchEvent(new Event('online'))
  },
  link() {
    const { state, path, rttMs } = room?.state.people[0]?.link ?? {}
    return state === undefined ? undefined : { state, path, rttMs }
  },
  async say(count, each) {
    for (let number = 0; number < count; number++) {
      room?.say(`text ${number}`)
      if (number % each === each - 1) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  },
  async transfer(bytes) {
    const peer = room?.state.people[0]?.peer
    if (room === undefined || peer === undefined) return -1
    const startMs = performance.now()
    const isWhole = await room.sendBytes(peer, source(bytes), 'numbers')
    return isWhole ? performance.now() - startMs : -1
  },
  received: () => ({ ...received }),
  async close() {
    await room?.close()
  },
}

Object.assign(globalThis, { linkPage: page })
