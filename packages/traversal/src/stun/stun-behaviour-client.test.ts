import { randomBytes } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { TransportAddress } from '../address.ts'
import { formatTransportAddress, parseTransportAddress } from '../address.ts'
import type { Dependence } from '../nat/nat-report.ts'
import { hostileBytes } from './stun-arbitraries.testing.ts'
import type {
  BehaviourClientOptions,
  BehaviourClientOutput,
  BehaviourReport,
} from './stun-behaviour-client.ts'
import { StunBehaviourClient } from './stun-behaviour-client.ts'
import type { BehaviourSocket } from './stun-behaviour-flows.ts'
import { createStunBehaviourServer } from './stun-behaviour-server.ts'

function at(text: string): TransportAddress {
  const address = parseTransportAddress(text)
  if (address === null) throw new Error(`no address: ${text}`)
  return address
}

const FOUR = ['203.0.113.10:3478', '203.0.113.10:3479', '203.0.113.11:3478', '203.0.113.11:3479']
const EXTERNAL = '192.0.2.1'

interface Nat {
  readonly mapping: Dependence
  readonly filtering: Dependence
  readonly hairpin: boolean
  readonly timeoutMs: number
  /** Of 100 packets, either way. */
  readonly lostOf100: number
}

const HOME: Nat = {
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  hairpin: false,
  timeoutMs: 60_000,
  lostOf100: 0,
}

interface Binding {
  readonly socket: BehaviourSocket
  readonly port: number
  readonly key: string
  /** Whom it has sent to, and when it last did so. */
  readonly sentTo: Map<string, TransportAddress>
  usedMs: number
}

function part({ address, port }: TransportAddress, dependence: Dependence): string {
  if (dependence === 'endpoint-independent') return ''
  return dependence === 'address-dependent' ? address : `${address}:${port}`
}

/** A NAT in virtual time, one host behind it, and a server in front. */
class World {
  nowMs = 0
  sent = 0
  readonly client: StunBehaviourClient
  readonly #nat: Nat
  readonly #sockets: readonly TransportAddress[]
  readonly #server: ReturnType<typeof createStunBehaviourServer>
  readonly #bindings: Binding[] = []
  #nextPort = 40_000
  #lot = 1

  constructor(nat: Nat, sockets: readonly string[], options: Partial<BehaviourClientOptions> = {}) {
    this.#nat = nat
    this.#sockets = sockets.map(at)
    this.#server = createStunBehaviourServer({ sockets: this.#sockets })
    this.client = new StunBehaviourClient({
      server: at('203.0.113.10:3478'),
      randomBytes: (count) => randomBytes(count),
      ...options,
    })
  }

  /** Runs one discovery to its end. */
  discover(): BehaviourReport {
    this.client.handle({ type: 'start' }, this.nowMs)
    for (;;) {
      for (let output = this.client.poll(); output !== undefined; output = this.client.poll()) {
        if (output.type === 'report') return output.report
        this.#out(output)
      }
      const deadlineMs = this.client.deadlineMs()
      if (deadlineMs === undefined) throw new Error('it waits for nothing and has no report')
      this.nowMs = deadlineMs
      this.client.tick(deadlineMs)
    }
  }

  #out({ socket, to, bytes }: Extract<BehaviourClientOutput, { type: 'send' }>): void {
    this.sent += 1
    const binding = this.#bind(socket, to)
    if (this.#isLost()) return
    const source = { family: 'IPv4', address: EXTERNAL, port: binding.port } as const
    if (to.address === EXTERNAL) {
      if (this.#nat.hairpin) this.#in(bytes, source, to)
      return
    }
    const index = this.#sockets.findIndex(
      (own) => own.address === to.address && own.port === to.port,
    )
    const answer = this.#server.answer(bytes, { source, socket: index }, this.nowMs)
    const from = answer.type === 'reply' ? this.#sockets[answer.socket] : undefined
    if (answer.type === 'silence' || from === undefined || this.#isLost()) return
    this.#in(answer.bytes, from, answer.to)
  }

  #bind(socket: BehaviourSocket, to: TransportAddress): Binding {
    const key = `${socket} ${part(to, this.#nat.mapping)}`
    const alive = this.#bindings.find((one) => one.key === key && this.#isAlive(one))
    const binding = alive ?? {
      socket,
      port: this.#nextPort++,
      key,
      sentTo: new Map(),
      usedMs: 0,
    }
    if (alive === undefined) this.#bindings.push(binding)
    binding.usedMs = this.nowMs
    binding.sentTo.set(part(to, this.#nat.filtering), to)
    return binding
  }

  #in(bytes: Uint8Array, from: TransportAddress, to: TransportAddress): void {
    const binding = this.#bindings.find((one) => one.port === to.port && this.#isAlive(one))
    // A hairpinned packet is let in: RFC 4787 section 6 asks for no less where it is done at all.
    const isLetIn =
      from.address === EXTERNAL || binding?.sentTo.has(part(from, this.#nat.filtering)) === true
    if (binding === undefined || !isLetIn) return
    this.client.handle({ type: 'received', socket: binding.socket, from, bytes }, this.nowMs)
  }

  #isAlive({ usedMs }: Binding): boolean {
    return this.nowMs - usedMs < this.#nat.timeoutMs
  }

  // Every so many, so that a test that fails does so again.
  #isLost(): boolean {
    this.#lot = (this.#lot * 48_271) % 2_147_483_647
    return this.#lot % 100 < this.#nat.lostOf100
  }
}

const DEPENDENCES = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
] as const
const EVERY = DEPENDENCES.flatMap((mapping) =>
  DEPENDENCES.flatMap((filtering) =>
    [true, false].map((hairpin) => ({ mapping, filtering, hairpin })),
  ),
)

describe('behaviour discovery', () => {
  it.each(EVERY)('T42 tells mapping, filtering and hairpinning: %o', (behaviour) => {
    const world = new World({ ...HOME, ...behaviour }, FOUR)
    expect(world.discover()).toMatchObject({ udp: 'open', ...behaviour })
    // All at once: no longer than two silences and the answers between.
    expect(world.nowMs).toBeLessThanOrEqual(11_000)
    expect(world.sent).toBeLessThanOrEqual(16)
  })

  it.each(EVERY)('T42 bears with a lossy way: %o', (behaviour) => {
    const nat = { ...HOME, ...behaviour, lostOf100: 10 }
    expect(new World(nat, FOUR).discover()).toMatchObject({ udp: 'open', ...behaviour })
  })

  it('T42 gives what the server saw, its other address, and whether something translates', () => {
    const options = { localAddresses: ['10.0.0.2'] }
    const report = new World(HOME, FOUR, options).discover()
    expect(report.mapped && formatTransportAddress(report.mapped)).toBe('192.0.2.1:40000')
    expect(report.other && formatTransportAddress(report.other)).toBe('203.0.113.11:3479')
    expect(report.translated).toBe(true)
    const open = new World(HOME, FOUR, { localAddresses: [EXTERNAL] }).discover()
    expect(open.translated).toBe(false)
    expect(report.lifetime).toBeUndefined()
  })

  it('T43 says unknown before a server with one address, and knows hairpinning', () => {
    const world = new World({ ...HOME, hairpin: true }, FOUR.slice(0, 2))
    const report = world.discover()
    expect(report).toMatchObject({ udp: 'open', mapping: 'unknown', filtering: 'unknown' })
    expect([report.hairpin, report.other]).toEqual([true, undefined])
  })

  it('T43 says blocked when the server is silent', () => {
    const world = new World({ ...HOME, lostOf100: 100 }, FOUR)
    expect(world.discover()).toEqual({ udp: 'blocked', mapping: 'unknown', filtering: 'unknown' })
    expect([world.nowMs, world.sent]).toEqual([5500, 4])
  })

  it('T43 does not believe a server that answers from elsewhere than it was asked to', () => {
    const world = new World({ ...HOME, filtering: 'endpoint-independent' }, FOUR)
    const { client } = world
    const handle = client.handle.bind(client)
    // As a server that ignores CHANGE-REQUEST would.
    client.handle = (input, nowMs) => {
      const from = at('203.0.113.10:3478')
      handle(input.type === 'received' ? { ...input, from } : input, nowMs)
    }
    expect(world.discover()).toMatchObject({ filtering: 'unknown' })
  })

  it('T43 no bytes make it throw, or send more than it would have', () => {
    fc.assert(
      fc.property(fc.array(hostileBytes, { maxLength: 5 }), (packets) => {
        const world = new World(HOME, FOUR)
        const { client } = world
        const handle = client.handle.bind(client)
        client.handle = (input, nowMs) => {
          handle(input, nowMs)
          if (input.type !== 'received') return
          for (const bytes of packets) handle({ ...input, bytes }, nowMs)
        }
        expect(world.discover()).toMatchObject({ udp: 'open', mapping: HOME.mapping })
        expect(world.sent).toBeLessThanOrEqual(16)
      }),
      { numRuns: 30 },
    )
  })

  it.each([20_000, 30_000, 61_000, 119_000, 299_000])(
    'T44 finds a lifetime of %i ms',
    (timeoutMs) => {
      const lifetime = { maxMs: 600_000, withinMs: 5000 }
      const found = new World({ ...HOME, timeoutMs }, FOUR, { lifetime }).discover().lifetime
      expect(found?.aliveMs).toBeLessThan(timeoutMs)
      expect(found?.deadMs).toBeGreaterThanOrEqual(timeoutMs)
      expect((found?.deadMs ?? Infinity) - (found?.aliveMs ?? 0)).toBeLessThanOrEqual(5000)
    },
  )

  it('T44 looks no further than it was told to', () => {
    const lifetime = { maxMs: 100_000, withinMs: 5000 }
    const world = new World({ ...HOME, timeoutMs: 7_200_000 }, FOUR, { lifetime })
    expect(world.discover().lifetime).toEqual({ aliveMs: 100_000 })
    expect(world.nowMs).toBeLessThan(220_000)
  })

  it('T44 works by a server with one address, and not by one that lacks RESPONSE-PORT', () => {
    const lifetime = { maxMs: 60_000, withinMs: 10_000 }
    const one = new World(HOME, FOUR.slice(0, 1), { lifetime })
    expect(one.discover().lifetime?.deadMs).toBe(60_000)
    // A NAT that takes another public address for another socket looks the same.
    const world = new World(HOME, FOUR, { lifetime })
    const { client } = world
    const handle = client.handle.bind(client)
    client.handle = (input, nowMs) => {
      const isThere = input.type === 'received' && input.socket === 'lifetime'
      handle(isThere && nowMs > 30_000 ? { ...input, socket: 'second' } : input, nowMs)
    }
    expect(world.discover().lifetime).toBeUndefined()
  })
})
