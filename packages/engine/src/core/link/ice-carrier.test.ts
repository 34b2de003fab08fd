import { encodePulseFrame } from '@knothole/wire'
import type { Signal } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import type { RtcCommand, RtcEvent } from '../../ports/index.ts'
import { IceCarrier } from './ice-carrier.ts'
import type { IceOutput } from './ice-carrier.ts'

const candidate = { candidate: 'candidate:1', ufrag: 'u' }

class Side {
  readonly link: IceCarrier
  nowMs = 0
  readonly outputs: IceOutput[] = []
  #connections = 0
  #sequence = 0

  isOneOfMany = false
  constructor(polite: boolean) {
    const newConnection = (): number => ++this.#connections
    const nextSequence = (): number => ++this.#sequence
    const isOneOfMany = (): boolean => this.isOneOfMany
    const options = { polite, newConnection, nextSequence, random: () => 0, isOneOfMany }
    this.link = new IceCarrier(options, 0)
  }

  rtc(event: RtcEvent, connection = this.link.connection ?? -1): this {
    this.link.handleRtc(connection, event, this.nowMs)
    return this
  }

  hear(signal: Signal): this {
    this.link.handleSignal(signal, this.nowMs)
    return this
  }

  start(): this {
    this.link.start(this.nowMs)
    return this.rtc({ type: 'local-offer', sdp: 'my offer' })
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

  #drain(): IceOutput[] {
    for (let out = this.link.poll(); out !== undefined; out = this.link.poll())
      this.outputs.push(out)
    return this.outputs.splice(0)
  }

  /** What came out since last asked, without `changed` and the pulse. */
  out(): IceOutput[] {
    return this.#drain().filter(
      (out) =>
        out.type !== 'changed' &&
        !(out.type === 'rtc' && ['send', 'measure'].includes(out.command.type)),
    )
  }

  signals(): Signal[] {
    return this.#drain().flatMap((out) => (out.type === 'signal' ? [out.signal] : []))
  }

  commands(): RtcCommand['type'][] {
    return this.#drain().flatMap((out) => (out.type === 'rtc' ? [out.command.type] : []))
  }
}

/** A side whose link works; what it said so far is forgotten. */
function connected(polite = false): Side {
  const side = new Side(polite).start()
  side.hear({ type: 'answer', sdp: 'answer', offer: 1, sequence: 1, attempt: 1 })
  side.rtc({ type: 'open' })
  side.out()
  return side
}

const theirOffer = { type: 'offer', sdp: 'their offer', fresh: true } as const

describe('introductions', () => {
  test('E10: the first offer is fresh, of attempt 1, and numbered', () => {
    expect(new Side(false).start().signals()).toEqual([
      { type: 'offer', sdp: 'my offer', fresh: true, sequence: 1, attempt: 1 },
    ])
  })

  test('E10: an offer that never comes is made by who waited', () => {
    const side = new Side(false)
    expect(side.pass(4_999).out()).toEqual([])
    expect(side.pass(1).out()).toMatchObject([
      { type: 'rtc-open', connection: 1 },
      { type: 'rtc', command: { type: 'offer', restart: false } },
      { type: 'repair' },
    ])
  })

  test('E9: an adopted connection waits for the answer to sequence 0 of attempt 1', () => {
    const side = new Side(false)
    side.link.adopt(9, 0)
    side.hear({ type: 'answer', sdp: 'answer', offer: 0, sequence: 1, attempt: 1 })
    expect(side.out()).toEqual([
      { type: 'rtc', connection: 9, command: { type: 'accept-answer', sdp: 'answer' } },
    ])
  })

  test('E13: the impolite side ignores an offer that crossed its own', () => {
    const side = new Side(false).start()
    side.out()
    side.hear({ ...theirOffer, sequence: 1, attempt: 1 })
    expect(side.out()).toEqual([])
  })

  test('E13: the polite side takes it, on the same connection', () => {
    const side = new Side(true).start()
    side.out()
    side.hear({ ...theirOffer, sequence: 4, attempt: 1 })
    expect(side.out()).toEqual([
      {
        type: 'rtc',
        connection: 1,
        command: { type: 'accept-offer', sdp: 'their offer', sequence: 4 },
      },
    ])
    side.rtc({ type: 'local-answer', sdp: 'my answer', answerTo: 4 })
    expect(side.signals()).toEqual([
      { type: 'answer', sdp: 'my answer', offer: 4, sequence: 2, attempt: 1 },
    ])
  })

  test('E13: an offer that was being made when we yielded is not sent', () => {
    const side = new Side(true)
    side.link.start(0)
    side.hear({ ...theirOffer, sequence: 1, attempt: 1 })
    side.rtc({ type: 'local-offer', sdp: 'too late' })
    expect(side.signals()).toEqual([])
  })

  test('E14: an answer to an older offer, or of another attempt, is stale', () => {
    const side = new Side(false).start()
    side.hear({ type: 'answer', sdp: 'stale', offer: 0, sequence: 1, attempt: 1 })
    side.hear({ type: 'answer', sdp: 'stale', offer: 1, sequence: 2, attempt: 2 })
    expect(side.commands()).toEqual(['offer'])
  })

  test('E15: candidates before the description are added after it', () => {
    const side = new Side(false).start()
    side.hear({ type: 'candidates', candidates: [candidate], sequence: 1, attempt: 1 })
    expect(side.commands()).toEqual(['offer'])
    side.hear({ type: 'answer', sdp: 'answer', offer: 1, sequence: 2, attempt: 1 })
    expect(side.commands()).toEqual(['accept-answer', 'add-candidate'])
  })

  test('E16: signals of an earlier attempt are ignored', () => {
    const side = new Side(true)
    side.hear({ ...theirOffer, sequence: 1, attempt: 3 })
    side.out()
    side.hear({ ...theirOffer, sequence: 2, attempt: 2 })
    side.hear({ type: 'candidates', candidates: [candidate], sequence: 3, attempt: 2 })
    expect(side.out()).toEqual([])
  })

  test('E16: a first offer of a later attempt gets a new connection', () => {
    const side = connected()
    side.hear({ ...theirOffer, sequence: 2, attempt: 2 })
    expect(side.out()).toEqual([
      { type: 'rtc-close', connection: 1 },
      { type: 'rtc-open', connection: 2 },
      {
        type: 'rtc',
        connection: 2,
        command: { type: 'accept-offer', sdp: 'their offer', sequence: 2 },
      },
    ])
  })

  test('E16: so does a first offer of an attempt we thought begun', () => {
    const side = connected()
    side.hear({ ...theirOffer, sequence: 2, attempt: 1 })
    expect(side.out().map(({ type }) => type)).toEqual(['rtc-close', 'rtc-open', 'rtc'])
  })

  test('E16: a repair stays on its connection', () => {
    const side = connected()
    side.hear({ ...theirOffer, fresh: false, sequence: 2, attempt: 1 })
    expect(side.commands()).toEqual(['accept-offer'])
  })

  test('E16: a repair of a connection we do not have is answered by a new attempt', () => {
    const side = new Side(true)
    side.hear({ ...theirOffer, fresh: false, sequence: 9, attempt: 4 })
    side.rtc({ type: 'local-offer', sdp: 'my offer' })
    expect(side.signals()).toMatchObject([{ type: 'offer', fresh: true, attempt: 5 }])
  })

  test('E16: our repair after their first offer was taken is not fresh', () => {
    const side = new Side(true)
    side.hear({ ...theirOffer, sequence: 1, attempt: 1 })
    side.rtc({ type: 'local-answer', sdp: 'answer', answerTo: 1 }).rtc({ type: 'open' })
    side.out()
    side.pass(3_000).rtc({ type: 'local-offer', sdp: 'repair' })
    expect(side.signals()).toMatchObject([{ type: 'offer', fresh: false, attempt: 1 }])
  })

  test('E19: word of an old connection is ignored', () => {
    const side = connected()
    side
      .rtc({ type: 'failed' }, 0)
      .rtc({ type: 'frame', channel: 'talk', frame: new Uint8Array([1]) }, 7)
    expect(side.out()).toEqual([])
    expect(side.link.status.state).toBe('connected')
  })
})

describe('trouble', () => {
  test('E20: a ping is answered by a pong with its number', () => {
    const side = connected()
    const frame = encodePulseFrame({ type: 'ping', number: 7 })
    side.rtc({ type: 'frame', channel: 'pulse', frame })
    let answer: unknown
    for (let out = side.link.poll(); out !== undefined; out = side.link.poll()) answer = out
    const pong = encodePulseFrame({ type: 'pong', number: 7 })
    const command = { type: 'send', channel: 'pulse', frame: pong }
    expect(answer).toEqual({ type: 'rtc', connection: 1, command })
  })

  test('E21: silence is trouble, and a dead link does not spin the timer', () => {
    const side = connected()
    side.pass(1_500)
    expect(side.link.status.state).toBe('reconnecting')
    expect(side.link.deadlineMs()).toBeGreaterThan(side.nowMs)
    side.pass(60_000)
    expect(side.link.deadlineMs()).toBeGreaterThan(side.nowMs)
  })

  test('E22: trouble restarts ICE; ICE may notice it first', () => {
    const side = connected().rtc({ type: 'troubled' })
    side.pass(0)
    expect(side.out()).toMatchObject([
      { type: 'trouble' },
      { type: 'rtc', connection: 1, command: { type: 'offer', restart: true } },
      { type: 'repair' },
    ])
  })

  test('E23: a connection that failed is replaced', () => {
    const side = connected().rtc({ type: 'failed' })
    expect(side.link.open).toBe(false)
    side.pass(0)
    expect(side.out().map(({ type }) => type)).toEqual([
      'rtc-close',
      'trouble',
      'rtc-open',
      'rtc',
      'repair',
    ])
  })

  test('E24: unreachable 12 s after the beginning, and not for good', () => {
    const side = new Side(false).start()
    side.pass(11_999)
    expect(side.link.status.state).toBe('connecting')
    side.pass(1)
    expect(side.link.status).toMatchObject({ state: 'unreachable', sinceMs: 12_000 })
    side.rtc({ type: 'open' })
    expect(side.link.status).toMatchObject({ state: 'connected', sinceMs: 12_000 })
  })

  test('E25: when signalling is back, a broken link is repaired at once, a good one left alone', () => {
    const broken = connected().rtc({ type: 'troubled' }).pass(100)
    broken.out()
    broken.link.signallingIsBack(broken.nowMs)
    expect(broken.pass(0).commands()).toEqual(['offer'])
    const good = connected()
    good.link.signallingIsBack(0)
    expect(good.pass(0).out()).toEqual([])
  })

  test('E26: any frame heals', () => {
    const side = connected().rtc({ type: 'troubled' })
    side.rtc({ type: 'frame', channel: 'talk', frame: new Uint8Array([1]) })
    expect(side.link.status.state).toBe('connected')
    const pulsed = connected().rtc({ type: 'troubled' })
    const frame = encodePulseFrame({ type: 'pong', number: 1 })
    pulsed.rtc({ type: 'frame', channel: 'pulse', frame })
    expect(pulsed.link.status.state).toBe('connected')
  })

  test('E26: but not what is no frame', () => {
    const side = connected().rtc({ type: 'troubled' })
    side.rtc({ type: 'frame', channel: 'pulse', frame: new Uint8Array([0xff]) })
    expect(side.link.status.state).toBe('reconnecting')
  })

  test('E27: every repair asks for a probe', () => {
    const side = connected().rtc({ type: 'troubled' }).pass(60_000)
    const types = side.out().map(({ type }) => type)
    const repairs = types.filter((type) => type === 'repair').length
    expect(repairs).toBeGreaterThan(4)
    expect(types.filter((type) => type === 'trouble').length).toBe(1)
  })
})

test('E31: path and bytes are read while connected', () => {
  const side = connected()
  const pair = {
    localType: 'srflx',
    remoteType: 'srflx',
    remoteAddress: '203.0.113.9',
    bytesSent: 5,
    bytesReceived: 6,
  }
  side.rtc({ type: 'measured', pair })
  expect(side.link.status).toMatchObject({ path: 'direct', bytesSent: 5, bytesReceived: 6 })
  side.rtc({ type: 'measured', pair: undefined })
  expect(side.link.status).toMatchObject({ path: 'direct' })
})

test.each([
  { isOneOfMany: false, pings: 30, measures: 5 },
  { isOneOfMany: true, pings: 0, measures: 2 },
])('E459: one link of many ($isOneOfMany) is asked and measured less often', (expected) => {
  const side = connected()
  side.isOneOfMany = expected.isOneOfMany
  const pass = (frames: number): RtcCommand['type'][] => {
    side.commands()
    for (let frame = 0; frame < frames; frame++) {
      side.rtc({ type: 'frame', channel: 'talk', frame: new Uint8Array([0]) }).pass(900)
    }
    return side.commands()
  }
  pass(2)
  const commands = pass(10)
  const count = (type: string): number => commands.filter((one) => one === type).length
  expect({ ...expected, pings: count('send'), measures: count('measure') }).toEqual(expected)
})

test('E53: a closed link leaves no deadline and no channel', () => {
  const side = connected()
  side.link.close()
  expect(side.out()).toEqual([{ type: 'rtc-close', connection: 1 }])
  expect(side.link.open).toBe(false)
  expect(side.link.deadlineMs()).toBe(undefined)
})
