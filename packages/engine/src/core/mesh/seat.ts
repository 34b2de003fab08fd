// The seam to the partial mesh of a large room, whose code is loaded with the detours: what goes in, and the
// place that holds newcomers until the code is there. In a small room it does nothing.
import { FULL_MESH_PEERS } from '@knothole/wire'
import type { Bytes, Card, PeerId } from '@knothole/wire'
import type { Introductions } from '../people/introductions.ts'
import type { First, PeopleTable, PersonRow } from '../people/people-table.ts'
import type { FaultCode } from '../room-state.ts'
import type { Me, SessionInput, SessionOutput } from '../session-io.ts'

export type MeshInput =
  /** Somebody without a link, or a signal of such a one or about links. */
  | (SessionInput & { type: 'card-opened' } & {
      /** By whom they were announced, if they were. */
      readonly first: First | undefined
      readonly sealed: Bytes | undefined
    })
  | (SessionInput & { type: 'signal-opened' })
  /** A neighbour sent a frame of the mesh. */
  | { readonly type: 'frame'; readonly peer: PeerId; readonly data: Bytes }
  /** What we say to everyone beside the talk. */
  | { readonly type: 'typing'; readonly active: boolean }
  | { readonly type: 'bye' }
  /** Our card, sealed. */
  | { readonly type: 'own-card'; readonly card: Bytes }

/** The session, as its mesh sees it. */
export interface MeshHost {
  readonly people: PeopleTable
  readonly random: () => number
  readonly me: () => Me
  readonly card: () => Card
  readonly isOnline: () => boolean
  readonly introductions: () => Introductions
  /** Closes a link and takes its row away; its peer stays. */
  readonly drop: (row: PersonRow, nowMs: number) => void
  readonly output: (out: SessionOutput) => void
  readonly fault: (code: FaultCode, peer: PeerId) => void
  /** Loads the code. */
  readonly want: () => void
}

/** Decides whom we are linked with in a room too large for links to everyone. */
export interface Mesh {
  /** Answers whether the input was the mesh's business. */
  handle(input: MeshInput, nowMs: number): boolean
  tick(nowMs: number): void
  deadlineMs(): number | undefined
}

export type OpenMesh = (host: MeshHost, nowMs: number) => Mesh

/** Held until the code is there: everyone's card in a full room, and what they signal meanwhile. */
const MAX_HELD = 512

/** The code is loaded before a room is too large to do without. */
const WANTED_PEERS = FULL_MESH_PEERS - 3

export class MeshSeat {
  readonly #host: MeshHost
  #mesh: Mesh | undefined
  #held: MeshInput[] = []

  constructor(host: MeshHost) {
    this.#host = host
  }

  /** The code is here: what was held is done. */
  open(open: OpenMesh, nowMs: number): void {
    if (this.#held.length > 0) this.#host.people.isPartial = true
    this.#mesh = open(this.#host, nowMs)
    for (const input of this.#held.splice(0)) this.#mesh.handle(input, nowMs)
  }

  /** Answers whether the input is taken care of; if not, the room is a full mesh. */
  handle(input: MeshInput, nowMs: number): boolean {
    if (this.#mesh !== undefined) return this.#mesh.handle(input, nowMs)
    const { people, want } = this.#host
    if (people.size > WANTED_PEERS) want()
    // Whoever is held is not counted: a room that was too large for one is so for the next.
    if (people.size <= FULL_MESH_PEERS && this.#held.length === 0) return false
    if (this.#held.length < MAX_HELD) this.#held.push(input)
    return true
  }

  tick(nowMs: number): void {
    this.#mesh?.tick(nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#mesh?.deadlineMs()
  }
}
