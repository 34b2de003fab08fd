// What a page of the system test of invitations does, in a browser.
import { createRoom, joinRoom } from '@knothole/engine/browser'
import type { PaperFault, PaperInvite, Room } from '@knothole/engine/browser'

export interface PaperPage {
  create(origin: string): Promise<string>
  join(link: string, name: string): Promise<void>
  /** Writes an invitation; answers its text. */
  invite(): Promise<string>
  answer(text: string): Promise<string>
  accept(text: string): Promise<PaperFault | 'accepted'>
  withdraw(): void
  say(text: string): void
  /** Texts of others. */
  heard(): readonly string[]
  /** Names of those we are linked with. */
  linked(): readonly string[]
  server(): string | undefined
  close(): Promise<void>
}

let room: Room | undefined
let invitation: PaperInvite | undefined
const heard: string[] = []

function enter(entered: Room): void {
  room = entered
  entered.on('message', ({ mine, text }) => {
    if (!mine && !heard.includes(text)) heard.push(text)
  })
}

const page: PaperPage = {
  async create(origin) {
    enter(await createRoom({ origin, stunUrls: [], name: 'Alice' }))
    return room?.state.link ?? ''
  },
  async join(link, name) {
    enter(await joinRoom(link, { stunUrls: [], name }))
  },
  async invite() {
    invitation = await room?.paper.invite()
    return invitation?.text ?? ''
  },
  async answer(text) {
    const answered = await room?.paper.answer(text)
    return typeof answered === 'object' ? answered.text : (answered ?? '')
  },
  accept: async (text) => (await invitation?.accept(text)) ?? 'accepted',
  withdraw: () => invitation?.cancel(),
  say: (text) => void room?.say(text),
  heard: () => heard,
  linked: () =>
    (room?.state.people ?? [])
      .filter(({ link }) => link.state === 'connected')
      .map(({ name }) => name)
      .toSorted(),
  server: () => room?.state.rendezvous.state,
  async close() {
    await room?.close()
  },
}

Object.assign(globalThis, { paperPage: page })
