import type { ChannelName, RtcConnection, RtcEvent } from '@knothole/engine/ports'
import { describe, expect, test } from 'vitest'
import { FakeInternet } from './fake-internet.ts'
import type { FakeHost, Weather } from './fake-internet.ts'
import { FakeRtc } from './fake-rtc.ts'
import type { FakePage } from './fake-rtc.ts'
import { formatFakeSdp, parseFakeSdp } from './fake-sdp.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

type EventOf<Type extends RtcEvent['type']> = Extract<RtcEvent, { type: Type }>

/** One side: its connection, what it told, and the means to signal by hand. */
class Side {
  readonly host: FakeHost
  readonly page: FakePage
  readonly connection: RtcConnection
  readonly events: RtcEvent[] = []
  readonly clock: VirtualClock

  constructor(rtc: FakeRtc, clock: VirtualClock, name: string) {
    this.clock = clock
    this.host = rtc.internet.addHost(name)
    this.page = rtc.openPage(this.host)
    this.connection = this.page.openRtc((event) => this.events.push(event))
  }

  all<Type extends RtcEvent['type']>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type)
  }

  offer(restart = false): string {
    this.connection.command({ type: 'offer', restart })
    this.clock.advance(10)
    return this.all('local-offer').at(-1)?.sdp ?? ''
  }

  answer(sdp: string): string {
    this.connection.command({ type: 'accept-offer', sdp, sequence: 5 })
    this.clock.advance(10)
    return this.all('local-answer').at(-1)?.sdp ?? ''
  }

  accept(sdp: string): void {
    this.connection.command({ type: 'accept-answer', sdp })
    this.clock.advance(10)
  }

  trickleTo(other: Side): void {
    this.clock.advance(20)
    for (const { candidate } of this.all('candidate'))
      other.connection.command({ type: 'add-candidate', candidate })
  }

  send(channel: ChannelName, ...bytes: number[]): void {
    for (const byte of bytes)
      this.connection.command({ type: 'send', channel, frame: new Uint8Array([byte]) })
  }

  heard(channel: ChannelName): number[] {
    return this.all('frame')
      .filter((event) => event.channel === channel)
      .map(({ frame }) => frame[0] ?? -1)
  }

  count(type: RtcEvent['type']): number {
    return this.all(type).length
  }
}

class Pair {
  readonly clock = new VirtualClock()
  readonly internet: FakeInternet
  readonly alice: Side
  readonly bob: Side

  constructor(weather: Partial<Weather> = {}) {
    const random = new SeededRandom('rtc')
    this.internet = new FakeInternet({ clock: this.clock, random, weather })
    const rtc = new FakeRtc(this.internet)
    this.alice = new Side(rtc, this.clock, 'alice')
    this.bob = new Side(rtc, this.clock, 'bob')
  }

  /** Both sides know each other's descriptions and candidates. */
  introduce(restart = false): this {
    this.alice.accept(this.bob.answer(this.alice.offer(restart)))
    this.alice.trickleTo(this.bob)
    this.bob.trickleTo(this.alice)
    return this
  }

  connect(): this {
    this.introduce().clock.advance(2_000)
    return this
  }

  counts(type: RtcEvent['type']): [number, number] {
    return [this.alice.count(type), this.bob.count(type)]
  }
}

describe('opening', () => {
  test('both sides open, once, when both hold descriptions and candidates', () => {
    const pair = new Pair().introduce()
    expect(pair.counts('open')).toEqual([0, 0])
    pair.clock.advance(1_000)
    expect(pair.counts('open')).toEqual([1, 1])
  })

  test('an answer tells which offer it answers', () => {
    const pair = new Pair()
    pair.bob.answer(pair.alice.offer())
    expect(pair.bob.all('local-answer')[0]?.answerTo).toBe(5)
  })

  test.each(['alice', 'bob'] as const)(
    'not without a candidate of %s, and nobody fails',
    (missing) => {
      const pair = new Pair()
      pair.alice.accept(pair.bob.answer(pair.alice.offer()))
      if (missing === 'alice') pair.bob.trickleTo(pair.alice)
      else pair.alice.trickleTo(pair.bob)
      pair.clock.advance(14_000)
      expect(pair.counts('open')).toEqual([0, 0])
    },
  )

  test('a candidate may be in the description', () => {
    const pair = new Pair()
    pair.alice.offer()
    pair.clock.advance(100)
    const answer = pair.bob.answer(pair.alice.connection.localSdp())
    pair.alice.accept(answer)
    pair.bob.trickleTo(pair.alice)
    pair.clock.advance(1_000)
    expect(pair.counts('open')).toEqual([1, 1])
  })

  test('a candidate of another description is ignored', () => {
    const pair = new Pair()
    pair.alice.accept(pair.bob.answer(pair.alice.offer()))
    pair.alice.trickleTo(pair.bob)
    pair.clock.advance(100)
    for (const { candidate } of pair.bob.all('candidate')) {
      const foreign = { ...candidate, ufrag: 'foreign' }
      pair.alice.connection.command({ type: 'add-candidate', candidate: foreign })
    }
    pair.clock.advance(5_000)
    expect(pair.counts('open')).toEqual([0, 0])
  })

  test('a blocked pair never opens, and fails after 15 s', () => {
    const pair = new Pair()
    pair.internet.block(pair.alice.host, pair.bob.host)
    pair.introduce().clock.advance(14_900)
    expect([...pair.counts('open'), ...pair.counts('failed')]).toEqual([0, 0, 0, 0])
    pair.clock.advance(1_200)
    expect(pair.counts('failed')).toEqual([1, 1])
  })

  test('a swapped fingerprint fails on both sides and opens on none', () => {
    const pair = new Pair()
    const offer = parseFakeSdp(pair.alice.offer())
    if (offer === undefined) throw new Error('an offer is a description')
    const swapped = formatFakeSdp({ ...offer, fingerprint: 'mallory' })
    pair.alice.accept(pair.bob.answer(swapped))
    pair.alice.trickleTo(pair.bob)
    pair.bob.trickleTo(pair.alice)
    pair.clock.advance(2_000)
    expect(pair.counts('open')).toEqual([0, 0])
    expect(pair.counts('failed')).toEqual([1, 1])
  })
})

describe('descriptions', () => {
  test('taking an offer rolls our own back', () => {
    const { alice, bob, clock } = new Pair()
    bob.offer()
    const answer = bob.answer(alice.offer())
    alice.accept(answer)
    alice.trickleTo(bob)
    bob.trickleTo(alice)
    clock.advance(1_000)
    expect([alice.count('open'), bob.count('open')]).toEqual([1, 1])
    bob.accept(answer)
    expect(bob.count('failed')).toBe(1)
  })

  test.each([
    ['an answer without an offer', 'accept-answer'],
    ['an answer as an offer', 'accept-offer'],
  ] as const)('%s ends the connection', (_, type) => {
    const pair = new Pair()
    const sdp = pair.bob.answer(pair.alice.offer())
    const fresh = new Pair().alice
    fresh.connection.command({ type, sdp, sequence: 1 })
    fresh.clock.advance(10)
    expect(fresh.count('failed')).toBe(1)
  })

  test('a description of another connection ends this one', () => {
    const pair = new Pair().connect()
    const other = new Pair({ delayMs: 11 })
    pair.bob.answer(other.bob.offer())
    expect(pair.bob.count('failed')).toBe(1)
  })

  test.each(['', 'v=0', 'nonsense'])('%j ends the connection', (sdp) => {
    const { alice } = new Pair()
    alice.answer(sdp)
    expect(alice.count('failed')).toBe(1)
  })

  test('a restart changes the ufrag on both sides, a plain offer on none', () => {
    const pair = new Pair().connect()
    const ufrags = (): unknown[] =>
      [pair.alice, pair.bob].map(({ connection }) => parseFakeSdp(connection.localSdp())?.ufrag)
    const before = ufrags()
    pair.introduce()
    expect(ufrags()).toEqual(before)
    pair.introduce(true)
    for (const [at, ufrag] of ufrags().entries()) expect(ufrag).not.toBe(before[at])
  })
})

describe('channels', () => {
  test('talk arrives once and in order over a lossy path', () => {
    const { alice, bob, clock } = new Pair({ loss: 0.3, jitterMs: 50 }).connect()
    clock.advance(10_000)
    const numbers = Array.from({ length: 200 }, (_, at) => at)
    alice.send('talk', ...numbers)
    clock.advance(60_000)
    expect(bob.heard('talk')).toEqual(numbers)
  })

  test('a pulse is lost with its packet', () => {
    const { alice, bob, clock, internet } = new Pair().connect()
    internet.weather.loss = 0.5
    alice.send('pulse', ...Array.from({ length: 200 }, () => 1))
    clock.advance(60_000)
    expect(Math.abs(bob.heard('pulse').length - 100)).toBeLessThan(30)
  })

  test('talk waits for the end of an outage', () => {
    const { alice, bob, clock } = new Pair().connect()
    bob.host.isDark = true
    alice.send('talk', 1, 2)
    clock.advance(4_000)
    expect(bob.heard('talk')).toEqual([])
    bob.host.isDark = false
    clock.advance(4_000)
    expect(bob.heard('talk')).toEqual([1, 2])
  })

  test('the selected pair is measured', () => {
    const { alice, bob, clock } = new Pair().connect()
    alice.send('talk', 1, 2, 3)
    alice.connection.command({ type: 'measure' })
    clock.advance(10)
    expect(alice.all('measured').at(-1)?.pair).toMatchObject({
      remoteAddress: bob.host.address,
      bytesSent: 3,
    })
  })
})

describe('trouble', () => {
  test('troubled after 5 to 7 s, failed after 15 to 17, as Chromium', () => {
    const pair = new Pair().connect()
    pair.bob.host.isDark = true
    pair.clock.advance(4_900)
    expect(pair.counts('troubled')).toEqual([0, 0])
    pair.clock.advance(2_100)
    expect(pair.counts('troubled')).toEqual([1, 1])
    pair.clock.advance(7_900)
    expect(pair.counts('failed')).toEqual([0, 0])
    pair.clock.advance(2_100)
    expect(pair.counts('failed')).toEqual([1, 1])
  })

  test('a short outage heals by itself', () => {
    const pair = new Pair().connect()
    pair.bob.host.isDark = true
    pair.clock.advance(6_000)
    pair.bob.host.isDark = false
    pair.clock.advance(60_000)
    expect(pair.counts('failed')).toEqual([0, 0])
    pair.alice.send('pulse', 7)
    pair.clock.advance(100)
    expect(pair.bob.heard('pulse')).toEqual([7])
  })

  test('a changed address heals by a restart only', () => {
    const pair = new Pair().connect()
    pair.bob.host.move()
    pair.alice.send('talk', 1)
    pair.introduce().clock.advance(2_000)
    expect(pair.bob.heard('talk')).toEqual([])
    pair.introduce(true).clock.advance(4_000)
    expect(pair.bob.heard('talk')).toEqual([1])
    expect(pair.counts('open')).toEqual([1, 1])
  })

  test('a closed connection tells the other side, after what was sent', () => {
    const { alice, bob, clock } = new Pair().connect()
    alice.send('talk', 9)
    alice.connection.close()
    clock.advance(1_000)
    expect(bob.heard('talk')).toEqual([9])
    expect(bob.count('failed')).toBe(1)
    expect(alice.count('failed')).toBe(0)
  })

  test('a crashed page tells nobody', () => {
    const { alice, bob, clock } = new Pair().connect()
    alice.page.crash()
    expect(alice.page.connections()).toEqual([])
    clock.advance(4_000)
    expect(bob.count('failed')).toBe(0)
    clock.advance(13_000)
    expect(bob.count('failed')).toBe(1)
  })
})
