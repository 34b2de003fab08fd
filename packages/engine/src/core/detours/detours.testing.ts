// A session as its detours see it, for their tests: says what they did.
import { decodeBetweenFrame } from '@knothole/wire'
import type { BetweenFrame, Bytes, Card, ClientFrame, IceServers, PeerId } from '@knothole/wire'
import type { BetweenHost, DetourHost, Member, MemberTalk, SealedVia } from './detours.ts'
import type { FaultCode, Path } from '../room-state.ts'

export const [alice, bob, carol, dave, me]: [PeerId, PeerId, PeerId, PeerId, PeerId] = [
  'a',
  'b',
  'c',
  'd',
  'm',
].map((letter) => letter.padEnd(22, 'A')) as [PeerId, PeerId, PeerId, PeerId, PeerId]

export const ICE_SERVERS: IceServers = {
  urls: ['turn:knothole.test'],
  username: '9:me',
  credential: 'secret',
  expiresAtMs: Number.MAX_SAFE_INTEGER,
}

export class TestHost implements DetourHost {
  readonly me: PeerId = me
  card: Card = { name: 'me', device: 'desktop', relays: true, relayKey: new Uint8Array(32) }
  readonly random = (): number => 0
  isOnline = true
  readonly publicAddress = undefined
  iceServers: IceServers | undefined = ICE_SERVERS
  members: Member[] = []
  readonly served: ClientFrame[] = []
  readonly told: [PeerId, MemberTalk][] = []
  readonly passed: [PeerId, number, Bytes][] = []
  readonly opened: [PeerId, SealedVia][] = []
  readonly sealed: [PeerId, SealedVia, Bytes][] = []
  readonly between: TestBetween = new TestBetween()
  readonly faults: [FaultCode, PeerId][] = []
  /** Whether connections take what is passed on. */
  takes = true

  /** Somebody in the room. */
  add(
    peer: PeerId,
    { path = 'direct', rttMs = 20, ...card }: { path?: Path; rttMs?: number } & Partial<Card> = {},
  ): this {
    const link = {
      state: 'connected',
      path,
      rttMs,
      bytesSent: 0,
      bytesReceived: 0,
      sinceMs: 0,
    } as const
    const relayKey = new Uint8Array(32)
    this.members = this.members.filter((member) => member.peer !== peer)
    this.members.push({
      peer,
      link,
      present: true,
      card: { name: peer, device: 'desktop', relays: true, relayKey, ...card },
    })
    return this
  }

  member(peer: PeerId): Member | undefined {
    return this.members.find((member) => member.peer === peer)
  }

  serve(frame: ClientFrame): boolean {
    this.served.push(frame)
    return this.isOnline
  }

  tell(peer: PeerId, frame: MemberTalk): boolean {
    this.told.push([peer, frame])
    return true
  }

  pass(peer: PeerId, channel: number, body: Bytes): boolean {
    if (this.takes) this.passed.push([peer, channel, body])
    return this.takes
  }

  seal(peer: PeerId, via: SealedVia, plain: Bytes): void {
    this.sealed.push([peer, via, plain])
  }

  open(peer: PeerId, via: SealedVia): void {
    this.opened.push([peer, via])
  }

  fault(code: FaultCode, peer: PeerId): void {
    this.faults.push([code, peer])
  }
}

/** A session as those see it who bring members together: says what they did. */
export class TestBetween implements BetweenHost {
  heardServerMs = 0
  probes = 0
  readonly cards = new Map<PeerId, Bytes>()
  readonly introduced: [PeerId, Bytes][] = []
  vouched: PeerId[] = []
  readonly reached: PeerId[] = []
  readonly delivered: [PeerId, Bytes][] = []
  /** Whom we do not want to meet. */
  readonly strangers = new Set<PeerId>()

  probe(): void {
    this.probes += 1
  }

  meets(peer: PeerId): boolean {
    return !this.strangers.has(peer)
  }

  sealedCard(peer: PeerId): Bytes | undefined {
    return this.cards.get(peer)
  }

  introduce(peer: PeerId, card: Bytes): void {
    this.introduced.push([peer, card])
  }

  vouch(peers: ReadonlySet<PeerId>): void {
    this.vouched = [...peers]
  }

  reach(peer: PeerId): void {
    this.reached.push(peer)
  }

  deliver(from: PeerId, sealed: Bytes): void {
    this.delivered.push([from, sealed])
  }
}

/** The frames between members among what was told, decoded; empties the list. */
export function betweens(host: TestHost): [PeerId, BetweenFrame][] {
  return host.told.splice(0).flatMap(([peer, frame]) => {
    const decoded = frame.type === 'between' ? decodeBetweenFrame(frame.data) : undefined
    return decoded?.ok === true ? [[peer, decoded.value] as [PeerId, BetweenFrame]] : []
  })
}
