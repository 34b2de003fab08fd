// Invitations on paper: an offer and its answer that people carry, where no server and no member can.
// Sealed and signed for the room like every signal; the room's secret is not on them. Each is good for
// one answer and some minutes. Loaded when somebody wants one.
import {
  decodeCard,
  decodePaper,
  encodeCard,
  encodePaper,
  formatPaper,
  parsePaper,
} from '@knothole/wire'
import type { Bytes, Card, Paper, PaperDescription, PeerId } from '@knothole/wire'
import type { SessionInput } from '../../core/index.ts'
import type { RtcConnection } from '../../ports/index.ts'
import type { Opened } from '../seals/sealer.ts'
import { describe, write, writeCandidates } from './paper-description.ts'

/** How long an invitation is good: long enough to carry it through a house, short enough to be forgotten on a desk. */
const GOOD_FOR_MS = 600_000

/** How long addresses are gathered: those of this machine come at once, those seen from outside in a round trip. */
const GATHER_MS = 1_200

/** The other side's addresses are tried again this often, since browsers give them up long before a person has typed an answer. */
const TRY_EVERY_MS = 5_000

/** An attempt of who has the answer gets this long. */
const MEET_WITHIN_MS = 30_000

/** Clocks of two people differ by as much. */
const CLOCKS_DIFFER_MS = 86_400_000

/**
 * Why a text was not taken. `not-paper`: it is none, or cut short. `other-room`: it was sealed for another
 * room, or changed. `wrong-kind`: an answer where an invitation was asked for, or the other way round.
 * `expired`. `used`: it was answered before, or withdrawn.
 */
export type PaperFault = 'not-paper' | 'other-room' | 'wrong-kind' | 'expired' | 'used'

/** An invitation that was written, to be shown to one person. */
export interface PaperInvite {
  readonly text: string
  /** In ms since 1970. */
  readonly expiresAtMs: number
  /** Takes the first answer of its room. The link comes up by itself; undefined when all is well. */
  accept(answer: string): Promise<PaperFault | undefined>
  /** Withdraws it. */
  cancel(): void
}

/** The answer to an invitation, to be carried back. */
export interface PaperAnswer {
  readonly text: string
  readonly expiresAtMs: number
}

/** What this part needs of a room. */
export interface PaperHost {
  readonly peer: PeerId
  card(): Card
  seal(payload: Bytes, to: PeerId | undefined): Promise<Bytes>
  open(from: PeerId, sealed: Bytes, to: PeerId | undefined): Promise<Opened | undefined>
  /** Opens a connection that makes an offer, for nobody yet. */
  openConnection(): number
  connection(number: number): RtcConnection | undefined
  closeConnection(number: number): void
  /** Tells the session; answers the connection that came of it, if one did. */
  meet(input: SessionInput & { type: 'met' }): number | undefined
  randomBytes(length: number): Bytes
  nowMs(): number
  schedule(atMs: number, call: () => void): () => void
  isLinked(peer: PeerId): boolean
}

export class PaperDesk {
  readonly #host: PaperHost
  readonly #open = new Set<() => void>()

  constructor(host: PaperHost) {
    this.#host = host
  }

  /** Writes an invitation. */
  async invite(): Promise<PaperInvite> {
    const host = this.#host
    const connection = host.openConnection()
    const { description, card } = await this.#gathered(connection)
    const id = host.randomBytes(8)
    const expiresAtMs = Math.ceil(host.nowMs() + GOOD_FOR_MS)
    const paper: Paper = { type: 'invite', id, expiresAtMs, card, ...description }
    const text = formatPaper(host.peer, await host.seal(encodePaper(paper), undefined))
    let isOpen = true
    const stop = host.schedule(expiresAtMs, () => cancel())
    const end = (): void => {
      isOpen = false
      stop()
      this.#open.delete(cancel)
    }
    const cancel = (): void => {
      if (isOpen) host.closeConnection(connection)
      end()
    }
    this.#open.add(cancel)
    const accept = async (answer: string): Promise<PaperFault | undefined> => {
      const read = await this.#read(answer, host.peer, 'answer')
      if (typeof read === 'string') return read
      if (!isOpen || !isSame(read.paper.id, id)) return isOpen ? 'wrong-kind' : 'used'
      end()
      this.#meet(read, connection)
      return undefined
    }
    return { text, expiresAtMs, accept, cancel }
  }

  /** Takes an invitation and writes the answer. */
  async answer(text: string): Promise<PaperAnswer | PaperFault> {
    const host = this.#host
    const read = await this.#read(text, undefined, 'invite')
    if (typeof read === 'string') return read
    if (host.nowMs() > read.paper.expiresAtMs + CLOCKS_DIFFER_MS) return 'expired'
    const connection = this.#meet(read, undefined)
    if (connection === undefined) return 'used'
    const { description, card } = await this.#gathered(connection)
    const { id, expiresAtMs } = read.paper
    const paper: Paper = { type: 'answer', id, expiresAtMs, card, ...description }
    const sealed = await host.seal(encodePaper(paper), read.from)
    return { text: formatPaper(host.peer, sealed), expiresAtMs }
  }

  /** Withdraws everything. */
  close(): void {
    for (const cancel of this.#open) cancel()
  }

  /** A paper of the kind that is wanted, opened. */
  async #read(
    text: string,
    to: PeerId | undefined,
    type: Paper['type'],
  ): Promise<ReadPaper | PaperFault> {
    const parsed = parsePaper(text)
    if (parsed === undefined) return 'not-paper'
    const { from, sealed } = parsed
    const host = this.#host
    const opened = await host.open(from, sealed, to)
    if (opened === undefined) {
      const other = await host.open(from, sealed, to === undefined ? host.peer : undefined)
      return other === undefined ? 'other-room' : 'wrong-kind'
    }
    const paper = decodePaper(opened.payload)
    const card = paper.ok ? decodeCard(paper.value.card) : undefined
    if (!paper.ok || card?.ok !== true || paper.value.type !== type) return 'wrong-kind'
    return { from, member: opened.member, paper: paper.value, card: card.value }
  }

  /** The two know each other now. Their addresses are tried until they are linked or time is up. */
  #meet(read: ReadPaper, own: number | undefined): number | undefined {
    const host = this.#host
    const { from: peer, member, card, paper } = read
    const first = { sequence: 0, attempt: 1 }
    const isAnswer = paper.type === 'answer'
    // Whoever answers waits to be greeted: a second one who answers must not reach the writer's DTLS, which
    // takes the first greeting that comes for that of whom it chose.
    const sdp = write(isAnswer ? paper : { ...paper, setup: 'active' })
    const untilMs = host.nowMs() + (isAnswer ? MEET_WITHIN_MS : GOOD_FOR_MS)
    const connection = host.meet({
      type: 'met',
      peer,
      member,
      card,
      connection: own,
      untilMs,
      signal: isAnswer
        ? { type: 'answer', sdp, offer: 0, ...first }
        : { type: 'offer', sdp, fresh: true, ...first },
    })
    if (connection !== undefined) this.#try(peer, connection, { paper, untilMs })
    return connection
  }

  #try(
    peer: PeerId,
    number: number,
    { paper, untilMs }: { readonly paper: PaperDescription; readonly untilMs: number },
  ): void {
    const host = this.#host
    const connection = host.connection(number)
    if (connection === undefined || host.isLinked(peer) || host.nowMs() >= untilMs) return
    for (const candidate of writeCandidates(paper))
      connection.command({ type: 'add-candidate', candidate })
    const stop = host.schedule(host.nowMs() + TRY_EVERY_MS, () => {
      this.#open.delete(stop)
      this.#try(peer, number, { paper, untilMs })
    })
    this.#open.add(stop)
  }

  /** What a connection of ours says of itself once its addresses are known, and our card with it. */
  async #gathered(number: number): Promise<{ description: PaperDescription; card: Bytes }> {
    const host = this.#host
    await new Promise<void>((resolve) => host.schedule(host.nowMs() + GATHER_MS, resolve))
    const description = describe(host.connection(number)?.localSdp() ?? '')
    if (description === undefined) throw new Error('the connection for an invitation was closed')
    const { name, device, relayKey, relays } = host.card()
    return { description, card: encodeCard({ name, device, relayKey, relays }) }
  }
}

interface ReadPaper {
  readonly from: PeerId
  readonly member: Opened['member']
  readonly paper: Paper
  readonly card: Card
}

function isSame(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}
