// The seam to the talk, whose code is loaded beside the join: what goes in, and the place that keeps what is
// said and heard until the code is there. Counts our entries, so that each has its name when it is said.
import { encodeTalkFrame } from '@knothole/wire'
import type { Bytes, EntryBody, MemberId, PeerId } from '@knothole/wire'
import type { PeopleTable } from './people-table.ts'
import type { FaultCode, Person } from '../room-state.ts'
import type { Me, SessionOutput } from '../session-io.ts'
import type { TalkEffect, TalkResult } from '../talk/talk-io.ts'

export type TalkInput =
  /** Say this, as our entry of this number. `atMs` is when it was said. */
  | {
      readonly type: 'write'
      readonly sequence: number
      readonly body: EntryBody
      readonly atMs: number
    }
  /** We have read everything up to this entry. */
  | { readonly type: 'read'; readonly id: string }
  /** We are about to leave on purpose: tell those who come later. */
  | { readonly type: 'leave' }
  /** Open older entries. */
  | { readonly type: 'earlier' }
  | { readonly type: 'link-up' | 'link-down'; readonly peer: PeerId }
  | { readonly type: 'frame'; readonly peer: PeerId; readonly data: Bytes }
  /** Who is here, by what name, or how the room is meshed may be different. */
  | { readonly type: 'people' }
  | TalkResult

/** What the seat is told beside that. */
export type SeatInput =
  | TalkInput
  /** The code of the talk is there. */
  | { readonly type: 'loaded'; readonly open: OpenTalk }

export interface TalkHost {
  readonly me: () => Me
  readonly ownName: () => string
  readonly people: () => readonly Person[]
  /** Whether not everybody is linked with everybody: what others say is passed on at once. */
  readonly isPartial: () => boolean
  /** The number of our next entry. */
  readonly nextSequence: () => number
  readonly send: (peer: PeerId, data: Bytes, nowMs: number) => void
  /** They said something, and type no more. */
  readonly spoke: (member: MemberId) => void
  readonly output: (out: TalkEffect) => void
  readonly fault: (code: FaultCode, peer: PeerId) => void
}

/** What the seat needs of the session. */
export interface SeatHost {
  readonly table: PeopleTable
  readonly me: () => Me
  readonly ownName: () => string
  readonly people: () => readonly Person[]
  readonly output: (out: SessionOutput) => void
  readonly fault: (code: FaultCode, peer: PeerId) => void
}

/** The log of a room, how it is brought to others and by them, and what is said in it. */
export interface Talk {
  handle(input: TalkInput, nowMs: number): void
  tick(nowMs: number): void
  deadlineMs(): number | undefined
}

export type OpenTalk = (host: TalkHost) => Talk

/** Bytes kept of what others send until the code is there; whatever is dropped, they send again. */
const MAX_HELD_BYTES = 1024 * 1024

export class TalkSeat {
  readonly #host: TalkHost & { overhear(peer: PeerId, data: Bytes): void }
  #talk: Talk | undefined
  #held: TalkInput[] = []
  #heldBytes = 0
  #written = 0

  constructor({ table, output, ...host }: SeatHost) {
    this.#host = {
      ...host,
      isPartial: () => table.isPartial,
      nextSequence: () => ++this.#written,
      send: (peer, data, nowMs) => {
        table.get(peer)?.link.send(encodeTalkFrame({ type: 'log', data }), nowMs)
      },
      spoke: (member) => {
        if (table.spoke(member)) output({ type: 'changed' })
      },
      output: (out) => output({ type: 'talk', out }),
      overhear: (peer, data) => {
        const row = table.get(peer)
        if (row === undefined || row.isMe) return
        const { member, name } = row
        output({ type: 'overheard', member, name, data })
      },
    }
  }

  /** Says something; answers the number of the entry. */
  write(body: EntryBody, nowMs: number): number {
    const sequence = this.#host.nextSequence()
    this.handle({ type: 'write', sequence, body, atMs: nowMs }, nowMs)
    return sequence
  }

  handle(input: SeatInput, nowMs: number): void {
    if (input.type === 'loaded') {
      const talk = input.open(this.#host)
      for (const held of this.#held.splice(0)) talk.handle(held, nowMs)
      this.#talk = talk
    } else if (this.#talk === undefined) this.#hold(input)
    else this.#talk.handle(input, nowMs)
  }

  tick(nowMs: number): void {
    this.#talk?.tick(nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#talk?.deadlineMs()
  }

  #hold(input: TalkInput): void {
    if (input.type === 'people') return
    if (input.type === 'frame') {
      this.#heldBytes += input.data.length
      this.#host.overhear(input.peer, input.data)
    }
    if (input.type !== 'frame' || this.#heldBytes <= MAX_HELD_BYTES) this.#held.push(input)
  }
}
