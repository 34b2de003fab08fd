import { closeCodeOf, encodeServerFrame, PROTOCOL_VERSION, REFUSAL_CODES } from '@knothole/wire'
import type { Bytes, ClientFrame, PeerId, RefusalCode, ServerFrame } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { isWordOfNetwork, RendezvousClient } from './rendezvous-client.ts'
import type { RendezvousOutput } from './rendezvous-client.ts'

const nonce = new Uint8Array(32)
const alice = 'AAAAAAAAAAAAAAAAAAAAAA' as PeerId
const welcome: ServerFrame = {
  type: 'welcome',
  peer: alice,
  observed: { address: '203.0.113.1', port: 4000 },
  participants: [],
  expiresAtMs: 1,
  capacity: 12,
}

/** Refusals that asking again will not change. */
const FINAL: readonly RefusalCode[] = [
  'bad-frame',
  'too-large',
  'unsupported-version',
  'room-not-found',
  'not-admitted',
  'room-full',
  'replaced',
]

class Client {
  readonly machine = new RendezvousClient(() => 0.5)
  nowMs = 0
  outputs: RendezvousOutput[] = []

  constructor() {
    this.machine.start(0)
    this.drain()
  }

  hear(frame: ServerFrame, socket = 1): void {
    this.bytes(encodeServerFrame(frame), socket)
  }

  bytes(frame: Bytes, socket = 1): void {
    this.machine.handle({ type: 'socket-frame', socket, frame }, this.nowMs)
    this.drain()
  }

  lose(code = 1006, socket = 1): void {
    this.machine.handle({ type: 'socket-closed', socket, code }, this.nowMs)
    this.drain()
  }

  welcomed(socket = 1): this {
    this.hear({ type: 'challenge', version: PROTOCOL_VERSION, nonce }, socket)
    this.hear(welcome, socket)
    return this
  }

  /** Lets time pass as a timer does. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let due = this.machine.deadlineMs(); due !== undefined && due <= untilMs;) {
      this.nowMs = Math.max(this.nowMs, due)
      this.machine.tick(this.nowMs)
      due = this.machine.deadlineMs()
    }
    this.nowMs = untilMs
    this.drain()
  }

  drain(): void {
    for (let out = this.machine.poll(); out !== undefined; out = this.machine.poll())
      this.outputs.push(out)
  }

  /** The outputs since last asked, by type. */
  types(): string[] {
    return this.outputs.splice(0).map(({ type }) => type)
  }

  sent(): ClientFrame['type'][] {
    return this.outputs.flatMap((out) => (out.type === 'send' ? [out.frame.type] : []))
  }
}

describe('joining', () => {
  test('E32: a challenge is answered, a welcome brings us online', () => {
    const client = new Client()
    client.hear({ type: 'challenge', version: PROTOCOL_VERSION, nonce })
    expect(client.outputs.at(-1)).toEqual({ type: 'join', socket: 1, nonce })
    expect(client.machine.status).toEqual({ state: 'connecting' })
    client.hear(welcome)
    expect(client.machine.status).toEqual({ state: 'online', observed: welcome.observed })
    expect(client.types()).toEqual(['open-socket', 'join', 'status', 'frame'])
  })

  test('E32: a challenge of another version is refused', () => {
    const client = new Client()
    client.hear({ type: 'challenge', version: PROTOCOL_VERSION + 1, nonce })
    expect(client.machine.status).toEqual({ state: 'refused', refusal: 'unsupported-version' })
    expect(client.types()).toEqual(['open-socket', 'close-socket', 'status'])
    client.pass(3_600_000)
    expect(client.types()).toEqual([])
  })

  test('E32: without a welcome in 8 s the socket is given up', () => {
    const client = new Client()
    client.pass(7_999)
    expect(client.types()).toEqual(['open-socket'])
    client.pass(1)
    expect(client.types()).toEqual(['close-socket', 'status'])
    expect(client.machine.status).toEqual({ state: 'reconnecting', retryAtMs: 8_250 })
  })
})

describe('coming back', () => {
  test('E33: a lost socket is opened again after a pause, longer after each failure', () => {
    const client = new Client().welcomed()
    client.lose()
    expect(client.machine.status).toEqual({ state: 'reconnecting', retryAtMs: 250 })
    client.pass(250)
    client.lose(1006, 2)
    expect(client.machine.status).toEqual({ state: 'reconnecting', retryAtMs: 750 })
    client.pass(500)
    client.welcomed(3)
    client.lose(1006, 3)
    expect(client.machine.status).toEqual({ state: 'reconnecting', retryAtMs: 1_000 })
  })

  test.each(REFUSAL_CODES.filter((code) => FINAL.includes(code)))(
    'E34: %s is final, as a frame and as a close code',
    (code) => {
      const byFrame = new Client()
      byFrame.hear({ type: 'refused', code, message: '' })
      expect(byFrame.machine.status).toEqual({ state: 'refused', refusal: code })
      const byCode = new Client().welcomed()
      byCode.lose(closeCodeOf(code))
      expect(byCode.machine.status).toEqual({ state: 'refused', refusal: code })
      expect(byCode.machine.deadlineMs()).toBe(undefined)
    },
  )

  test.each(['join-timeout', 'rate-limited', 'going-away'] as const)('E34: %s is not', (code) => {
    const client = new Client()
    client.hear({ type: 'refused', code, message: '' })
    const status = { state: 'reconnecting', refusal: code, retryAtMs: 250 }
    expect(client.machine.status).toEqual(status)
    client.pass(250)
    expect(client.types()).toEqual(['open-socket', 'close-socket', 'status', 'open-socket'])
  })

  test('E34: a signal to nobody is refused, and nothing follows from it', () => {
    const client = new Client().welcomed()
    client.hear({ type: 'refused', code: 'unknown-peer', message: '' })
    expect(client.machine.online).toBe(true)
  })

  test('E37: a link that breaks cuts the pause short; one in repair does not', () => {
    const client = new Client().welcomed()
    client.lose()
    client.types()
    client.machine.probe(1)
    client.pass(1)
    expect(client.types()).toEqual([])
    client.machine.hurry(1)
    client.pass(0)
    expect(client.types()).toEqual(['open-socket'])
  })
})

describe('staying', () => {
  test('E35: an idle socket is pinged every 25 s', () => {
    const client = new Client().welcomed()
    for (const _ of [1, 2, 3]) {
      client.pass(25_000)
      client.hear({ type: 'pong' })
    }
    expect(client.sent()).toEqual(['ping', 'ping', 'ping'])
    expect(client.machine.online).toBe(true)
  })

  test('E35: and replaced at once when no pong comes in 5 s', () => {
    const client = new Client().welcomed()
    client.types()
    client.pass(29_999)
    expect(client.types()).toEqual(['send'])
    client.pass(1)
    expect(client.types()).toEqual(['close-socket', 'status', 'open-socket'])
    expect(client.machine.online).toBe(false)
  })

  test('E35: a probe waits 0.4 s, and any frame answers it', () => {
    const client = new Client().welcomed()
    client.machine.probe(0)
    client.pass(399)
    client.hear({ type: 'left', peer: alice })
    client.pass(1_000)
    expect(client.machine.online).toBe(true)
    client.machine.probe(client.nowMs)
    client.pass(400)
    expect(client.machine.online).toBe(false)
  })

  test('E35: on a slow network it waits twice as long as the last answer took', () => {
    const client = new Client()
    client.nowMs = 900
    client.welcomed()
    client.machine.probe(client.nowMs)
    client.pass(1_799)
    expect(client.machine.online).toBe(true)
    client.hear({ type: 'pong' })
    client.machine.probe(client.nowMs)
    client.pass(3_598)
    expect(client.machine.online).toBe(false)
  })

  test('E35: a question beside a signal waits 2 s, and a probe meanwhile as long as any', () => {
    const client = new Client().welcomed()
    client.machine.ask(0)
    client.pass(1_999)
    expect(client.machine.online).toBe(true)
    client.pass(1)
    expect(client.machine.online).toBe(false)
    const other = new Client().welcomed()
    other.machine.ask(0)
    other.machine.ask(0)
    other.machine.probe(100)
    other.drain()
    expect(other.sent()).toEqual(['ping', 'ping'])
    other.pass(500)
    expect(other.machine.online).toBe(false)
  })

  test('E35: where the timer is late, a pong has its time once more, and once only', () => {
    const client = new Client().welcomed()
    client.machine.probe(0)
    client.nowMs = 500
    client.machine.tick(500)
    expect(client.machine.online).toBe(true)
    client.nowMs = 1_100
    client.machine.tick(1_100)
    expect(client.machine.online).toBe(false)
    const answered = new Client().welcomed()
    answered.machine.probe(0)
    answered.nowMs = 499
    answered.machine.tick(499)
    expect(answered.machine.online).toBe(false)
  })

  test('E35: two probes at once are one', () => {
    const client = new Client().welcomed()
    client.machine.probe(0)
    client.machine.probe(200)
    client.drain()
    expect(client.sent()).toEqual(['ping'])
    client.pass(400)
    expect(client.machine.online).toBe(false)
  })
})

describe('odd words', () => {
  test('E36: word of an earlier socket is ignored', () => {
    const client = new Client().welcomed()
    client.lose()
    client.pass(250)
    client.welcomed(2)
    client.types()
    client.lose(closeCodeOf('replaced'), 1)
    client.hear({ type: 'refused', code: 'room-full', message: '' }, 1)
    expect(client.machine.online).toBe(true)
    expect(client.types()).toEqual([])
  })

  test('E36: what cannot be read is told, and the socket stays', () => {
    const client = new Client().welcomed()
    client.types()
    client.bytes(new Uint8Array([0xff, 0x00]))
    expect(client.types()).toEqual(['malformed'])
    expect(client.machine.online).toBe(true)
  })

  test('E36: a second challenge or a welcome out of turn is no join', () => {
    const client = new Client().welcomed()
    client.types()
    client.hear({ type: 'challenge', version: PROTOCOL_VERSION, nonce })
    expect(client.types()).toEqual(['frame'])
  })

  test('E53: closed, it says so and does nothing more', () => {
    const client = new Client().welcomed()
    client.types()
    client.machine.close()
    client.drain()
    expect(client.sent()).toEqual(['leave'])
    expect(client.types()).toEqual(['send', 'close-socket'])
    client.lose()
    client.pass(100_000)
    expect(client.types()).toEqual([])
  })
})

/** Online once, then in the dark with a link in trouble. */
function inTrouble(): Client {
  const client = new Client().welcomed()
  client.lose()
  client.machine.probe(client.nowMs)
  client.drain()
  client.outputs = []
  return client
}

const count = (client: Client, type: RendezvousOutput['type']): number =>
  client.outputs.splice(0).filter((out) => out.type === type).length

describe('a rendezvous that cannot be reached while links are in trouble', () => {
  test('E432: is knocked at twice a second, for two minutes', () => {
    const client = inTrouble()
    client.pass(10_000)
    expect(count(client, 'knock')).toBe(20)
    client.pass(110_000)
    expect(count(client, 'knock')).toBe(220)
    client.pass(60_000)
    expect(count(client, 'knock')).toBe(0)
  })

  test('E432: is not, when no link is in trouble, or it is there', () => {
    const client = new Client().welcomed()
    client.machine.probe(0)
    client.hear({ type: 'pong' })
    client.pass(20_000)
    expect(count(client, 'knock')).toBe(0)
    const calm = new Client().welcomed()
    calm.lose()
    calm.pass(20_000)
    expect(count(calm, 'knock')).toBe(0)
  })

  test('E432: gets a new socket at once when it answers', () => {
    const client = inTrouble()
    client.machine.handle({ type: 'knock-answered' }, client.nowMs)
    client.drain()
    expect(client.types()).toEqual(['open-socket'])
  })

  test('E432: in place of one that was opened into the dark, but not of one that is younger', () => {
    const client = inTrouble()
    client.pass(500)
    expect(client.types()).toEqual(['open-socket', 'knock'])
    client.machine.handle({ type: 'knock-answered' }, client.nowMs)
    client.drain()
    expect(client.types()).toEqual([])
    client.nowMs += 1_000
    client.machine.handle({ type: 'knock-answered' }, client.nowMs)
    client.drain()
    expect(client.types()).toEqual(['close-socket', 'open-socket'])
  })

  test('E433: a socket that brings no word is replaced every 4 to 5 s, twelve times, then every 8', () => {
    const client = inTrouble()
    const opened: number[] = []
    while (client.nowMs < 100_000) {
      client.pass(100)
      if (client.types().includes('open-socket')) opened.push(client.nowMs)
    }
    const pauses = opened.map((atMs, index) => (opened[index + 1] ?? Infinity) - atMs)
    expect(pauses.slice(0, 12).every((ms) => ms >= 4_000 && ms <= 5_000)).toBe(true)
    expect(pauses.slice(12, -1).every((ms) => ms >= 7_900 && ms <= 8_100)).toBe(true)
    expect(pauses.length).toBeGreaterThan(16)
  })

  test('E433: not one that brought a word, nor when no link is in trouble', () => {
    const client = inTrouble()
    client.pass(500)
    client.hear({ type: 'challenge', version: PROTOCOL_VERSION, nonce }, 2)
    client.outputs = []
    client.pass(7_900)
    expect(count(client, 'open-socket')).toBe(0)
    const calm = new Client()
    calm.outputs = []
    calm.pass(7_900)
    expect(count(calm, 'open-socket')).toBe(0)
  })

  test('E433: refused, it is asked at longer and longer pauses all the same', () => {
    const client = inTrouble()
    let opened = 0
    for (let socket = 2; client.nowMs < 60_000;) {
      client.pass(100)
      if (!client.types().includes('open-socket')) continue
      opened += 1
      client.lose(1006, socket++)
    }
    expect(opened).toBeLessThan(9)
  })

  test('E433: word of another server gets a new socket in place of one opened into the dark', () => {
    const client = inTrouble()
    client.pass(2_000)
    client.outputs = []
    client.machine.networkAnswers(client.nowMs)
    client.drain()
    expect(client.types()).toEqual(['close-socket', 'open-socket'])
    client.machine.networkAnswers(client.nowMs + 900)
    client.drain()
    expect(client.types()).toEqual([])
    const young = new Client()
    young.outputs = []
    young.machine.networkAnswers(3_000)
    young.drain()
    expect(young.types()).toEqual([])
  })

  test('E432: again from the start when this computer wakes or its network is another', () => {
    const client = inTrouble()
    client.pass(200_000)
    client.outputs = []
    client.machine.renew(client.nowMs)
    client.pass(3_000)
    expect(count(client, 'knock')).toBe(6)
  })
})

test.each([
  ['candidate:1 1 udp 1677729535 203.0.113.21 4000 typ srflx raddr 0.0.0.0 rport 0', true],
  ['candidate:1 1 udp 50341119 203.0.113.10 4000 typ relay raddr 0.0.0.0 rport 0', true],
  ['candidate:1 1 udp 2113937151 192.168.1.2 4000 typ host generation 0', false],
])('E433: whether a candidate is word of the network: %s', (candidate, isWord) => {
  expect(isWordOfNetwork({ type: 'candidate', candidate: { candidate, ufrag: '' } })).toBe(isWord)
})
