import { decodeStreamPacket, encodeStreamPacket } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import type { RtcEvent } from '../../ports/index.ts'
import type { Carrier } from './carrier.ts'
import type { LinkDetourOutput, LinkDetours, LinkSituation } from '../detours/detours.ts'
import { Link } from './link.ts'
import type { LinkOutput } from './link.ts'
import type { Path } from '../room-state.ts'

/** A relay that works, and says what the link tells its detours. */
class TestDetours implements LinkDetours {
  readonly carriers: Carrier[] = []
  readonly hindrance = 'trying'
  readonly diagnosis = { reason: 'udp-blocked', side: 'mine', help: ['allow-udp'] } as const
  readonly situations: LinkSituation[] = []
  readonly sent: Bytes[] = []
  readonly outputs: LinkDetourOutput[] = []

  addRelay(path: Path = 'ws-relay'): void {
    this.carriers.push({
      kind: path === 'ws-relay' ? 'relayed' : 'reliable',
      open: true,
      usable: true,
      path,
      via: path === 'ws-relay' ? 'rendezvous' : undefined,
      rttMs: 50,
      theirs: false,
      send: (_channel, packet) => void this.sent.push(packet),
      use: () => undefined,
    })
  }

  owns(connection: number): boolean {
    return connection === 99
  }

  update(situation: LinkSituation): void {
    this.situations.push(situation)
  }

  handle(): void {}
  tick(): void {}
  close(): void {}

  deadlineMs(): undefined {
    return undefined
  }

  poll(): LinkDetourOutput | undefined {
    return this.outputs.shift()
  }
}

class Side {
  readonly link: Link
  nowMs = 0

  constructor(polite = false) {
    let count = 0
    const next = (): number => ++count
    this.link = new Link(
      { polite, newConnection: next, nextSequence: next, random: () => 0 },
      this.nowMs,
    )
  }

  rtc(event: RtcEvent): this {
    this.link.handleRtc(this.link.connection ?? -1, event, this.nowMs)
    return this
  }

  connected(): this {
    this.link.start(this.nowMs)
    this.rtc({ type: 'open' })
    this.out()
    return this
  }

  pass(ms: number): this {
    const untilMs = this.nowMs + ms
    for (let due = this.link.deadlineMs(); due !== undefined && due <= untilMs;) {
      this.nowMs = Math.max(this.nowMs, due)
      this.link.tick(this.nowMs)
      due = this.link.deadlineMs()
    }
    this.nowMs = untilMs
    return this
  }

  out(): LinkOutput[] {
    const outs: LinkOutput[] = []
    for (let out = this.link.poll(); out !== undefined; out = this.link.poll()) outs.push(out)
    return outs
  }

  types(): string[] {
    return this.out().map(({ type }) => type)
  }

  /** Numbers of the segments of talk that went out on the connection. */
  segments(): number[] {
    return this.out().flatMap((out) => {
      if (out.type !== 'rtc' || out.command.type !== 'send') return []
      return numbersIn([out.command.frame])
    })
  }
}

function numbersIn(packets: readonly Bytes[]): number[] {
  return packets.flatMap((bytes) => {
    const packet = decodeStreamPacket(bytes)
    return packet?.type === 'segment' ? [packet.number] : []
  })
}

const frame = new Uint8Array([1, 2, 3])

describe('what is said', () => {
  test('E101: nothing is taken before the link ever worked', () => {
    const side = new Side()
    side.link.start(0)
    expect(side.link.send(frame, 0)).toBe(false)
  })

  test('E100: on a link that works it goes out at once', () => {
    const side = new Side().connected()
    expect(side.link.send(frame, 0)).toBe(true)
    expect(side.segments()).toEqual([0])
  })

  test('E101: while it is repaired it is taken, and goes out on the next connection', () => {
    const side = new Side().connected().rtc({ type: 'failed' })
    expect(side.link.status.state).toBe('reconnecting')
    expect([0, 1].map(() => side.link.send(frame, side.nowMs))).toEqual([true, true])
    expect(side.pass(100).segments()).toEqual([])
    side.rtc({ type: 'open' })
    // What waited together shares a segment.
    expect(side.segments()).toEqual([0])
  })

  test('E101: who cannot be reached is not said anything', () => {
    const side = new Side().connected().rtc({ type: 'failed' }).pass(12_000)
    expect(side.link.status.state).toBe('unreachable')
    expect(side.link.send(frame, side.nowMs)).toBe(false)
  })

  test('E102: what the other side has not taken goes out again on another carrier', () => {
    const side = new Side().connected()
    for (let i = 0; i < 3; i++) side.link.send(frame, 0)
    const ack = encodeStreamPacket({
      type: 'ack',
      talk: { upTo: 1, ranges: [] },
      bulk: { upTo: 0, ranges: [] },
    })
    side.rtc({ type: 'frame', channel: 'talk', frame: ack })
    const detours = new TestDetours()
    detours.addRelay()
    side.rtc({ type: 'failed' })
    side.link.detour(detours, 0)
    expect(numbersIn(detours.sent)).toEqual([1, 2])
    expect(side.link.status).toMatchObject({ state: 'connected', path: 'ws-relay' })
  })
})

describe('detours', () => {
  test('E110: are asked for 0.25 s after the beginning, or after the last carrier failed', () => {
    const side = new Side()
    side.link.start(0)
    side.out()
    expect(side.pass(249).types()).not.toContain('stuck')
    expect(side.pass(1).types()).toContain('stuck')
    const up = new Side().connected()
    expect(up.pass(249).types()).not.toContain('stuck')
    up.rtc({ type: 'troubled' })
    up.out()
    expect(up.pass(250).types()).toContain('stuck')
  })

  test('E110: are told how the link is doing', () => {
    const side = new Side()
    const detours = new TestDetours()
    side.link.start(0)
    side.link.detour(detours, 5)
    expect(detours.situations.at(-1)).toEqual({
      downSinceMs: 0,
      path: undefined,
      standing: 'connecting',
    })
    detours.addRelay()
    detours.outputs.push({ type: 'changed' })
    side.link.settle(10)
    expect(detours.situations.at(-1)).toMatchObject({ downSinceMs: undefined, path: 'ws-relay' })
    expect(side.link.status).toMatchObject({ state: 'connected', hindrance: 'trying', rttMs: 50 })
  })

  test('E56: who passes the packets on is told, and why', () => {
    const side = new Side()
    const detours = new TestDetours()
    side.link.start(0)
    side.link.detour(detours, 5)
    detours.addRelay()
    detours.outputs.push({ type: 'changed' })
    side.link.settle(10)
    const { diagnosis } = detours
    expect(side.link.status).toMatchObject({ path: 'ws-relay', via: 'rendezvous', diagnosis })
  })

  test('E111: the standing connection takes over when it opens', () => {
    const side = new Side()
    const detours = new TestDetours()
    detours.addRelay()
    side.link.detour(detours, 0)
    side.link.start(0)
    side.link.send(frame, 0)
    side.out()
    side.rtc({ type: 'open' })
    expect(side.segments()).toEqual([0])
    expect(side.link.pass(1, frame)).toBe(true)
  })

  test('E111: a standing connection that finds no path rests while another of our own carries', () => {
    const side = new Side()
    const detours = new TestDetours()
    detours.addRelay('predicted')
    side.link.start(0)
    side.link.detour(detours, 0)
    side.out()
    expect(side.pass(9_999).types()).not.toContain('rtc-close')
    expect(side.pass(1).types()).toContain('rtc-close')
    expect(side.pass(120_000).types()).not.toContain('rtc-open')
    detours.carriers.splice(0)
    detours.outputs.push({ type: 'changed' })
    side.link.settle(side.nowMs)
    expect(side.pass(0).types()).toContain('rtc-open')
  })

  test('E115: a relay that seems to live and brings nothing is left for another', () => {
    const side = new Side()
    const detours = new TestDetours()
    detours.addRelay()
    side.link.detour(detours, 0)
    const [first] = detours.carriers
    side.link.send(frame, 0)
    side.pass(3_000)
    detours.addRelay()
    detours.outputs.push({ type: 'changed' })
    side.link.settle(side.nowMs)
    expect(detours.sent.length).toBeGreaterThan(0)
    const used: string[] = []
    for (const carrier of detours.carriers)
      carrier.send = () => void used.push(carrier === first ? 'first' : 'second')
    side.pass(3_000)
    expect(used).toEqual([])
    side.pass(20_000)
    expect(new Set(used)).toEqual(new Set(['second']))
  })

  test('E116: nothing is passed on over a path that is not its own', () => {
    const side = new Side()
    const detours = new TestDetours()
    detours.addRelay()
    side.link.detour(detours, 0)
    expect(side.link.status.state).toBe('connected')
    expect(side.link.pass(1, frame)).toBe(false)
  })

  test('E24: a link that loses its last carrier is unreachable 12 s later, whatever went before', () => {
    const side = new Side()
    const detours = new TestDetours()
    detours.addRelay()
    side.link.detour(detours, 0)
    side.link.start(0)
    side.pass(60_000)
    expect(side.link.status).toMatchObject({ state: 'connected', sinceMs: 0 })
    detours.carriers.splice(0)
    detours.outputs.push({ type: 'changed' })
    side.link.settle(side.nowMs)
    expect(side.link.status.state).toBe('reconnecting')
    side.pass(11_999)
    expect(side.link.status.state).toBe('reconnecting')
    side.pass(1)
    expect(side.link.status).toMatchObject({ state: 'unreachable', sinceMs: 72_000 })
  })
})

test('E53: a closed link takes nothing and has no deadline', () => {
  const side = new Side().connected()
  side.link.close(0)
  expect(side.link.deadlineMs()).toBe(undefined)
  expect(side.types()).toContain('rtc-close')
})
