import { encodeBase64url, memberIdOf, parsePaper } from '@knothole/wire'
import type { Bytes, PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import type { SessionInput } from '../../core/index.ts'
import type { RtcCommand } from '../../ports/index.ts'
import { describe as describeSdp, write, writeCandidates } from './paper-description.ts'
import { PaperDesk } from './paper.ts'
import type { PaperHost } from './paper.ts'

const [alice, bob, carol] = ['A', 'B', 'C'].map((letter) => letter.padEnd(22, 'A')) as [
  PeerId,
  PeerId,
  PeerId,
]
const member = memberIdOf(new Uint8Array(32))

/** As Chromium writes one. */
const SDP = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 50000 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 192.0.2.1',
  'a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0 network-id 1',
  'a=candidate:2 1 udp 2122194687 0a1b2c3d-aaaa-bbbb-cccc-0123456789ab.local 50001 typ host',
  'a=candidate:3 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active',
  'a=candidate:4 1 udp 1686052607 2001:db8::1 50002 typ srflx raddr 2001:db8::2 rport 50002',
  'a=ice-ufrag:Ab+/',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${Array(32).fill('0F').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  '',
].join('\r\n')

describe('a description on paper', () => {
  test('E442: is what others cannot know of it, over UDP', () => {
    expect(describeSdp(SDP)).toEqual({
      ufrag: 'Ab+/',
      password: 'abcdefghijklmnopqrstuvwx',
      fingerprint: new Uint8Array(32).fill(15),
      setup: 'actpass',
      candidates: [
        { kind: 'host', address: '192.0.2.1', port: 50_000 },
        { kind: 'host', address: '0a1b2c3d-aaaa-bbbb-cccc-0123456789ab.local', port: 50_001 },
        { kind: 'srflx', address: '2001:db8::1', port: 50_002 },
      ],
    })
  })

  test('E442: and is written again as it was', () => {
    const description = describeSdp(SDP)
    if (description === undefined) throw new Error('it is one')
    const lines = writeCandidates(description).map(({ candidate }) => `a=${candidate}`)
    expect(describeSdp([write(description), ...lines, ''].join('\r\n'))).toEqual(description)
    expect(lines[0]).toBe('a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host')
  })

  test.each([
    ['a fingerprint', 'a=fingerprint'],
    ['a role', 'a=setup'],
    ['a name', 'a=ice-ufrag'],
  ])('E442: without %s there is none', (_what, line) => {
    const rest = SDP.split('\r\n').filter((one) => !one.startsWith(line))
    expect(describeSdp(rest.join('\r\n'))).toBeUndefined()
  })
})

/** A room that seals by writing who may open it in front. */
class TestHost implements PaperHost {
  readonly peer: PeerId
  readonly met: (SessionInput & { type: 'met' })[] = []
  readonly commands: RtcCommand[] = []
  readonly closed: number[] = []
  isTaken = true
  linked = false
  #nowMs = 1_000
  #timers: { readonly atMs: number; readonly call: () => void }[] = []

  constructor(peer: PeerId) {
    this.peer = peer
  }

  card = (): ReturnType<PaperHost['card']> => ({ name: this.peer, device: 'desktop' as const })
  seal = async (payload: Bytes, to: PeerId | undefined): Promise<Bytes> =>
    new Uint8Array([...Buffer.from((to ?? '').padEnd(22, '-')), ...payload])
  async open(_from: PeerId, sealed: Bytes, to: PeerId | undefined): ReturnType<PaperHost['open']> {
    const isFor = Buffer.from(sealed.subarray(0, 22)).toString() === (to ?? '').padEnd(22, '-')
    return isFor ? { member, payload: sealed.slice(22) } : undefined
  }
  openConnection = (): number => 7
  connection = (): ReturnType<PaperHost['connection']> => ({
    command: (command) => void this.commands.push(command),
    localSdp: () => SDP,
    close: () => undefined,
  })
  closeConnection = (number: number): void => void this.closed.push(number)
  meet = (input: SessionInput & { type: 'met' }): number | undefined => {
    this.met.push(input)
    return this.isTaken ? (input.connection ?? 8) : undefined
  }
  randomBytes = (length: number): Bytes => new Uint8Array(length).fill(this.#nowMs & 255)
  nowMs = (): number => this.#nowMs
  schedule = (atMs: number, call: () => void): (() => void) => {
    const timer = { atMs, call }
    this.#timers.push(timer)
    return () => (this.#timers = this.#timers.filter((one) => one !== timer))
  }
  isLinked = (): boolean => this.linked

  /** Lets time pass, and what was promised be kept. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve))
      const [due] = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .toSorted((a, b) => a.atMs - b.atMs)
      if (due === undefined) break
      this.#timers = this.#timers.filter((one) => one !== due)
      this.#nowMs = Math.max(this.#nowMs, due.atMs)
      due.call()
    }
    this.#nowMs = untilMs
  }
}

async function passing<Value>(host: TestHost, promise: Promise<Value>): Promise<Value> {
  await host.pass(1_200)
  return promise
}

async function pair(): Promise<{
  ours: TestHost
  theirs: TestHost
  invite: Awaited<ReturnType<PaperDesk['invite']>>
  guest: PaperDesk
}> {
  const [ours, theirs] = [new TestHost(alice), new TestHost(bob)]
  const invite = await passing(ours, new PaperDesk(ours).invite())
  return { ours, theirs, invite, guest: new PaperDesk(theirs) }
}

async function answerOf(host: TestHost, desk: PaperDesk, text: string): Promise<string> {
  const answer = await passing(host, desk.answer(text))
  return typeof answer === 'string' ? answer : answer.text
}

describe('an invitation on paper', () => {
  test('E443: brings the two together by its answer', async () => {
    const { ours, theirs, invite, guest } = await pair()
    expect(invite.text.startsWith(`knothole.${alice}`)).toBe(true)
    const answer = await answerOf(theirs, guest, invite.text)
    expect(theirs.met[0]).toMatchObject({ peer: alice, member, connection: undefined })
    expect(theirs.met[0]?.signal).toMatchObject({ type: 'offer', attempt: 1, sequence: 0 })
    expect(await invite.accept(answer)).toBeUndefined()
    expect(ours.met[0]).toMatchObject({ peer: bob, member, connection: 7 })
    expect(ours.met[0]?.signal).toMatchObject({ type: 'answer', offer: 0, attempt: 1 })
  })

  test('E443: is good for one answer', async () => {
    const { ours, theirs, invite, guest } = await pair()
    const answer = await answerOf(theirs, guest, invite.text)
    await invite.accept(answer)
    expect(await invite.accept(answer)).toBe('used')
    expect([ours.met.length, ours.closed]).toEqual([1, []])
  })

  test('E443: of two who answer, the second is told, and neither speaks before it is spoken to', async () => {
    const { ours, theirs, invite, guest } = await pair()
    const others = new TestHost(carol)
    const answers = [
      await answerOf(theirs, guest, invite.text),
      await answerOf(others, new PaperDesk(others), invite.text),
    ]
    for (const { met } of [theirs, others])
      expect(met[0]?.signal).toMatchObject({ sdp: expect.stringContaining('a=setup:active') })
    const taken = await Promise.all(answers.map((answer) => invite.accept(answer)))
    expect(taken).toEqual([undefined, 'used'])
    expect(ours.met.map(({ peer }) => peer)).toEqual([bob])
    expect(ours.closed).toEqual([])
  })

  test('E443: for ten minutes', async () => {
    const { ours, theirs, invite, guest } = await pair()
    const answer = await answerOf(theirs, guest, invite.text)
    await ours.pass(599_999)
    expect(ours.closed).toEqual([])
    await ours.pass(1)
    expect([ours.closed, await invite.accept(answer)]).toEqual([[7], 'used'])
  })

  test('E443: and not for the answer to another', async () => {
    const first = await pair()
    const other = await passing(first.ours, new PaperDesk(first.ours).invite())
    const answer = await answerOf(first.theirs, first.guest, first.invite.text)
    expect(await other.accept(answer)).toBe('wrong-kind')
    expect(first.ours.met).toEqual([])
  })

  test('E443: addresses on it are tried every 5 s until the two are linked', async () => {
    const { theirs, invite, guest } = await pair()
    await answerOf(theirs, guest, invite.text)
    expect(theirs.commands.length).toBe(3)
    await theirs.pass(10_000)
    expect(theirs.commands.length).toBe(9)
    theirs.linked = true
    await theirs.pass(60_000)
    expect(theirs.commands.length).toBe(9)
  })

  test('E442: what is not one is said to be so', async () => {
    const { ours, theirs, invite, guest } = await pair()
    const answer = await answerOf(theirs, guest, invite.text)
    const { sealed = new Uint8Array() } = parsePaper(invite.text) ?? {}
    const changed = sealed.with(22, 255)
    expect(await guest.answer('hello')).toBe('not-paper')
    expect(await guest.answer(answer)).toBe('other-room')
    expect(await guest.answer(`knothole.${alice}${encodeBase64url(changed)}`)).toBe('wrong-kind')
    expect(await invite.accept(invite.text)).toBe('wrong-kind')
    await theirs.pass(600_001 + 86_400_000)
    expect(await guest.answer(invite.text)).toBe('expired')
    expect(ours.met).toEqual([])
  })

  test('E442: of somebody linked already it is told as used', async () => {
    const { theirs, invite, guest } = await pair()
    theirs.isTaken = false
    expect(await answerOf(theirs, guest, invite.text)).toBe('used')
  })
})
