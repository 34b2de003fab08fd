// What passes between people and is not kept: who types, by what name they go, that they leave. What they
// say is the log's, whose frames this file hands on unread.
import { decodeTalkFrame, encodeTalkFrame } from '@knothole/wire'
import type { Bytes, PeerId, RelayTalk, TalkFrame } from '@knothole/wire'
import type { PeopleTable, PersonRow } from './people-table.ts'
import type { FaultCode } from '../room-state.ts'

/** How long someone is shown as typing without further word from them. */
const TYPING_MS = 6_000

/** What came of a frame. */
export type Heard =
  | { readonly type: 'changed' }
  | { readonly type: 'left' }
  /** Not of the conversation: about relays. */
  | { readonly type: 'relay'; readonly frame: RelayTalk }
  /** Of the log. */
  | { readonly type: 'log'; readonly peer: PeerId; readonly data: Bytes }
  /** Nor this: about bringing others together. */
  | { readonly type: 'between'; readonly data: Bytes }
  /** Nor this: about the mesh of a large room. */
  | { readonly type: 'mesh'; readonly data: Bytes }
  | { readonly type: 'fault'; readonly code: FaultCode }
  | { readonly type: 'nothing' }

export class Conversation {
  readonly #people: PeopleTable

  constructor(people: PeopleTable) {
    this.#people = people
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
    // The log has limits of its own for what its frames ask.
    if (decoded.value.type === 'log' || row.attention.take(nowMs))
      return this.#understand(row, decoded.value, nowMs)
    if (row.flooded) return { type: 'nothing' }
    row.flooded = true
    return { type: 'fault', code: 'frame-flood' }
  }

  #understand(row: PersonRow, frame: TalkFrame, nowMs: number): Heard {
    switch (frame.type) {
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
      case 'mesh':
        return frame
      default:
        return { type: 'relay', frame }
    }
  }
}
