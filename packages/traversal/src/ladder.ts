// The ladder of one pair: what to try when, from both NAT reports and what has happened. Plain ICE
// first and undisturbed; what needs a trick gets it at once, what is hopeless a relay at once; while
// relayed, tricks again on a schedule and at every change of network. Both sides run it; the one with
// the smaller id proposes, the other agrees or declines. Does nothing itself: it says what to do.
import type { AttemptMessage, TrickRung } from './attempt.ts'
import { connectionsFor } from './attempt-plan.ts'
import type { SeenPort } from './attempt-run.ts'
import { AttemptRun } from './attempt-run.ts'
import type {
  LadderInput,
  LadderMemory,
  LadderOptions,
  LadderOutput,
  LadderStatus,
  RelayRung,
} from './ladder-types.ts'
import type { NatReport } from './nat-report.ts'
import type { Verdict } from './oracle.ts'
import { judgePair } from './oracle.ts'
import { PunchBudget } from './punch-budget.ts'

/** How long plain ICE has for itself where reports say that it works. */
export const PLAIN_GRACE_MS = 2_000
/** A relay that nobody will need costs the server; one that is late costs the talk. */
export const RELAY_AFTER_MS = 1_000
/** A direct path has to last this long before relays are given up. */
const DIRECT_PROVEN_MS = 5_000
/** Nothing but a change of network makes hopeless tries better; the pause doubles each time. */
export const RETRY_MS = 60_000
const MAX_RETRY_MS = 3_600_000
/** A prediction that missed is repeated with new samples before something heavier. */
const PREDICTIONS = 3
/** Connections that another peer may ask us to open. */
const MAX_CONNECTIONS = 64
/** Our count of the pause began when the proposal came, the proposer's when it was made. */
const SLACK_MS = 5_000
/** Between an attempt and the next one. */
const BREATH_MS = 250

type Propose = Extract<AttemptMessage, { type: 'propose' }>

export class Ladder {
  readonly #options: LadderOptions
  readonly #budget: PunchBudget
  readonly #outputs: LadderOutput[] = []
  readonly #startMs: number
  readonly #relays = new Set<RelayRung>()
  #settings: LadderOptions['settings']
  #mine: NatReport | undefined
  #theirs: NatReport | undefined
  #memory: LadderMemory
  #isUp = false
  #path: LadderStatus['path']
  #pathMs: number
  #plainMs: number | undefined
  #plainFailed = false
  #run: AttemptRun | undefined
  #attempt = 0
  /** Attempts in the present series, by number. */
  #tried = 0
  #seen: SeenPort | undefined
  #notBeforeMs: number

  constructor(options: LadderOptions, nowMs: number) {
    this.#options = options
    this.#budget = options.budget ?? new PunchBudget()
    this.#settings = options.settings
    this.#memory = options.memory ?? { failures: 0 }
    this.#startMs = nowMs
    this.#pathMs = nowMs
    this.#notBeforeMs = nowMs
  }

  /** For pages and logs. */
  status(): LadderStatus {
    const run = this.#run
    return {
      path: this.#path,
      trying: run?.options.rung ?? (this.#path === undefined ? 'plain' : undefined),
      retryAtMs: this.#tricks().length > 0 ? this.#notBeforeMs : undefined,
    }
  }

  handle(input: LadderInput, nowMs: number): void {
    if (input.type === 'report') this.#setReport(input)
    else if (input.type === 'settings') this.#settings = input.settings
    else if (input.type === 'signalling') this.#isUp = input.up
    else if (input.type === 'path') this.#setPath(input.path, nowMs)
    else if (input.type === 'plain-failed') this.#plainFailed = true
    else if (input.type === 'network-change') this.#startAnew(nowMs)
    else if (input.type === 'message' && input.message.type === 'propose')
      this.#answer(input.message, nowMs)
    else this.#advance(input, nowMs)
    this.#evaluate(nowMs)
  }

  tick(nowMs: number): void {
    const run = this.#run
    if (run !== undefined && nowMs >= run.deadlineMs) this.#end(false, nowMs)
    this.#evaluate(nowMs)
  }

  /** When to call `tick` next. */
  deadlineMs(): number | undefined {
    const times = [this.#run?.deadlineMs, this.#relayAtMs(), this.#trickAtMs(), this.#provenAtMs()]
    const due = times.filter((time) => time !== undefined)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  poll(): LadderOutput | undefined {
    return this.#outputs.shift()
  }

  #setReport({ side, report, seen }: Extract<LadderInput, { type: 'report' }>): void {
    if (side === 'theirs') this.#theirs = report
    else {
      this.#mine = report
      this.#seen = seen ?? this.#seen
    }
  }

  #setPath(path: LadderStatus['path'], nowMs: number): void {
    if (path === this.#path) return
    this.#path = path
    this.#pathMs = nowMs
    if (path === 'direct' && this.#run === undefined && this.#memory.won === undefined)
      this.#remember({ won: 'plain', failures: 0 })
  }

  #startAnew(nowMs: number): void {
    if (this.#run !== undefined) this.#close(false)
    this.#tried = 0
    this.#plainFailed = false
    this.#seen = undefined
    this.#memory = { failures: 0 }
    this.#plainMs = undefined
    this.#notBeforeMs = nowMs
  }

  /** Every input only changes state; here is decided what follows. */
  #evaluate(nowMs: number): void {
    if (this.#plainMs === undefined && this.#isUp && !this.#settings.hideAddress) {
      this.#plainMs = nowMs
      this.#outputs.push({ type: 'start', rung: 'plain' })
    }
    this.#evaluateRelays(nowMs)
    const trickAtMs = this.#trickAtMs()
    if (trickAtMs !== undefined && nowMs >= trickAtMs) this.#propose(nowMs)
  }

  // Relays

  #relayAtMs(): number | undefined {
    if (!this.#isUp || this.#path === 'direct' || this.#missingRelays().length === 0)
      return undefined
    const isHopeful = !this.#settings.hideAddress && this.#verdict()?.best !== 'relay'
    const isPlain = this.#verdict() === undefined || this.#verdict()?.best === 'plain'
    return isHopeful && isPlain && !this.#plainFailed ? this.#pathMs + RELAY_AFTER_MS : this.#pathMs
  }

  /** The socket's relay is there at once; of the better ones the first that exists follows. */
  #missingRelays(): RelayRung[] {
    const { relays } = this.#settings
    const better = (['member-relay', 'turn'] as const).find((rung) => relays.includes(rung))
    const isBetter = this.#path === 'member-relay' || this.#path === 'turn'
    const wanted = [
      ...(isBetter ? [] : (['ws-relay'] as const)),
      ...(better === undefined ? [] : [better]),
    ]
    return wanted.filter((rung) => relays.includes(rung) && !this.#relays.has(rung))
  }

  #evaluateRelays(nowMs: number): void {
    const relayAtMs = this.#relayAtMs()
    if (relayAtMs !== undefined && nowMs >= relayAtMs)
      for (const rung of this.#missingRelays()) {
        this.#relays.add(rung)
        this.#outputs.push({ type: 'start', rung })
      }
    const provenAtMs = this.#provenAtMs()
    if (provenAtMs === undefined || nowMs < provenAtMs) return
    for (const rung of this.#relays) this.#outputs.push({ type: 'stop', rung })
    this.#relays.clear()
  }

  #provenAtMs(): number | undefined {
    const isOver = this.#path === 'direct' && this.#relays.size > 0
    return isOver ? this.#pathMs + DIRECT_PROVEN_MS : undefined
  }

  // Tricks

  #verdict(): Verdict | undefined {
    if (this.#mine === undefined || this.#theirs === undefined) return undefined
    return judgePair(this.#mine, this.#theirs, this.#settings.munging)
  }

  /** Rungs of one series in the order to try. */
  #tricks(): TrickRung[] {
    const { hideAddress, saveData } = this.#settings
    if (hideAddress) return []
    const rungs = (this.#verdict()?.tricks ?? []).map(({ rung }) => rung)
    return rungs
      .filter((rung) => rung === 'predicted' || !saveData)
      .flatMap((rung) =>
        rung === 'predicted' ? Array.from({ length: PREDICTIONS }, () => rung) : rung,
      )
  }

  /** When the next proposal is due; undefined when it is not for us to make, or there is none. */
  #trickAtMs(): number | undefined {
    const { me, other } = this.#options
    const isOurs = me < other && this.#isUp && this.#path !== 'direct' && this.#run === undefined
    if (!isOurs) return undefined
    const tricks = this.#tricks()
    const rung = tricks[this.#tried % tricks.length]
    if (rung === undefined) return undefined
    const freeAtMs = rung === 'predicted' ? 0 : this.#budget.freeAtMs(this)
    if (freeAtMs === undefined) return undefined
    return Math.max(this.#notBeforeMs, freeAtMs, this.#graceEndsMs())
  }

  #graceEndsMs(): number {
    const isKnown = this.#memory.won !== undefined && this.#memory.won !== 'plain'
    const isPlain = this.#verdict()?.best === 'plain'
    if (!isPlain || this.#plainFailed || isKnown) return 0
    return (this.#plainMs ?? this.#startMs) + PLAIN_GRACE_MS
  }

  #propose(nowMs: number): void {
    const tricks = this.#tricks()
    const rung = tricks[this.#tried % tricks.length]
    if (rung === undefined || this.#mine === undefined || this.#theirs === undefined) return
    if (rung !== 'predicted' && !this.#budget.take(this, nowMs)) return
    this.#attempt += 1
    const seed = Math.floor(this.#options.random() * 2 ** 31)
    const connections = connectionsFor(rung, this.#mine, this.#theirs)
    this.#begin({ attempt: this.#attempt, rung, seed, connections }, nowMs)
  }

  #answer(proposal: Propose, nowMs: number): void {
    const { attempt, rung, seed, connections } = proposal
    const reason = this.#objection(proposal, nowMs)
    if (reason !== undefined) {
      this.#send({ type: 'decline', attempt, reason })
      return
    }
    if (this.#run !== undefined) this.#close(false)
    this.#attempt = attempt
    this.#begin(
      { attempt, rung, seed, connections: [connections[1], connections[0]], proposal },
      nowMs,
    )
  }

  #objection(proposal: Propose, nowMs: number): 'busy' | 'unwilling' | 'failed' | undefined {
    const { me, other } = this.#options
    const isFair = proposal.connections.every((count) => count > 0 && count <= MAX_CONNECTIONS)
    if (other > me || !isFair || this.#theirs === undefined || this.#mine === undefined)
      return 'failed'
    if (!this.#tricks().includes(proposal.rung)) return 'unwilling'
    if (this.#path === 'direct') return 'busy'
    const mayPunch = proposal.rung === 'predicted' || this.#budget.take(this, nowMs, SLACK_MS)
    return mayPunch ? undefined : 'busy'
  }

  #begin(
    what: Pick<Propose, 'attempt' | 'rung' | 'seed' | 'connections'> & { proposal?: Propose },
    nowMs: number,
  ): void {
    if (this.#mine === undefined || this.#theirs === undefined) return
    this.#run = new AttemptRun(
      { ...what, mine: this.#mine, theirs: this.#theirs, seen: this.#seen },
      (output) => this.#outputs.push(output),
      nowMs,
    )
  }

  /** What answers an attempt goes to it; what is of an older one goes nowhere. */
  #advance(input: LadderInput, nowMs: number): void {
    const run = this.#run
    const attempt =
      input.type === 'message' ? input.message.attempt : 'attempt' in input ? input.attempt : 0
    if (run === undefined || attempt !== run.options.attempt) return
    if (input.type === 'attempt-result') return this.#end(input.connected, nowMs)
    const goesOn = run.handle(input, nowMs)
    this.#seen = run.seen
    if (goesOn) return
    const isBusy =
      input.type === 'message' &&
      input.message.type === 'decline' &&
      input.message.reason === 'busy'
    if (input.type !== 'message') this.#send({ type: 'decline', attempt, reason: 'failed' })
    if (isBusy) this.#tried -= 1
    this.#end(false, nowMs)
    if (isBusy) this.#notBeforeMs = nowMs + 20_000
  }

  #end(connected: boolean, nowMs: number): void {
    const rung = this.#run?.options.rung
    this.#close(connected)
    if (connected) {
      this.#tried = 0
      this.#remember({ ...(rung === undefined ? {} : { won: rung }), failures: 0 })
      return
    }
    this.#tried += 1
    const isSeriesOver = this.#tried % Math.max(1, this.#tricks().length) === 0
    if (isSeriesOver) this.#remember({ ...this.#memory, failures: this.#memory.failures + 1 })
    const pauseMs = isSeriesOver
      ? Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (this.#memory.failures - 1))
      : BREATH_MS
    this.#notBeforeMs = nowMs + pauseMs
  }

  #close(connected: boolean): void {
    if (this.#run !== undefined)
      this.#outputs.push({ type: 'end', attempt: this.#run.options.attempt, connected })
    this.#run = undefined
    this.#budget.free(this)
  }

  #remember(memory: LadderMemory): void {
    this.#memory = memory
    this.#outputs.push({ type: 'remember', memory })
  }

  #send(message: AttemptMessage): void {
    this.#outputs.push({ type: 'send', message })
  }
}
