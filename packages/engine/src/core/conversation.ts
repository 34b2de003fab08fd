// What people say to each other over their links: text, typing, names. No history and no receipts: a
// link that never comes back takes what it held with it. The replicated log will take this file's place.
import { decodeTalkFrame, encodeBase64url, encodeTalkFrame } from '@knothole/wire'
import type { Bytes, MemberId, PeerId, RelayTalk, TalkFrame } from '@knothole/wire'
import type { PeopleTable, PersonRow } from './people-table.ts'
import type { FaultCode, Message } from './room-state.ts'

/** How long someone is shown as typing without further word from them. */
const TYPING_MS = 6_000

/** What came of a frame. */
export type Heard =
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'changed' }
  | { readonly type: 'left' }
  /** Not of the conversation: about relays. */
  | { readonly type: 'relay'; readonly frame: RelayTalk }
  /** Of the log. */
  | { readonly type: 'log'; readonly peer: PeerId; readonly data: Bytes }
  /** Nor this: about bringing others together. */
  | { readonly type: 'between'; readonly data: Bytes }
  | { readonly type: 'fault'; readonly code: FaultCode }
  | { readonly type: 'nothing' }

/** Something of ours to say. */
export interface Said {
  readonly id: Bytes
  readonly text: string
  readonly name: string
}

export class Conversation {
  readonly #people: PeopleTable

  constructor(people: PeopleTable) {
    this.#people = people
  }

  /** Says something to everyone who can hear it. `nowMs` is ms since 1970. */
  say(said: Said, me: MemberId, nowMs: number): Message {
    const { id, text, name } = said
    const atMs = Math.floor(nowMs)
    const heardBy = this.tell({ type: 'text', id, atMs, text }, nowMs)
    const sentTo = heardBy.filter((row) => !row.isMe).map((row) => row.name)
    return { id: encodeBase64url(id), author: me, name, text, atMs, mine: true, sentTo }
  }

  /** Sends a frame on every link that takes it; answers to whom. */
  tell(frame: TalkFrame, nowMs: number): PersonRow[] {
    const bytes = encodeTalkFrame(frame)
    const rows = this.#people.rows()
    // Who is typing is of no interest once a broken path is whole again.
    const isPassing = frame.type === 'typing'
    return rows.filter(
      ({ link }) => !(isPassing && link.status.state !== 'connected') && link.send(bytes, nowMs),
    )
  }

  /** Takes a frame from a link. */
  hear(row: PersonRow, bytes: Bytes, nowMs: number): Heard {
    const decoded = decodeTalkFrame(bytes)
    if (!decoded.ok) return { type: 'fault', code: 'frame-malformed' }
    return this.#understand(row, decoded.value, nowMs)
  }

  #understand(row: PersonRow, frame: TalkFrame, nowMs: number): Heard {
    switch (frame.type) {
      case 'text':
        row.typingUntilMs = undefined
        return { type: 'message', message: this.#message(row, frame) }
      case 'typing':
        row.typingUntilMs = frame.active ? nowMs + TYPING_MS : undefined
        return { type: 'changed' }
      case 'name':
        if (row.name === frame.name) return { type: 'nothing' }
        row.name = frame.name
        return { type: 'changed' }
      case 'bye':
        return { type: 'left' }
      case 'log':
        return { type: 'log', peer: row.peer, data: frame.data }
      case 'between':
        return frame
      default:
        return { type: 'relay', frame }
    }
  }

  #message(row: PersonRow, frame: TalkFrame & { type: 'text' }): Message {
    const { member: author, name } = row
    const { text, atMs } = frame
    const id = encodeBase64url(frame.id)
    return { id, author, name, text, atMs, mine: row.isMe, sentTo: [] }
  }
}
