// The ladder of one pair: what to try when, from both NAT reports and what has happened. Plain ICE
// first and undisturbed; what needs a trick gets it at once, what is hopeless a relay at once; while
// relayed, tricks again on a schedule and at every change of network. Both sides run it; the one with
// the smaller id proposes, the other agrees or declines. Does nothing itself: it says what to do.
import type { AttemptMessage, TrickRung } from './attempt.ts'
import { connectionsFor } from './attempt-plan.ts'
import type { SeenPort } from './attempt-run.ts'
import { AttemptRun, STEP_MS, isFairSample } from './attempt-run.ts'
import type {
  LadderInput,
  LadderMemory,
  LadderOptions,
  LadderOutput,
  LadderStatus,
  RelayRung,
} from './ladder-types.ts'
import type { NatReport } from '../nat/nat-report.ts'
import type { Verdict } from '../nat/oracle.ts'
import { judgePair } from '../nat/oracle.ts'
import { PunchBudget } from './punch-budget.ts'

/** How long plain ICE has for itself where reports say that it works. */
export const PLAIN_GRACE_MS = 2_000
/** A relay that nobody will need costs the server; one that is late costs the talk. */
export const RELAY_AFTER_MS = 1_000
/** A birthday punch takes a browser's time, and leaves it first to the relay that the talk waits for. */
const PUNCH_AFTER_MS = 1_500
/** A direct path has to last this long before relays are given up. */
const DIRECT_PROVEN_MS = 5_000
/** When plain ICE has given up, whether it says so or not (libwebrtc's 15 s). */
const PLAIN_LASTS_MS = 15_000
/** Nothing but a change of network makes hopeless tries better; the pause doubles each time. */
export const RETRY_MS = 60_000
const MAX_RETRY_MS = 3_600_000
/** A prediction that missed is repeated with new samples before something heavier. */
const PREDICTIONS = 3
/** Connections that another peer may ask us to open. */
const MAX_CONNECTIONS = 64
/** Our count of the pause began when the proposal came, the proposer's when it was made. */
const SLACK_MS = 5_000
/** Whoever proposed still waits for an answer this long. */
const PENDING_MS = 4_000
/** Between an attempt and the next one, and after the other side was busy. */
const BREATH_MS = 250
const BUSY_MS = 20_000
/** Before an attempt that one side was too slow for is made again, and how often it is, each time with twice the time. */
const SLOW_MS = 2_000
const MAX_SLOW = 2

type Propose = Extract<AttemptMessage, { type: 'propose' }>

export class Ladder {
  readonly #options: LadderOptions
  readonly #budget: PunchBudget
  readonly #outputs: LadderOutput[] = []
  readonly #startMs: number
  readonly #relays = new Set<RelayRung>()
  /** A proposal that came before both reports, or all of them. */
  #pending: { readonly proposal: Propose; readonly atMs: number } | undefined
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
  /** How many of the tricks have been tried since plain ICE began. */
  #tried = 0
  /** How many attempts in a row ended before they had begun. */
  #slow = 0
  /** Whether the network may be another than that of the attempt under way. */
  #isDoubtful = false
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
    const trying = this.#run?.options.rung ?? (this.#path === undefined ? 'plain' : undefined)
    return { path: this.#path, trying, retryAtMs: this.#trickAtMs() ?? this.#retryAtMs() }
  }

  handle(input: LadderInput, nowMs: number): void {
    if (input.type === 'report') this.#setReport(input, nowMs)
    else if (input.type === 'settings') this.#settings = input.settings
    else if (input.type === 'signalling') this.#isUp = input.up
    else if (input.type === 'path') this.#setPath(input.path, nowMs)
    else if (input.type === 'plain-failed') this.#plainFailed = true
    else if (input.type === 'network-change') this.#startAnew(input.memory, nowMs)
    else if (input.type === 'network-doubt') this.#doubt(nowMs)
    else if (input.type === 'message' && input.message.type === 'propose')
      this.#answer(input.message, nowMs)
    else this.#advance(input, nowMs)
    this.#evaluate(nowMs)
  }

  tick(nowMs: number): void {
    const run = this.#run
    if (run !== undefined && nowMs >= run.deadlineMs) this.#overdue(run, nowMs)
    else run?.tick(nowMs)
    this.#evaluate(nowMs)
  }

  /** When to call `tick` next. */
  deadlineMs(): number | undefined {
    const times = [
      this.#run?.dueMs,
      this.#relayAtMs(),
      this.#provenAtMs(),
      this.#trickAtMs(),
      this.#retryAtMs(),
    ]
    const due = times.filter((time) => time !== undefined)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  poll(): LadderOutput | undefined {
    return this.#outputs.shift()
  }

  #setReport(input: Extract<LadderInput, { type: 'report' }>, nowMs: number): void {
    if (input.side === 'theirs') this.#theirs = input.report
    else {
      this.#mine = input.report
      this.#seen = input.seen ?? this.#seen
    }
    const pending = this.#pending
    this.#pending = undefined
    if (pending === undefined) return
    if (nowMs - pending.atMs < PENDING_MS) this.#answer(pending.proposal, pending.atMs)
  }

  #setPath(path: LadderStatus['path'], nowMs: number): void {
    if (path === this.#path) return
    // A relay that broke may be sought again.
    if (path === undefined && this.#path !== undefined && this.#path !== 'direct')
      this.#relays.delete(this.#path)
    this.#path = path
    this.#pathMs = nowMs
    if (path !== 'direct') return
    this.#tried = 0
    const { won = 'plain', failures } = this.#memory
    if (this.#run?.isRunning === false) this.#close(false)
    if (this.#run === undefined && (this.#memory.won === undefined || failures > 0))
      this.#remember({ won, failures: 0 })
  }

  #startAnew(memory: LadderMemory | undefined, nowMs: number): void {
    if (this.#run !== undefined) {
      const { attempt } = this.#run.options
      this.#send({ type: 'decline', attempt, reason: 'busy' })
      this.#close(false)
    }
    this.#memory = memory ?? { failures: 0 }
    this.#seen = undefined
    this.#startSeries(nowMs)
  }

  /** A busy page looks like a network that changed: what is under way may succeed before all begins anew. */
  #doubt(nowMs: number): void {
    if (this.#run === undefined) this.#startAnew(undefined, nowMs)
    else this.#isDoubtful = true
  }

  #startSeries(nowMs: number): void {
    this.#tried = 0
    this.#slow = 0
    this.#isDoubtful = false
    this.#plainFailed = false
    this.#plainMs = undefined
    this.#notBeforeMs = nowMs
  }

  /** Every input only changes state; here is decided what follows. */
  #evaluate(nowMs: number): void {
    const retryAtMs = this.#retryAtMs()
    if (retryAtMs !== undefined && nowMs >= retryAtMs) {
      this.#remember({ ...this.#memory, failures: this.#memory.failures + 1 })
      this.#startSeries(nowMs)
    }
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

  /** Whether it is for us to begin something. */
  #isOurs(): boolean {
    const { me, other } = this.#options
    return me < other && this.#isUp && this.#path !== 'direct' && this.#run === undefined
  }

  /** When the next proposal is due, if there is one to make. */
  #trickAtMs(): number | undefined {
    const rung = this.#isOurs() ? this.#tricks()[this.#tried] : undefined
    if (rung === undefined) return undefined
    const freeAtMs = rung === 'predicted' ? 0 : this.#punchAtMs()
    if (freeAtMs === undefined) return undefined
    return Math.max(this.#notBeforeMs, freeAtMs, this.#graceEndsMs())
  }

  /** When a birthday punch may begin. */
  #punchAtMs(): number | undefined {
    const freeAtMs = this.#budget.freeAtMs(this)
    if (freeAtMs === undefined || this.#path !== undefined) return freeAtMs
    return Math.max(freeAtMs, this.#pathMs + PUNCH_AFTER_MS)
  }

  /** When to begin again with plain ICE, everything having failed. */
  #retryAtMs(): number | undefined {
    if (!this.#isOurs() || this.#plainMs === undefined) return undefined
    if (this.#tried < this.#tricks().length) return undefined
    const plainEndsMs = this.#plainFailed ? 0 : this.#plainMs + PLAIN_LASTS_MS
    const pauseMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** this.#memory.failures)
    return Math.max(this.#notBeforeMs, plainEndsMs) + pauseMs
  }

  #graceEndsMs(): number {
    const isKnown = this.#memory.won !== undefined && this.#memory.won !== 'plain'
    const isPlain = this.#verdict()?.best === 'plain'
    if (!isPlain || this.#plainFailed || isKnown) return 0
    return (this.#plainMs ?? this.#startMs) + PLAIN_GRACE_MS
  }

  #propose(nowMs: number): void {
    const rung = this.#tricks()[this.#tried]
    if (rung === undefined || this.#mine === undefined || this.#theirs === undefined) return
    if (rung !== 'predicted' && !this.#budget.take(this, nowMs)) return
    this.#attempt += 1
    const seed = Math.floor(this.#options.random() * 2 ** 31)
    const connections = connectionsFor(rung, this.#mine, this.#theirs)
    this.#begin({ attempt: this.#attempt, rung, seed, connections }, nowMs)
  }

  #answer(proposal: Propose, nowMs: number): void {
    const { attempt, rung, seed, connections } = proposal
    if (!isEnough(this.#mine) || !isEnough(this.#theirs)) {
      this.#pending = { proposal, atMs: nowMs }
      return
    }
    if (attempt === this.#run?.options.proposal?.attempt) {
      this.#run.proposedAgain()
      return
    }
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
    const { connections, sample } = proposal
    if (other > me || this.#theirs === undefined) return 'failed'
    const isSized = connections.every((count) => count > 0 && count <= MAX_CONNECTIONS)
    const isFair = sample === undefined || isFairSample(sample, this.#theirs)
    if (!isSized || !isFair || proposal.attempt <= this.#attempt) return 'failed'
    if (!this.#tricks().includes(proposal.rung)) return 'unwilling'
    // That we still have a direct path says nothing: the other side has noticed first that it is gone.
    const mayPunch = proposal.rung === 'predicted' || this.#budget.take(this, nowMs, SLACK_MS)
    return mayPunch ? undefined : 'busy'
  }

  #begin(
    what: Pick<Propose, 'attempt' | 'rung' | 'seed' | 'connections'> & { proposal?: Propose },
    nowMs: number,
  ): void {
    if (this.#mine === undefined || this.#theirs === undefined) return
    const stepMs = STEP_MS * 2 ** this.#slow
    this.#run = new AttemptRun(
      { ...what, mine: this.#mine, theirs: this.#theirs, seen: this.#seen, stepMs },
      (output) => this.#outputs.push(output),
      nowMs,
    )
  }

  /** What answers an attempt goes to it; what is of an older one goes nowhere. */
  #advance(input: LadderInput, nowMs: number): void {
    const run = this.#run
    if (run === undefined || attemptOf(input) !== run.options.attempt) return
    if (input.type === 'attempt-result' && input.connected) return this.#end(true, nowMs)
    const goesOn = input.type !== 'attempt-result' && run.handle(input, nowMs)
    this.#seen = run.seen
    if (!goesOn) this.#giveUp(input, nowMs)
  }

  #giveUp(input: LadderInput, nowMs: number): void {
    // A busy browser hears of its own ports too late.
    if (input.type === 'prepared' || input.type === 'sampled') return this.#tooSlow(nowMs)
    const decline = input.type === 'message' ? input.message : undefined
    const attempt = attemptOf(input) ?? 0
    if (decline === undefined) this.#send({ type: 'decline', attempt, reason: 'failed' })
    if (decline?.type !== 'decline' || decline.reason !== 'busy') return this.#end(false, nowMs)
    // Nothing was tried, so nothing has failed.
    this.#abandon()
    this.#notBeforeMs = nowMs + BUSY_MS
  }

  /** An attempt has had its time, or a step of it has. */
  #overdue({ isRunning }: AttemptRun, nowMs: number): void {
    // A path that came otherwise is no failure of this one.
    if (this.#path === 'direct') this.#close(false)
    else if (isRunning) this.#end(false, nowMs)
    else this.#tooSlow(nowMs)
  }

  /** Nothing was tried: a page that is busy, with a transfer for instance, prepares slowly. */
  #tooSlow(nowMs: number): void {
    const attempt = this.#run?.options.attempt ?? 0
    const isOver = this.#slow === MAX_SLOW
    this.#send({ type: 'decline', attempt, reason: isOver ? 'failed' : 'busy' })
    if (isOver) return this.#end(false, nowMs)
    this.#slow += 1
    this.#abandon()
    this.#notBeforeMs = nowMs + SLOW_MS
  }

  /** Ends the attempt; where it had not begun, nobody has to pause after it. */
  #abandon(): void {
    if (this.#run?.isRunning === false) this.#budget.giveBack(this)
    this.#close(false)
  }

  #end(connected: boolean, nowMs: number): void {
    const won = this.#run?.options.rung
    if (this.#run?.isRunning === true) this.#slow = 0
    this.#close(connected)
    this.#notBeforeMs = nowMs + BREATH_MS
    if (!connected && this.#isDoubtful) this.#startAnew(undefined, nowMs)
    else if (!connected) this.#tried += 1
    else if (won !== undefined) this.#remember({ won, failures: 0 })
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

/** Whether a report says how ports are given: a first one, of one socket, may not. */
function isEnough(report: NatReport | undefined): boolean {
  return report?.unknown.includes('few-samples') === false
}

function attemptOf(input: LadderInput): number | undefined {
  if (input.type === 'message') return input.message.attempt
  return 'attempt' in input ? input.attempt : undefined
}
