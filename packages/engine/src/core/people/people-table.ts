// Who is in the room: one row for each running client, with its identity, its link and its standing.
import { MAX_ROOM_PEERS } from '@knothole/wire'
import type { Bytes, Card, MemberId, PeerId } from '@knothole/wire'
import type { Link } from '../link/link.ts'
import { earliest } from '../machine.ts'
import { SignalWindow } from './replay-window.ts'
import type { LinkStatus, Person } from '../room-state.ts'
import { Stream } from '../stream/stream.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Rate } from '../token-bucket.ts'

/** How long someone who left the rendezvous and whose link is down stays listed: a page reload takes less, a dead link is noticed in time. */
const GONE_AFTER_MS = 5_000

/** People at most: a full room twice over, for those who left and are not swept yet. A server that announces more is lying. */
const MAX_PEOPLE = 2 * MAX_ROOM_PEERS

/** Streams kept of peers who were here: what was said to them while they were lost waits for their return. */
const MAX_STREAMS = 48

/** Replay windows remembered at most; one is under 2 kB. */
const MAX_WINDOWS = MAX_PEOPLE

/** What to do about somebody once their card is open; `introduced` by members and not by the rendezvous. */
export type First = 'wait' | 'offer' | 'adopt' | 'introduced'

/** Frames heeded of one peer that are not of the log: a burst when many change at once, and far more than anyone's honest page sends. */
const ATTENTION: Rate = { burst: 1_200, perSecond: 200 }

export interface PersonRow {
  readonly peer: PeerId
  readonly member: MemberId
  /** Our own identity, in another window. */
  readonly isMe: boolean
  readonly link: Link
  readonly window: SignalWindow
  /** As they sealed it last. */
  card: Card
  name: string
  present: boolean
  /** Whether members we are linked with say that they are linked with them. */
  vouched: boolean
  /** The card as it came. */
  sealed: Bytes | undefined
  /** Until when they count as typing without further word. */
  typingUntilMs: number | undefined
  /** What is left of our attention to frames that are not of the log. */
  readonly attention: TokenBucket
  /** Whether they were told of as sending too much. */
  flooded: boolean
  /** When the rendezvous said they left. */
  leftMs: number | undefined
}

/** Somebody in a large room with whom there is no link: what they say comes through others. */
export interface FarPerson extends Omit<PersonRow, 'link' | 'window' | 'flooded' | 'attention'> {
  readonly link: { status: LinkStatus }
  /** When there was word of them last. */
  heardMs: number
}

export class PeopleTable {
  /** Peers whose card is being opened, and what to do once it is. */
  readonly expected: Map<PeerId, First> = new Map<PeerId, First>()
  /** Those without a link; a mesh keeps this table. */
  readonly far: Map<PeerId, FarPerson> = new Map<PeerId, FarPerson>()
  /** Whether not everybody is linked with everybody. */
  isPartial = false
  readonly #rows = new Map<PeerId, PersonRow>()
  readonly #windows = new Map<PeerId, SignalWindow>()
  readonly #streams = new Map<PeerId, Stream>()

  get(peer: PeerId): PersonRow | undefined {
    return this.#rows.get(peer)
  }

  /** Whether no more people can be taken in. */
  get full(): boolean {
    return this.size > MAX_PEOPLE
  }

  /** How many are here, we among them, and those whose cards are being opened. */
  get size(): number {
    const coming = [...this.expected.keys()].filter((peer) => this.known(peer) === undefined)
    return this.#rows.size + this.far.size + coming.length + 1
  }

  /** Somebody with a link or without. */
  known(peer: PeerId): PersonRow | FarPerson | undefined {
    return this.#rows.get(peer) ?? this.far.get(peer)
  }

  rows(): PersonRow[] {
    return [...this.#rows.values()]
  }

  add(who: Pick<PersonRow, 'peer' | 'member' | 'isMe'>, link: Link): PersonRow {
    const row: PersonRow = {
      ...who,
      link,
      window: this.windowOf(who.peer),
      card: { name: '', device: 'desktop' },
      name: '',
      present: true,
      vouched: false,
      sealed: undefined,
      typingUntilMs: undefined,
      attention: new TokenBucket(ATTENTION),
      flooded: false,
      leftMs: undefined,
    }
    this.#rows.set(who.peer, row)
    this.far.delete(who.peer)
    return row
  }

  /** The rendezvous named everyone it has; others have left it. */
  presentAre(peers: ReadonlySet<PeerId>, nowMs: number): void {
    for (const row of this.#all()) {
      if (peers.has(row.peer)) row.present = true
      else this.left(row.peer, nowMs)
    }
  }

  /** The rendezvous no longer has this peer; a working link keeps them in the room. */
  left(peer: PeerId, nowMs: number): void {
    this.expected.delete(peer)
    const row = this.known(peer)
    if (row === undefined || !row.present) return
    row.present = false
    row.leftMs = nowMs
  }

  /** They said something: they type no more. Answers whether they did. */
  spoke(member: MemberId): boolean {
    const typing = this.rows().filter(
      (row) => row.member === member && row.typingUntilMs !== undefined,
    )
    for (const row of typing) row.typingUntilMs = undefined
    return typing.length > 0
  }

  /** Members are linked with these, and no others; that too keeps somebody in the room. */
  vouch(peers: ReadonlySet<PeerId>, nowMs: number): void {
    for (const row of this.#all()) {
      const vouched = peers.has(row.peer)
      if (row.vouched && !vouched) row.leftMs = nowMs
      row.vouched = vouched
    }
  }

  /** They left for good. */
  gone(peer: PeerId): void {
    this.#rows.delete(peer)
    this.#streams.delete(peer)
  }

  /** The stream to a peer, which outlives its row: both sides count on where it was. */
  streamOf(peer: PeerId): Stream {
    return remember(this.#streams, peer, { make: () => new Stream(), most: MAX_STREAMS })
  }

  /** Ends what is over: typing notices, and people neither present nor linked. Answers the rows that changed. */
  sweep(nowMs: number): PersonRow[] {
    const changed: PersonRow[] = []
    for (const row of this.#rows.values()) {
      const dueMs = this.#dueMs(row)
      if (dueMs === undefined || dueMs > nowMs) continue
      changed.push(row)
      if (row.typingUntilMs !== undefined && row.typingUntilMs <= nowMs)
        row.typingUntilMs = undefined
      const goneAtMs = this.#goneAtMs(row)
      if (goneAtMs === undefined || goneAtMs > nowMs) continue
      row.link.close(nowMs)
      this.#rows.delete(row.peer)
    }
    return changed
  }

  deadlineMs(): number | undefined {
    return earliest(...this.rows().map((row) => this.#dueMs(row)))
  }

  view(): Person[] {
    return this.#all().map(({ peer, member, isMe, name, card, present, typingUntilMs, link }) => {
      const typing = typingUntilMs !== undefined
      const { device } = card
      return { peer, member, name, device, isMe, present, typing, link: link.status }
    })
  }

  #all(): (PersonRow | FarPerson)[] {
    return [...this.#rows.values(), ...this.far.values()]
  }

  #dueMs(row: PersonRow): number | undefined {
    return earliest(row.typingUntilMs, this.#goneAtMs(row))
  }

  /** The signals taken from a peer are remembered after its row is gone, lest they be played again. */
  windowOf(peer: PeerId): SignalWindow {
    return remember(this.#windows, peer, { make: () => new SignalWindow(), most: MAX_WINDOWS })
  }

  #goneAtMs(row: PersonRow): number | undefined {
    if (row.present || row.vouched || row.link.status.state === 'connected') return undefined
    return Math.max(row.leftMs ?? 0, row.link.status.sinceMs) + GONE_AFTER_MS
  }
}

/** What a table holds of a peer, made if need be; the longest unused goes when there are too many. */
function remember<Value>(
  table: Map<PeerId, Value>,
  peer: PeerId,
  { make, most }: { readonly make: () => Value; readonly most: number },
): Value {
  const value = table.get(peer) ?? make()
  table.delete(peer)
  table.set(peer, value)
  const oldest = table.keys().next()
  if (table.size > most && oldest.done !== true) table.delete(oldest.value)
  return value
}
