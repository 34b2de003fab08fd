// What a page of the system test of large rooms does, in a browser: joins a room, says something, and tells
// what it reads and whom it sees.
import { createRoom, joinRoom } from '@knothole/engine/browser'
import type { Room } from '@knothole/engine/browser'

export interface RoomPage {
  create(origin: string, name: string): Promise<string>
  join(link: string, name: string): Promise<void>
  say(text: string): void
  /** What it has read, ours too, in the order it came. */
  texts(): string[]
  /** Whom it sees, and by what kind of link. */
  people(): { name: string; state: string; path: string | undefined }[]
  close(): Promise<void>
}

let room: Room | undefined
const texts = new Map<string, string>()

function enter(entered: Room): void {
  room = entered
  entered.on('message', ({ id, text }) => void texts.set(id, text))
}

const page: RoomPage = {
  async create(origin, name) {
    enter(await createRoom({ origin, stunUrls: [], name }))
    return room?.state.link ?? ''
  },
  async join(link, name) {
    enter(await joinRoom(link, { stunUrls: [], name }))
  },
  say: (text) => void room?.say(text),
  texts: () => [...texts.values()],
  people: () =>
    (room?.state.people ?? []).map(({ name, link: { state, path } }) => ({ name, state, path })),
  async close() {
    await room?.close()
  },
}

Object.assign(globalThis, { roomPage: page })
