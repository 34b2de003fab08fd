// A session as its detours see it, for their tests: says what they did.
import type { Bytes, Card, ClientFrame, IceServers, PeerId, RelayTalk } from '@knothole/wire'
import type { DetourHost, Member, RelayVia } from './detours.ts'
import type { FaultCode, Path } from './room-state.ts'

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
  readonly told: [PeerId, RelayTalk][] = []
  readonly passed: [PeerId, number, Bytes][] = []
  readonly opened: [PeerId, RelayVia][] = []
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

  tell(peer: PeerId, frame: RelayTalk): boolean {
    this.told.push([peer, frame])
    return true
  }

  pass(peer: PeerId, channel: number, body: Bytes): boolean {
    if (this.takes) this.passed.push([peer, channel, body])
    return this.takes
  }

  open(peer: PeerId, via: RelayVia): void {
    this.opened.push([peer, via])
  }

  fault(code: FaultCode, peer: PeerId): void {
    this.faults.push([code, peer])
  }
}
