// A session and what comes out of it, for its tests: we are between alice and carol.
import {
  PROTOCOL_VERSION,
  decodeStreamPacket,
  decodeTalkFrame,
  encodeServerFrame,
  encodeStreamPacket,
  encodeTalkFrame,
} from '@knothole/wire'
import type {
  Bytes,
  Card,
  FeedId,
  MemberId,
  Observed,
  Participant,
  PeerId,
  RoomId,
  ServerFrame,
  Signal,
  TalkFrame,
} from '@knothole/wire'
import type { FaultCode } from './room-state.ts'
import { Session } from './session.ts'
import type { OwnFeed, SessionInput, SessionOutput } from './session-io.ts'

export const observed: Observed = { address: '203.0.113.1', port: 4000 }
export const sealed: Bytes = new Uint8Array([1])
/** In the order of politeness: alice is less than us, carol greater. */
export const [alice, me, carol]: [PeerId, PeerId, PeerId] = ['A', 'M', 'z'].map((letter) =>
  letter.padEnd(22, 'A'),
) as [PeerId, PeerId, PeerId]
export const ownFeed: OwnFeed = {
  id: 'F'.padEnd(22, 'A') as FeedId,
  name: { author: new Uint8Array(32), nonce: new Uint8Array(8) },
}
export const member = (peer: PeerId): MemberId => `member ${peer}` as MemberId
export const participant = (peer: PeerId): Participant => ({
  peer,
  card: sealed,
  observed,
})

export class Peer {
  readonly session: Session
  nowMs = 0
  readonly outputs: SessionOutput[] = []
  #talked = 0

  constructor({
    roomIsNew = false,
    isKnown = true,
  }: { readonly roomIsNew?: boolean; readonly isKnown?: boolean } = {}) {
    this.session = new Session({
      room: 'room' as RoomId,
      link: 'link',
      card: { name: 'me', device: 'desktop' },
      roomIsNew,
      random: () => 0,
    })
    this.session.start(0)
    if (isKnown) this.session.identify({ peer: me, member: member(me), feed: ownFeed })
  }

  give(input: SessionInput): this {
    this.session.handle(input, this.nowMs)
    return this
  }

  server(frame: unknown, socket = 1): this {
    return this.give({
      type: 'socket-frame',
      socket,
      frame: encodeServerFrame(frame as ServerFrame),
    })
  }

  challenged(socket = 1): this {
    return this.server(
      { type: 'challenge', version: PROTOCOL_VERSION, nonce: new Uint8Array(32) },
      socket,
    )
  }

  welcomed(peers: readonly PeerId[], offeredTo?: PeerId, socket = 1): this {
    const participants = peers.map(participant)
    return this.server(
      {
        type: 'welcome',
        peer: me,
        observed,
        participants,
        offeredTo,
        expiresAtMs: 9,
        capacity: 12,
      },
      socket,
    )
  }

  /** Opens a card as the shell does when it is genuine. */
  card(peer: PeerId, card: Partial<Card> = {}, of = member(peer)): this {
    return this.give({
      type: 'card-opened',
      peer,
      member: of,
      card: { name: 'them', device: 'phone', ...card },
    })
  }

  signal(peer: PeerId, signal: Signal, of = member(peer)): this {
    return this.give({ type: 'signal-opened', peer, member: of, signal })
  }

  /** In, with one person whose link works on connection `connection`. */
  linkedTo(peer: PeerId): this {
    this.challenged().welcomed([])
    this.server({ type: 'joined', participant: participant(peer) }).card(peer)
    this.signal(peer, { type: 'offer', sdp: 'x', fresh: true, sequence: 1, attempt: 1 })
    const connection = this.opened().at(-1) ?? -1
    this.give({ type: 'rtc', connection, event: { type: 'open' } })
    this.out()
    return this
  }

  talk(frame: TalkFrame | Bytes, connection: number): this {
    const payload = frame instanceof Uint8Array ? frame : encodeTalkFrame(frame)
    const number = this.#talked++
    const segment = { type: 'segment', lane: 'talk', number, ack: 0, more: false, payload } as const
    const event = { type: 'frame', channel: 'talk', frame: encodeStreamPacket(segment) } as const
    return this.give({ type: 'rtc', connection, event })
  }

  pass(ms: number): this {
    const untilMs = this.nowMs + ms
    for (let due = this.session.deadlineMs(); due !== undefined && due <= untilMs;) {
      this.nowMs = Math.max(this.nowMs, due)
      this.session.tick(this.nowMs)
      due = this.session.deadlineMs()
    }
    this.nowMs = untilMs
    return this
  }

  drain(): SessionOutput[] {
    for (let out = this.session.poll(); out !== undefined; out = this.session.poll())
      this.outputs.push(out)
    return this.outputs
  }

  /** What came out since last asked, without what is drawn and measured. */
  out(): SessionOutput[] {
    const all = this.drain().splice(0)
    return all.filter(
      (out) => out.type !== 'changed' && !(out.type === 'rtc' && out.command.type === 'measure'),
    )
  }

  types(): string[] {
    return this.out().map((out) => (out.type === 'rtc' ? out.command.type : out.type))
  }

  opened(): number[] {
    return this.drain().flatMap((out) => (out.type === 'rtc-open' ? [out.connection] : []))
  }

  faults(): [FaultCode, PeerId | undefined][] {
    return this.drain().flatMap((out) =>
      out.type === 'fault' ? [[out.fault.code, out.fault.peer]] : [],
    )
  }

  people(): PeerId[] {
    return this.session.state().people.map(({ peer }) => peer)
  }
}

/** The frames of conversation among what came out. */
export function talks(outs: readonly SessionOutput[]): unknown[] {
  return outs.flatMap((out) => {
    if (out.type !== 'rtc' || out.command.type !== 'send' || out.command.channel !== 'talk')
      return []
    const packet = decodeStreamPacket(out.command.frame)
    const frame = packet?.type === 'segment' ? decodeTalkFrame(packet.payload) : undefined
    return frame?.ok === true ? [frame.value] : []
  })
}

export const offer: Signal = { type: 'offer', sdp: 'x', fresh: true, sequence: 1, attempt: 1 }
