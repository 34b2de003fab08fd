// Examines this browser's network: opens a room of its own as anybody would, takes the NAT report and
// the relays' credentials that every peer gets, and lets pairs of connections in this page reach each
// other by one way at a time. Closes all of it.
import { decodeReport } from '@knothole/traversal/ladder'
import type { NatReport } from '@knothole/traversal/ladder'
import type { Room } from '../engine.ts'
import type { Examine, Findings, RelayTransport, Trial } from './findings.ts'
import { RELAY_TRANSPORTS, relayServers } from './relay-servers.ts'
import { tryPair } from './trial-pair.ts'
import type { PairOptions } from './trial-pair.ts'

/** A server that has not let us in by then will not. */
const SERVER_MS = 12_000

/** The report comes in two round trips, and again when the server's own packets had their time. */
const REPORT_MS = 8_000

/** The slowest of these has four round trips and a handshake of TLS to make. */
const PAIR_MS = 8_000

/** A router that leads back does so at once. */
const HAIRPIN_MS = 3_000

const RUNNING: Trial = { state: 'running' }

const NOTHING_YET: Findings = {
  server: RUNNING,
  udp: RUNNING,
  relay: { udp: RUNNING, tcp: RUNNING, tls: RUNNING },
  local: RUNNING,
  hairpin: RUNNING,
  isDone: false,
}

/** What an examination needs of the page. */
export interface ExamineOptions {
  readonly openRoom: () => Promise<Room>
  readonly stunUrls: readonly string[]
}

/** The examination of the network this browser is in. */
export function examineNetwork(options: ExamineOptions): Examine {
  return (onFindings) => {
    const examination = new Examination(options, onFindings)
    void examination.run()
    return () => examination.stop()
  }
}

type PairKind = Omit<PairOptions, 'timeoutMs' | 'signal'>

class Examination {
  readonly #options: ExamineOptions
  readonly #onFindings: (findings: Findings) => void
  readonly #stopping = new AbortController()
  #findings = NOTHING_YET

  constructor(options: ExamineOptions, onFindings: (findings: Findings) => void) {
    this.#options = options
    this.#onFindings = onFindings
  }

  async run(): Promise<void> {
    this.#find({})
    const local = this.#tryLocal()
    const fromMs = performance.now()
    // reason: whatever keeps us from having a room, the finding is that there is none.
    const room = await this.#options.openRoom().catch(() => undefined)
    if (room === undefined) this.#withoutServer()
    else {
      await this.#inRoom(room, fromMs)
      await room.close()
    }
    await local
    this.#find({ isDone: true })
  }

  stop(): void {
    this.#stopping.abort()
  }

  async #inRoom(room: Room, fromMs: number): Promise<void> {
    const answer = (): string => room.state.rendezvous.state
    await this.#waitFor(room, SERVER_MS, () => ['online', 'refused'].includes(answer()))
    if (answer() !== 'online') {
      this.#withoutServer()
      return
    }
    this.#find({ server: trialOf(performance.now() - fromMs) })
    await Promise.all([
      this.#readReport(room),
      ...RELAY_TRANSPORTS.map((transport) => this.#tryRelay(transport, room)),
    ])
  }

  /** Nothing but the local network can be tried. */
  #withoutServer(): void {
    const untold: Trial = { state: 'untold' }
    const relay = { udp: untold, tcp: untold, tls: untold }
    this.#find({ server: { state: 'failed' }, udp: untold, relay, hairpin: untold })
  }

  async #readReport(room: Room): Promise<void> {
    await this.#waitFor(room, REPORT_MS, () => {
      const nat = reportOf(room)
      if (nat !== undefined) this.#find({ nat, udp: udpOf(nat) })
      return nat !== undefined && !nat.unknown.includes('unprobed')
    })
    const { nat } = this.#findings
    if (nat === undefined) this.#find({ udp: { state: 'missing' }, hairpin: { state: 'missing' } })
    else await this.#tryHairpin(nat)
  }

  async #tryRelay(transport: RelayTransport, room: Room): Promise<void> {
    const iceServers = relayServers(room.state.relays, transport)
    const tookMs = iceServers && (await this.#try({ iceServers, relayOnly: true }))
    const trial = iceServers === undefined ? ({ state: 'missing' } as const) : trialOf(tookMs)
    this.#find({ relay: { ...this.#findings.relay, [transport]: trial } })
  }

  async #tryLocal(): Promise<void> {
    const tookMs = await this.#try({
      iceServers: [],
      tells: ({ address }) => {
        if (address !== null) this.#find({ mdns: address.endsWith('.local') })
        return true
      },
    })
    this.#find({ local: trialOf(tookMs) })
  }

  /** From one public port of ours to another; without a router in between there is nothing to tell. */
  async #tryHairpin({ mapping, udp }: NatReport): Promise<void> {
    const { stunUrls } = this.#options
    const untold: Trial = { state: 'untold' }
    if (mapping !== 'endpoint-independent' || udp !== 'open') {
      this.#find({ hairpin: untold })
      return
    }
    let isMapped = false
    const pair: PairKind = {
      iceServers: stunUrls.map((urls) => ({ urls })),
      tells: ({ type }) => {
        isMapped ||= type === 'srflx'
        return type === 'srflx'
      },
    }
    const trial = trialOf(await this.#try(pair, HAIRPIN_MS))
    this.#find({ hairpin: isMapped ? trial : untold })
  }

  #try(pair: PairKind, timeoutMs = PAIR_MS): Promise<number | undefined> {
    return tryPair({ ...pair, timeoutMs, signal: this.#stopping.signal })
  }

  /** Waits until a room's state is as wanted; says whether it became so in time. */
  #waitFor(room: Room, timeoutMs: number, isSo: () => boolean): Promise<boolean> {
    if (isSo()) return Promise.resolve(true)
    const stop = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeoutMs)])
    return new Promise((resolve) => {
      const off = room.on('change', () => {
        if (isSo()) end(true)
      })
      const end = (became: boolean): void => {
        off()
        resolve(became)
      }
      stop.addEventListener('abort', () => end(false))
    })
  }

  #find(found: Partial<Findings>): void {
    if (this.#stopping.signal.aborted) return
    this.#findings = { ...this.#findings, ...found }
    this.#onFindings(this.#findings)
  }
}

function reportOf(room: Room): NatReport | undefined {
  const { nat } = room.state
  return nat === undefined ? undefined : (decodeReport(nat) ?? undefined)
}

function udpOf({ udp }: NatReport): Trial {
  if (udp === 'unknown') return { state: 'untold' }
  return { state: udp === 'open' ? 'passed' : 'failed' }
}

function trialOf(tookMs: number | undefined): Trial {
  return tookMs === undefined ? { state: 'failed' } : { state: 'passed', tookMs }
}
