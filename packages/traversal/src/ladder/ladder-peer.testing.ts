// A peer on the testkit's internet: a ladder, and a model of the browser that does what it says.
// Signals arrive after a delay, connections take time to make, checks leave as Chromium sends them.
import { CheckAgent } from '@knothole/testkit'
import type {
  CheckPacket,
  Endpoint,
  NatHost,
  NatSocket,
  SeededRandom,
  VirtualClock,
} from '@knothole/testkit'
import type { AttemptMessage, PortSample, Preparation } from './attempt.ts'
import { Ladder } from './ladder.ts'
import type { LadderInput, LadderOutput, LadderSettings } from './ladder-types.ts'
import type { FilteringProbe, NatReport, NatSample } from '../nat/nat-report.ts'
import { reportNat } from '../nat/nat-report.ts'
import { decodeReport, encodeReport } from '../nat/nat-report-text.ts'

/** Making a connection and its description, per connection and once (Chromium, measured). */
const MAKE_MS = 2
const DESCRIBE_MS = 15
/** From an answer to JavaScript. */
const SCRIPT_MS = 5
/** DTLS and SCTP: round trips after ICE. */
const HANDSHAKE_TRIPS = 2

type Socket = NatSocket<CheckPacket>

/** What both sides of a pair have in common. */
export interface PairWorld {
  readonly clock: VirtualClock
  readonly random: SeededRandom
  /** Server addresses times ports. */
  readonly servers: readonly (readonly Socket[])[]
  /** The first server's address from another port, and another address. */
  readonly probers: readonly [Socket, Socket]
  readonly signalMs: number
  readonly settings: LadderSettings
  readonly prepareMs: number
}

interface Connections {
  readonly sockets: Socket[]
  readonly agents: CheckAgent[]
  readonly isShared: boolean
}

export class LadderPeer {
  readonly name: string
  readonly ladder: Ladder
  readonly #world: PairWorld
  readonly #host: NatHost<CheckPacket>
  #other: LadderPeer | undefined
  readonly #attempts = new Map<number, Connections>()
  readonly opened = new Set<string>()
  /** What happened, for judges. */
  path: 'direct' | 'ws-relay' | undefined
  directBy: string | undefined
  directMs: number | undefined
  relayMs: number | undefined
  readonly starts: string[] = []
  report: NatReport | undefined
  plans = 0

  constructor(name: string, host: NatHost<CheckPacket>, world: PairWorld) {
    this.name = name
    this.#world = world
    this.#host = host
    this.ladder = new Ladder(
      {
        me: name,
        other: name === 'alice' ? 'bob' : 'alice',
        random: world.random.fork(name).next,
        settings: world.settings,
      },
      world.clock.nowMs(),
    )
  }

  meet(other: LadderPeer): void {
    this.#other = other
  }

  handle(input: LadderInput): void {
    this.ladder.handle(input, this.#world.clock.nowMs())
    this.#drain()
  }

  /** Measures the NAT as a browser does, and hands out the report. */
  measure(): void {
    const { clock, servers } = this.#world
    const samples: NatSample[] = []
    for (const [round, atMs] of [0, 120].entries())
      this.#after(atMs, () => {
        const socket = this.#host.open()
        socket.onPacket = (packet, from) => {
          if (packet.type !== 'told') return
          const at = samples.findIndex(
            ({ socket, server }) =>
              socket === round && servers[server.address]?.[server.port]?.local === from,
          )
          const sample = samples[at]
          if (sample !== undefined) samples[at] = { ...sample, mapped: packet.mapped }
        }
        for (const [address, ports] of servers.entries())
          for (const [port, server] of ports.entries()) {
            samples.push({ socket: round, server: { address, port }, sentMs: clock.elapsedMs() })
            socket.send(server.local, { type: 'ask' })
          }
      })
    const probe = this.#probe()
    this.#after(900, () => this.#share(reportNat({ samples, probe }), samples.at(-1)))
  }

  /** A socket that has asked one address and port only is tried from others. */
  #probe(): FilteringProbe {
    const { servers, probers, signalMs } = this.#world
    const verdict: { -readonly [Key in keyof FilteringProbe]: FilteringProbe[Key] } = {
      otherAddress: 'silent',
      otherPort: 'silent',
    }
    const socket = this.#host.open()
    socket.onPacket = (packet, from) => {
      if (packet.type === 'check')
        verdict[from === probers[0].local ? 'otherPort' : 'otherAddress'] = 'answered'
      if (packet.type !== 'told') return
      this.#after(signalMs, () => {
        for (const prober of probers)
          prober.send(packet.mapped, { type: 'check', to: '', from: '' })
      })
    }
    const first = servers[0]?.[0]
    if (first !== undefined) socket.send(first.local, { type: 'ask' })
    return verdict
  }

  #share(report: NatReport, last?: NatSample): void {
    this.report = report
    const text = encodeReport(report)
    const seen = { port: last?.mapped?.port ?? 0, atMs: this.#world.clock.nowMs() - 780 }
    this.handle({ type: 'report', side: 'mine', report, seen })
    this.#after(this.#world.signalMs, () => {
      const report = decodeReport(text)
      if (report !== null) this.#other?.handle({ type: 'report', side: 'theirs', report })
    })
  }

  #after(ms: number, call: () => void): void {
    this.#world.clock.schedule(this.#world.clock.nowMs() + ms, call)
  }

  #drain(): void {
    for (let output = this.ladder.poll(); output !== undefined; output = this.ladder.poll())
      this.#do(output)
    const deadlineMs = this.ladder.deadlineMs()
    if (deadlineMs === undefined) return
    this.#world.clock.schedule(deadlineMs, () => {
      if (this.ladder.deadlineMs() !== deadlineMs) return
      this.ladder.tick(this.#world.clock.nowMs())
      this.#drain()
    })
  }

  #do(output: LadderOutput): void {
    if (output.type === 'send') this.#send(output.message)
    else if (output.type === 'prepare') this.#prepare(output)
    else if (output.type === 'apply') this.#apply(output.attempt)
    else if (output.type === 'sample') this.#sample(output.attempt, output.sockets)
    else if (output.type === 'go') this.#go(output.plan)
    else if (output.type === 'end') this.#end(output.attempt)
    else if (output.type === 'start') this.#start(output.rung)
  }

  #send(message: AttemptMessage): void {
    this.#after(this.#world.signalMs, () => this.#other?.handle({ type: 'message', message }))
  }

  #start(rung: string): void {
    this.starts.push(rung)
    if (rung === 'plain') this.#plain()
    if (rung === 'ws-relay')
      this.#after(this.#world.signalMs * 2, () => this.setPath('ws-relay', 'ws-relay'))
  }

  /** Plain ICE: one connection, a candidate for each mapping that servers told. */
  #plain(): void {
    const socket = this.#host.open()
    this.#attempts.set(0, { sockets: [socket], agents: [], isShared: false })
    const told = new Set<string>()
    socket.onPacket = (packet) => {
      if (packet.type !== 'told' || told.has(`${packet.mapped.port}`)) return
      told.add(`${packet.mapped.port}`)
      this.#after(SCRIPT_MS + this.#world.signalMs, () => this.#other?.reach(packet.mapped))
    }
    for (const server of this.#world.servers.flat()) socket.send(server.local, { type: 'ask' })
    this.#after(15_000, () => {
      if (this.path !== 'direct') this.handle({ type: 'plain-failed' })
    })
  }

  /** One of the other side's plain candidates arrives. */
  reach(candidate: Endpoint): void {
    const plain = this.#attempts.get(0)
    if (plain === undefined) return this.#after(10, () => this.reach(candidate))
    this.#apply(0)
    plain.agents[0]?.add(candidate)
  }

  #prepare({ attempt, connections, credentials, gather }: Preparation & { type: 'prepare' }): void {
    const sockets = Array.from({ length: connections }, () => this.#host.open())
    this.#attempts.set(attempt, { sockets, agents: [], isShared: credentials === 'shared' })
    this.#after(DESCRIBE_MS + MAKE_MS * connections + this.#world.prepareMs, () => {
      if (!gather) return this.handle({ type: 'prepared', attempt, payload: 'descriptions' })
      this.#gather(sockets, (ports, address) =>
        this.handle({
          type: 'prepared',
          attempt,
          payload: 'descriptions',
          sample: { address, ports },
        }),
      )
    })
  }

  /** The first server's view of each socket. */
  #gather(sockets: readonly Socket[], done: (ports: number[], address: string) => void): void {
    const server = this.#world.servers[0]?.[0]
    if (server === undefined) return
    const ports: number[] = []
    for (const [at, socket] of sockets.entries()) {
      socket.onPacket = (packet) => {
        if (packet.type !== 'told') return
        ports[at] = packet.mapped.port
        if (Object.keys(ports).length < sockets.length) return
        this.#after(SCRIPT_MS, () => done(ports, packet.mapped.address))
      }
      socket.send(server.local, { type: 'ask' })
    }
  }

  #sample(attempt: number, count: number): void {
    const all = this.#world.servers.flat()
    const places: (number | undefined)[] = Array.from({ length: count * all.length })
    let sample: PortSample | undefined
    let left = places.length
    for (let at = 0; at < count; at++) {
      const socket = this.#host.open()
      socket.onPacket = (packet, from) => {
        if (packet.type !== 'told') return
        const server = all.findIndex(
          ({ local }) => local.address === from.address && local.port === from.port,
        )
        if (places[at * all.length + server] !== undefined) return
        places[at * all.length + server] = packet.mapped.port
        sample = {
          address: packet.mapped.address,
          ports: places.filter((port) => port !== undefined),
        }
        left -= 1
        if (left === 0) finish()
      }
      for (const server of all) socket.send(server.local, { type: 'ask' })
    }
    let isDone = false
    const finish = (): void => {
      if (isDone) return
      isDone = true
      this.#after(SCRIPT_MS + this.#world.random.between(0, SCRIPT_MS), () =>
        this.handle({ type: 'sampled', attempt, ...(sample === undefined ? {} : { sample }) }),
      )
    }
    this.#after(2_000, finish)
  }

  #apply(attempt: number): void {
    const connections = this.#attempts.get(attempt)
    if (connections === undefined || connections.agents.length > 0) return
    const { sockets, agents, isShared } = connections
    const other = this.name === 'alice' ? 'bob' : 'alice'
    for (const [at, socket] of sockets.entries()) {
      const name = `${attempt} ${isShared ? 'all' : at}`
      agents.push(
        new CheckAgent({
          clock: this.#world.clock,
          socket,
          local: `${this.name} ${name}`,
          remote: `${other} ${name}`,
          onOpen: () => this.#opened(attempt),
        }),
      )
    }
  }

  #go(plan: Extract<LadderOutput, { type: 'go' }>['plan']): void {
    this.plans += 1
    const { address, ports, gapMs, atOnce, everyMs } = plan
    const agents = this.#attempts.get(plan.attempt)?.agents ?? []
    for (const [at, list] of ports.entries())
      for (const [k, port] of list.entries())
        this.#after(at * gapMs + Math.max(0, k - atOnce + 1) * everyMs, () =>
          agents[at]?.add({ address, port }),
        )
  }

  /** ICE is through on our side; the path is there once it is on both. */
  #opened(attempt: number): void {
    if (this.opened.has(`${attempt}`)) return
    this.opened.add(`${attempt}`)
    const other = this.#other
    if (other === undefined || !other.opened.has(`${attempt}`)) return
    const rung = this.ladder.status().trying ?? 'plain'
    this.#after(HANDSHAKE_TRIPS * 2 * this.#host.delayMs * 2, () => {
      for (const peer of [this, other]) {
        if (attempt > 0) peer.handle({ type: 'attempt-result', attempt, connected: true })
        peer.setPath('direct', attempt === 0 ? 'plain' : rung)
      }
    })
  }

  setPath(path: 'direct' | 'ws-relay', by: string): void {
    if (this.path === 'direct') return
    this.path = path
    if (path === 'direct') {
      this.directBy = by
      this.directMs = this.#world.clock.elapsedMs()
    } else this.relayMs = this.#world.clock.elapsedMs()
    this.handle({ type: 'path', path })
  }

  #end(attempt: number): void {
    for (const agent of this.#attempts.get(attempt)?.agents ?? []) agent.close()
  }
}
