// One attempt from proposal to result, on either side: who says what when, so that both know the
// other's ports and each starts as soon as it can. Decides nothing about whether to try; ladder.ts
// does. Ports of a NAT that keeps them are gathered beforehand; others are sampled just before use,
// the proposer's last of all, after which it starts at once.
import type { AttemptMessage, Plan, PortSample, Preparation, TrickRung } from './attempt.ts'
import { planFor, preparationFor, socketsFor } from './attempt-plan.ts'
import type { LadderInput, LadderOutput } from './ladder-types.ts'
import type { NatReport } from '../nat/nat-report.ts'

/** For the shell or the other side to do its part; a slow network's round trips fit in. */
export const STEP_MS = 8_000
/** What a busy page may take; who proposed tells when that is too long. */
export const LONGEST_STEP_MS: number = 4 * STEP_MS
/** A signal is lost with the socket that carried it; an answer over a slow network takes less than this. */
const SAY_AGAIN_MS = 2_000
/** Older samples say nothing about the flows of now. */
const FLOWS_WITHIN_MS = 60_000
/** More than any sample needs: eight sockets and eight servers. */
const MAX_PORTS = 64
/** From a sample in hand to the first check: a browser's turns. */
const TURN_MS = 15

/** A walking NAT's newest port, and when it was seen. */
export interface SeenPort {
  readonly port: number
  readonly atMs: number
}

export interface AttemptOptions {
  readonly attempt: number
  readonly rung: TrickRung
  readonly seed: number
  readonly mine: NatReport
  readonly theirs: NatReport
  /** The number of connections of both sides, ours first. */
  readonly connections: readonly [number, number]
  /** What we saw last of our own walk. */
  readonly seen: SeenPort | undefined
  /** How long each step may take; absent, `STEP_MS`. */
  readonly stepMs?: number
  /** The other side's proposal, when it is not we who propose. */
  readonly proposal?: Extract<AttemptMessage, { type: 'propose' }>
}

export class AttemptRun {
  readonly options: AttemptOptions
  readonly #preparation: Preparation
  readonly #output: (output: LadderOutput) => void
  #payload: unknown
  #mine: PortSample | undefined
  #theirs: PortSample | undefined
  #myAgeMs = 0
  #theirAgeMs = 0
  #askedMs = 0
  /** When the step began that `tookMs` or `ageMs` tell of. */
  #sinceMs: number
  #wayMs = 0
  #isAccepted = false
  /** Our answer to the proposal. */
  #answer: Extract<AttemptMessage, { type: 'accept' }> | undefined
  /** Our own proposal, while it waits for an answer. */
  #unanswered: AttemptMessage | undefined
  #sayAgainAtMs = Infinity
  isRunning = false
  /** When to give up. */
  deadlineMs: number
  seen: SeenPort | undefined

  constructor(options: AttemptOptions, output: (output: LadderOutput) => void, nowMs: number) {
    const { attempt, rung, mine, connections, proposal, seen } = options
    this.options = options
    this.#output = output
    this.seen = seen
    this.#theirs = proposal?.sample
    this.#preparation = { attempt, ...preparationFor(rung, mine, connections[0]) }
    this.#sinceMs = nowMs
    this.deadlineMs = nowMs + (proposal === undefined ? this.#stepMs : LONGEST_STEP_MS)
    output({ type: 'prepare', ...this.#preparation })
  }

  /** When something is to be done: what is unanswered is said again, until it is time to give up. */
  get dueMs(): number {
    return Math.min(this.deadlineMs, this.#sayAgainAtMs)
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#sayAgainAtMs && this.#unanswered !== undefined)
      this.#ask(this.#unanswered, nowMs)
  }

  /** The proposal came once more: our answer to it was lost, if there was one. */
  proposedAgain(): void {
    const { proposal } = this.options
    const answer = this.#answer
    if (proposal !== undefined && answer !== undefined) this.#send({ ...answer, tookMs: 0 })
  }

  /** Takes what belongs to this attempt. @returns false when it cannot go on */
  handle(input: LadderInput, nowMs: number): boolean {
    if (input.type === 'prepared') return this.#prepared(input.payload, input.sample, nowMs)
    if (input.type === 'sampled') return this.#sampled(input.sample, nowMs)
    if (input.type !== 'message') return true
    const { message } = input
    if ('sample' in message && !isFairSample(message.sample, this.options.theirs)) return false
    if (message.type === 'accept' && this.options.proposal === undefined && !this.#isAccepted) {
      this.#accepted(message, nowMs)
    } else if (message.type === 'go' && this.#isAccepted && !this.isRunning) {
      this.#theirs = message.sample
      this.#myAgeMs = message.ageMs
      this.#start(nowMs)
    }
    return message.type !== 'decline'
  }

  #prepared(payload: unknown, sample: PortSample | undefined, nowMs: number): boolean {
    const { proposal } = this.options
    const { attempt, gather } = this.#preparation
    if (gather && sample === undefined) return false
    this.#payload = payload
    this.#mine = sample
    if (proposal !== undefined) {
      this.#output({ type: 'apply', attempt, payload: proposal.payload })
      if (gather) this.#accept(nowMs)
      else this.#askSample(nowMs)
      return true
    }
    const { rung, seed, connections } = this.options
    this.#wait(nowMs)
    const told = gather && sample ? { sample } : {}
    this.#ask({ type: 'propose', attempt, rung, seed, connections, payload, ...told }, nowMs)
    return true
  }

  #accepted(message: Extract<AttemptMessage, { type: 'accept' }>, nowMs: number): void {
    this.#isAccepted = true
    this.#sayAgainAtMs = Infinity
    this.#theirs = message.sample
    this.#wayMs = Math.max(0, nowMs - this.#sinceMs - message.tookMs)
    this.#wait(nowMs)
    this.#output({ type: 'apply', attempt: message.attempt, payload: message.payload })
    if (this.#mine === undefined) this.#askSample(nowMs)
    else this.#start(nowMs)
  }

  #sampled(told: PortSample | undefined, nowMs: number): boolean {
    const sample = told ?? this.#blindSample()
    if (sample === undefined) return false
    this.#mine = { ...this.#withFlows(sample, nowMs), lagMs: this.#lagMs(nowMs) }
    if (this.options.proposal !== undefined) {
      this.#accept(nowMs)
      return true
    }
    // What the other side's sample has aged: our sampling, and the way of two messages.
    const ageMs = Math.round(nowMs - this.#sinceMs + this.#wayMs)
    this.#theirAgeMs = ageMs
    this.#send({ type: 'go', attempt: this.options.attempt, sample: this.#mine, ageMs })
    this.#start(nowMs)
    return true
  }

  #accept(nowMs: number): void {
    if (this.#mine === undefined) return
    this.#isAccepted = true
    const { attempt } = this.options
    const tookMs = Math.round(nowMs - this.#sinceMs)
    this.#answer = { type: 'accept', attempt, payload: this.#payload, tookMs, sample: this.#mine }
    this.#send(this.#answer)
    this.#wait(nowMs)
    if (this.#theirs !== undefined) this.#start(nowMs)
  }

  #start(nowMs: number): void {
    const { mine, theirs, proposal, seed } = this.options
    if (this.#mine === undefined || this.#theirs === undefined) return
    this.isRunning = true
    const plan = planFor(
      this.#preparation,
      {
        mine: { report: mine, sample: this.#mine, ageMs: this.#myAgeMs },
        theirs: { report: theirs, sample: this.#theirs, ageMs: this.#theirAgeMs },
        isProposer: proposal === undefined,
      },
      seed,
    )
    this.deadlineMs = nowMs + plan.lastsMs
    this.#burn(plan)
    this.#output({ type: 'go', plan })
  }

  /** Our own checks walk our NAT on, and are nobody else's flows. */
  #burn({ ports }: Plan): void {
    const { delta } = this.options.mine
    if (this.seen === undefined || delta === undefined) return
    const checks = ports.reduce((sum, list) => sum + list.length, 0)
    this.seen = { ...this.seen, port: this.seen.port + delta * checks }
  }

  /** Half of what asking took is the answer's way back. */
  #lagMs(nowMs: number): number {
    return Math.round((nowMs - this.#askedMs) / 2 + TURN_MS)
  }

  /** Of ports that are drawn from all there are, a sample tells no more than the report does. */
  #blindSample(): PortSample | undefined {
    const { addresses, allocation } = this.options.mine
    const address = addresses.find((one) => !one.includes(':'))
    return allocation === 'random' && address !== undefined ? { address, ports: [] } : undefined
  }

  /** Adds what others burn on our NAT, as our own samples tell it. */
  #withFlows(sample: PortSample, nowMs: number): PortSample {
    const { delta } = this.options.mine
    const port = sample.ports.at(-1)
    if (delta === undefined || port === undefined) return sample
    const { seen } = this
    this.seen = { port, atMs: nowMs }
    const overMs = seen === undefined ? 0 : Math.round(nowMs - seen.atMs)
    if (seen === undefined || overMs > FLOWS_WITHIN_MS) return { ...sample, ...this.#reported() }
    const flows = Math.round((port - seen.port) / delta) - sample.ports.length
    return flows < 0 ? { ...sample, ...this.#reported() } : { ...sample, flows, overMs }
  }

  /** What the report says of flows, as if a second had been watched. */
  #reported(): Pick<PortSample, 'flows' | 'overMs'> {
    return { flows: this.options.mine.flowsPerSecond ?? 0, overMs: 1_000 }
  }

  #askSample(nowMs: number): void {
    this.#askedMs = nowMs
    const { attempt, mine } = this.options
    this.#output({ type: 'sample', attempt, sockets: socketsFor(mine) })
  }

  /** Says what wants an answer; the way there and back is counted from the last time. */
  #ask(message: AttemptMessage, nowMs: number): void {
    this.#unanswered = message
    this.#sinceMs = nowMs
    this.#sayAgainAtMs = nowMs + SAY_AGAIN_MS
    this.#send(message)
  }

  #send(message: AttemptMessage): void {
    this.#output({ type: 'send', message })
  }

  #wait(nowMs: number): void {
    this.#sinceMs = nowMs
    this.deadlineMs = nowMs + this.#stepMs
  }

  get #stepMs(): number {
    return this.options.stepMs ?? STEP_MS
  }
}

/** A sample makes us send: only to where the card says the other is, and to ports there are. */
export function isFairSample({ address, ports }: PortSample, { addresses }: NatReport): boolean {
  const arePorts = ports.every((port) => port > 0 && port < 65_536)
  return arePorts && ports.length <= MAX_PORTS && addresses.includes(address)
}
