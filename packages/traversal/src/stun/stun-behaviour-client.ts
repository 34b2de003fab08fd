// Discovers how the NAT in front of a host behaves (RFC 5780 section 4), by a server that has two
// addresses with two ports each: mapping, filtering, hairpinning and, when asked to, how long a
// binding lives. Says `unknown` where the server cannot tell. Opens no sockets: it names them, and the
// shell opens each, on any free port of one address, when it is first to send from it.
//
// ```
// mapping    1 to the server   2 to its other address, same port   3 to its other address and port
// filtering  1 answer from the other address and port              2 answer from the other port
// hairpin    from `second` to what the server saw of `mapping`
// lifetime   1 from `lifetime`   then, after a pause, from `second` with RESPONSE-PORT   and again
// ```
import type { TransportAddress } from '../address.ts'
import type { Machine } from '../machine.ts'
import type { Dependence } from '../nat/nat-report.ts'
import type {
  BehaviourFlow,
  BehaviourGround,
  BehaviourOutcome,
  BehaviourSocket,
  BehaviourStep,
  BindingLifetime,
  LifetimeSearch,
} from './stun-behaviour-flows.ts'
import {
  findFiltering,
  findGround,
  findHairpin,
  findLifetime,
  findMapping,
} from './stun-behaviour-flows.ts'
import type { StunClientOutput } from './stun-client.ts'
import { StunClient } from './stun-client.ts'

export type BehaviourClientInput =
  | { readonly type: 'start' }
  | {
      readonly type: 'received'
      readonly socket: BehaviourSocket
      readonly from: TransportAddress
      readonly bytes: Uint8Array
    }

export type BehaviourClientOutput =
  | {
      readonly type: 'send'
      readonly socket: BehaviourSocket
      readonly to: TransportAddress
      readonly bytes: Uint8Array
    }
  /** The last output: every socket may be closed. */
  | { readonly type: 'report'; readonly report: BehaviourReport }

export interface BehaviourReport {
  /** `blocked`: the server did not answer. */
  readonly udp: 'open' | 'blocked'
  /** What the server saw of the `mapping` socket. */
  readonly mapped?: TransportAddress
  /** The server's other address and port; without it mapping and filtering stay unknown. */
  readonly other?: TransportAddress
  /** Whether something translates; unknown when the host's own addresses were not given. */
  readonly translated?: boolean
  readonly mapping: Dependence
  readonly filtering: Dependence
  readonly hairpin?: boolean
  readonly lifetime?: BindingLifetime
}

export interface BehaviourClientOptions {
  /** The server's first address and port. */
  readonly server: TransportAddress
  readonly randomBytes: (count: number) => Uint8Array
  /** The host's own addresses, in the spelling of `TransportAddress`. */
  readonly localAddresses?: readonly string[]
  /** Look for the lifetime of a binding too: that takes minutes. */
  readonly lifetime?: LifetimeSearch
}

/** Silence is an answer here, so it is not waited for as long as usual: 5.5 s instead of 39.5. */
const MAX_SENDS = 4
const LAST_WAIT_FACTOR = 4
const SILENCE: BehaviourOutcome = { type: 'silence' }

/** A test under way, told what became of its last step. */
type Run = (outcome: BehaviourOutcome, nowMs: number) => void

interface Asked {
  readonly run: Run
  readonly socket: BehaviourSocket
  /** The request as sent. */
  bytes: Uint8Array
}

/** One discovery; begins with `start`, ends with a report. */
export class StunBehaviourClient implements Machine<BehaviourClientInput, BehaviourClientOutput> {
  readonly #options: BehaviourClientOptions
  readonly #client: StunClient
  /** Questions by the id of their transaction. */
  readonly #asked = new Map<string, Asked>()
  readonly #outputs: BehaviourClientOutput[] = []
  #pause: { readonly dueMs: number; readonly run: Run } | undefined
  #report: BehaviourReport = { udp: 'blocked', mapping: 'unknown', filtering: 'unknown' }
  #count = 0
  /** The socket whose packet is being handled. */
  #receiving: BehaviourSocket = 'mapping'

  constructor(options: BehaviourClientOptions) {
    this.#options = options
    this.#client = new StunClient({
      randomBytes: options.randomBytes,
      maxSends: MAX_SENDS,
      lastWaitFactor: LAST_WAIT_FACTOR,
    })
  }

  handle(input: BehaviourClientInput, nowMs: number): void {
    if (input.type === 'start') {
      this.#run(
        findGround(this.#options.server),
        (ground, nowMs) => this.#explore(ground, nowMs),
        nowMs,
      )
    } else if (!this.#loopBack(input.bytes, nowMs)) {
      this.#receiving = input.socket
      this.#client.handle(input, nowMs)
    }
    this.#carry(nowMs)
  }

  tick(nowMs: number): void {
    this.#client.tick(nowMs)
    const pause = this.#pause
    if (pause !== undefined && pause.dueMs <= nowMs) {
      this.#pause = undefined
      pause.run(SILENCE, nowMs)
    }
    this.#carry(nowMs)
  }

  deadlineMs(): number | undefined {
    const asked = this.#client.deadlineMs()
    const paused = this.#pause?.dueMs
    return asked === undefined || paused === undefined ? (asked ?? paused) : Math.min(asked, paused)
  }

  poll(): BehaviourClientOutput | undefined {
    return this.#outputs.shift()
  }

  /** Mapping, filtering and hairpinning at once: each has sockets of its own, or no use for silence. */
  #explore(ground: BehaviourGround | undefined, nowMs: number): void {
    if (ground === undefined) return this.#finish()
    const { mapped, other } = ground
    const { localAddresses } = this.#options
    this.#add({ udp: 'open', mapped, ...(other === undefined ? {} : { other }) })
    if (localAddresses !== undefined) {
      this.#add({ translated: !localAddresses.includes(mapped.address) })
    }
    let open = 3
    const found = (part: Partial<BehaviourReport>, nowMs: number): void => {
      this.#add(part)
      open -= 1
      if (open === 0) this.#lookForLifetime(ground, nowMs)
    }
    this.#run(findMapping(ground), (mapping, nowMs) => found({ mapping }, nowMs), nowMs)
    this.#run(findFiltering(ground), (filtering, nowMs) => found({ filtering }, nowMs), nowMs)
    this.#run(findHairpin(ground), (hairpin, nowMs) => found({ hairpin }, nowMs), nowMs)
  }

  #lookForLifetime(ground: BehaviourGround, nowMs: number): void {
    const search = this.#options.lifetime
    if (search === undefined) return this.#finish()
    const found = (lifetime: BindingLifetime | undefined): void => {
      if (lifetime !== undefined) this.#add({ lifetime })
      this.#finish()
    }
    this.#run(findLifetime(ground, search), found, nowMs)
  }

  #add(part: Partial<BehaviourReport>): void {
    this.#report = { ...this.#report, ...part }
  }

  #finish(): void {
    this.#outputs.push({ type: 'report', report: this.#report })
  }

  #run<Found>(
    flow: BehaviourFlow<Found>,
    found: (result: Found, nowMs: number) => void,
    nowMs: number,
  ): void {
    const run: Run = (outcome, nowMs) => {
      const { done, value } = flow.next(outcome)
      if (done === true) found(value, nowMs)
      else this.#take(value, run, nowMs)
    }
    // A generator takes no notice of what it is started with.
    run(SILENCE, nowMs)
  }

  #take(step: BehaviourStep, run: Run, nowMs: number): void {
    if (step.type === 'wait') {
      this.#pause = { dueMs: nowMs + step.forMs, run }
      return
    }
    const { socket, to, attributes = [] } = step
    const id = String(++this.#count)
    this.#asked.set(id, { run, socket, bytes: new Uint8Array() })
    this.#client.handle({ type: 'ask', id, to, attributes }, nowMs)
  }

  /** Passes on what the transactions say, until they have nothing more to say. */
  #carry(nowMs: number): void {
    for (let output = this.#client.poll(); output !== undefined; output = this.#client.poll()) {
      const asked = this.#asked.get(output.id)
      if (asked === undefined) continue
      if (output.type === 'send') {
        const { to, bytes } = output
        asked.bytes = bytes
        this.#outputs.push({ type: 'send', socket: asked.socket, to, bytes })
        continue
      }
      this.#asked.delete(output.id)
      asked.run(this.#outcomeOf(output), nowMs)
    }
  }

  #outcomeOf(output: Exclude<StunClientOutput, { type: 'send' }>): BehaviourOutcome {
    if (output.type === 'failed') return output.reason === 'timeout' ? SILENCE : { type: 'garbage' }
    const { from, message } = output
    return { type: 'answer', socket: this.#receiving, from, message }
  }

  /** Whether a packet is a request of ours, sent back by the NAT. */
  #loopBack(bytes: Uint8Array, nowMs: number): boolean {
    for (const [id, asked] of this.#asked) {
      if (!isSameBytes(bytes, asked.bytes)) continue
      this.#asked.delete(id)
      this.#client.handle({ type: 'forget', id }, nowMs)
      asked.run({ type: 'looped' }, nowMs)
      return true
    }
    return false
  }
}

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
