// One link's climb to a direct path that plain ICE does not find: runs the ladder of
// @knothole/traversal, carries its messages as notes, has its attempts made, and holds the connection
// that one of them opened. Relays are not its business, only that there are some.
import {
  decodeReport,
  diagnose,
  isPlainPossible,
  Ladder,
  networkPairKey,
} from '@knothole/traversal/ladder'
import type {
  Diagnosis,
  DoctorQuestion,
  LadderInput,
  LadderMemory,
  LadderOutput,
  LadderSettings,
  NatReport,
  Plan,
  PortSample,
  Preparation,
  PunchBudget,
  RelayRung,
  TrickRung,
} from '@knothole/traversal/ladder'
import type { Bytes, Signal } from '@knothole/wire'
import type { RtcEvent } from '../../ports/index.ts'
import { AttemptCarrier } from '../link/attempt-carrier.ts'
import type { AttemptCarrierOutput } from '../link/attempt-carrier.ts'
import { decodeNote, encodeNote } from './attempt-note.ts'
import type { AttemptDescription, AttemptNote } from './attempt-note.ts'
import { earliest } from '../machine.ts'
import type { Path } from '../room-state.ts'

/** What the runtime is to do for an attempt; answered by a `ClimbEvent` where one is named. */
export type ClimbCommand =
  /** Open connections, answer `prepared`. `listens`: in DTLS, and so we choose among those that open. */
  | { readonly type: 'prepare'; readonly preparation: Preparation; readonly listens: boolean }
  | {
      readonly type: 'apply'
      readonly attempt: number
      readonly description: AttemptDescription
    }
  /** Ask STUN from throw-away sockets, answer `sampled`. */
  | { readonly type: 'sample'; readonly attempt: number; readonly sockets: number }
  /** Begin; `opened` comes at most once, and only before `end`. */
  | { readonly type: 'go'; readonly plan: Plan }
  /** The connection that opened is this one from now on. */
  | { readonly type: 'adopt'; readonly attempt: number; readonly connection: number }
  /** Close what was not adopted. */
  | { readonly type: 'end'; readonly attempt: number }
  /** Keep what was learnt of this pair of networks. */
  | { readonly type: 'remember'; readonly pair: string; readonly memory: LadderMemory }

export type ClimbEvent =
  | {
      readonly type: 'prepared'
      readonly attempt: number
      readonly description: AttemptDescription
      readonly sample?: PortSample
    }
  | { readonly type: 'sampled'; readonly attempt: number; readonly sample?: PortSample }
  | { readonly type: 'opened'; readonly attempt: number }
  /** This runtime could not do its part. */
  | { readonly type: 'failed'; readonly attempt: number }

export type ClimbInput =
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'rtc'; readonly connection: number; readonly event: RtcEvent }
  | { readonly type: 'climb'; readonly event: ClimbEvent }
  | { readonly type: 'plain-failed' }
  | { readonly type: 'network-changed' }

export type ClimbOutput =
  | AttemptCarrierOutput
  | { readonly type: 'note'; readonly note: Bytes }
  | { readonly type: 'climb'; readonly command: ClimbCommand }

/** What a climb looks at whenever something happens; whoever changes it sees to it that something does. */
export interface ClimbView {
  /** Whether notes reach the other side now. */
  readonly isUp: boolean
  /** Both sides' NAT reports, as cards carry them. */
  readonly mine: string | undefined
  readonly theirs: string | undefined
  /** The newest port of a NAT of ours that walks. */
  readonly seen: SeenPort | undefined
  readonly settings: LadderSettings
}

export interface ClimbOptions {
  readonly me: string
  readonly other: string
  readonly random: () => number
  readonly newConnection: () => number
  readonly view: () => ClimbView
  /** What is remembered of a pair of networks. */
  readonly memoryOf: (pair: string) => LadderMemory | undefined
  readonly budget: PunchBudget
}

type SeenPort = NonNullable<Extract<LadderInput, { type: 'report' }>['seen']>

const BLIND: ClimbView = {
  isUp: false,
  mine: undefined,
  theirs: undefined,
  seen: undefined,
  settings: { munging: false, hideAddress: false, saveData: false, relays: [] },
}

export class Climb {
  readonly #options: ClimbOptions
  readonly #ladder: Ladder
  readonly #outputs: ClimbOutput[] = []
  #carrier: AttemptCarrier | undefined
  /** The way of the attempt that runs. */
  #rung: TrickRung = 'predicted'
  #view: ClimbView = BLIND
  /** The pair of networks, once both reports are known. */
  #pair: string | undefined
  /** The addresses of both, as the reports told last. */
  #ends: string | undefined
  #isHopeless = false
  #closed = false

  constructor(options: ClimbOptions, nowMs: number) {
    const { me, other, random, budget } = options
    this.#options = options
    this.#ladder = new Ladder({ me, other, random, budget, settings: BLIND.settings }, nowMs)
    this.#look(nowMs)
    this.#collect()
  }

  /** The connection that was opened, if there is one. */
  get carrier(): AttemptCarrier | undefined {
    return this.#carrier
  }

  /** Whether an attempt runs, or is to come. */
  get isTrying(): boolean {
    const { trying, retryAtMs } = this.#ladder.status()
    return (trying !== undefined && trying !== 'plain') || retryAtMs !== undefined
  }

  /** Whether both reports are known, and say that plain ICE finds no path. */
  get isHopeless(): boolean {
    return this.#isHopeless
  }

  /** Why the link is not direct, and what would help; undefined when it is. */
  diagnose(hidden: DoctorQuestion['hidden']): Diagnosis | undefined {
    const { settings } = this.#view
    const [mine, theirs] = [this.#view.mine, this.#view.theirs].map((text) =>
      text === undefined ? undefined : (decodeReport(text) ?? undefined),
    )
    return diagnose({ mine, theirs, hidden, ...settings, status: this.#ladder.status() })
  }

  /** The path in use is another. */
  use(path: Path | undefined, nowMs: number): void {
    this.#look(nowMs)
    this.#ladder.handle({ type: 'path', path: rungOf(path) }, nowMs)
    this.#collect()
  }

  handle(input: ClimbInput, nowMs: number): void {
    if (this.#closed) return
    this.#look(nowMs)
    switch (input.type) {
      case 'signal':
        this.#hear(input.signal, nowMs)
        break
      case 'rtc':
        if (input.connection === this.#carrier?.connection) this.#carrier.handle(input.event, nowMs)
        break
      case 'climb':
        this.#done(input.event, nowMs)
        break
      case 'network-changed':
        this.#ladder.handle({ type: 'network-doubt' }, nowMs)
        break
      default:
        this.#ladder.handle(input, nowMs)
    }
    this.#collect()
  }

  tick(nowMs: number): void {
    if (this.#closed) return
    this.#look(nowMs)
    this.#ladder.tick(nowMs)
    this.#carrier?.tick(nowMs)
    this.#collect()
  }

  deadlineMs(): number | undefined {
    if (this.#closed) return undefined
    return earliest(this.#ladder.deadlineMs(), this.#carrier?.deadlineMs())
  }

  poll(): ClimbOutput | undefined {
    return this.#carrier?.poll() ?? this.#outputs.shift()
  }

  /** Ends the attempt that runs and the connection that was opened, for good. */
  close(nowMs: number): void {
    this.#ladder.handle({ type: 'network-change' }, nowMs)
    this.#collect()
    this.#carrier?.close()
    this.#closed = true
  }

  /** Tells the ladder what looks different. */
  #look(nowMs: number): void {
    const before = this.#view
    const view = this.#options.view()
    this.#view = view
    if (!sameSettings(view.settings, before.settings))
      this.#ladder.handle({ type: 'settings', settings: view.settings }, nowMs)
    if (view.isUp !== before.isUp) this.#ladder.handle({ type: 'signalling', up: view.isUp }, nowMs)
    if (view.mine !== before.mine || view.theirs !== before.theirs) this.#report(view, nowMs)
  }

  #report({ mine, theirs, seen }: ClimbView, nowMs: number): void {
    const [my, their] = [mine, theirs].map((text) =>
      text === undefined ? null : decodeReport(text),
    )
    this.#pair = my && their ? this.#compare(my, their, nowMs) : undefined
    this.#isHopeless = my && their ? !isPlainPossible(my, their) : false
    this.#ladder.handle(
      { type: 'report', side: 'mine', ...(my ? { report: my } : {}), ...(seen ? { seen } : {}) },
      nowMs,
    )
    this.#ladder.handle(
      { type: 'report', side: 'theirs', ...(their ? { report: their } : {}) },
      nowMs,
    )
  }

  /** Names the pair of networks, and tells the ladder when it is another, or one has another address. */
  #compare(mine: NatReport, theirs: NatReport, nowMs: number): string {
    const pair = networkPairKey(mine, theirs)
    const ends = [mine, theirs].map(({ addresses }) => addresses[0]).join(' ')
    if (ends === this.#ends) return pair
    const isFirst = this.#ends === undefined
    const memory = this.#options.memoryOf(pair)
    this.#ends = ends
    if (memory !== undefined) this.#ladder.handle({ type: 'network-change', memory }, nowMs)
    else if (!isFirst) this.#ladder.handle({ type: 'network-change' }, nowMs)
    return pair
  }

  #hear(signal: Signal, nowMs: number): void {
    if (signal.type !== 'note') return
    const decoded = decodeNote(signal.note)
    if (decoded.ok) this.#ladder.handle({ type: 'message', message: decoded.value }, nowMs)
  }

  #done(event: ClimbEvent, nowMs: number): void {
    const { attempt } = event
    switch (event.type) {
      case 'prepared': {
        const { description: payload, sample } = event
        const told = sample === undefined ? { payload } : { payload, sample }
        this.#ladder.handle({ type: 'prepared', attempt, ...told }, nowMs)
        return
      }
      case 'sampled':
        this.#ladder.handle(event, nowMs)
        return
      case 'opened':
        this.#adopt(attempt, nowMs)
        return
      case 'failed':
        this.#ladder.handle({ type: 'attempt-result', attempt, connected: false }, nowMs)
    }
  }

  #adopt(attempt: number, nowMs: number): void {
    this.#carrier?.close()
    this.#drain()
    const connection = this.#options.newConnection()
    this.#carrier = new AttemptCarrier(connection, this.#rung, nowMs)
    this.#command({ type: 'adopt', attempt, connection })
    this.#outputs.push({ type: 'changed' })
    // Before the link has moved over: nothing else is to be tried meanwhile.
    this.#ladder.handle({ type: 'path', path: 'direct' }, nowMs)
    this.#ladder.handle({ type: 'attempt-result', attempt, connected: true }, nowMs)
  }

  /** What the last carrier still has to say, before another takes its place. */
  #drain(): void {
    for (let out = this.#carrier?.poll(); out !== undefined; out = this.#carrier?.poll())
      this.#outputs.push(out)
  }

  #collect(): void {
    if (this.#carrier?.open === false) {
      this.#drain()
      this.#carrier = undefined
    }
    for (let out = this.#ladder.poll(); out !== undefined; out = this.#ladder.poll())
      this.#fromLadder(out)
  }

  #fromLadder(out: LadderOutput): void {
    switch (out.type) {
      case 'send':
        this.#note(out.message as AttemptNote)
        return
      case 'prepare': {
        const { type, ...preparation } = out
        const { me, other } = this.#options
        this.#rung = preparation.rung
        this.#command({ type, preparation, listens: me < other })
        return
      }
      case 'apply': {
        const { type, attempt, payload } = out
        this.#command({ type, attempt, description: payload as AttemptDescription })
        return
      }
      case 'sample':
      case 'go':
        this.#command(out)
        return
      case 'remember':
        if (this.#pair !== undefined) this.#command({ ...out, pair: this.#pair })
        return
      case 'end':
        this.#command({ type: 'end', attempt: out.attempt })
        return
      // Plain ICE and relays run by themselves.
      case 'start':
      case 'stop':
    }
  }

  #note(message: AttemptNote): void {
    this.#outputs.push({ type: 'note', note: encodeNote(message) })
  }

  #command(command: ClimbCommand): void {
    this.#outputs.push({ type: 'climb', command })
  }
}

function sameSettings(one: LadderSettings, other: LadderSettings): boolean {
  return (
    one.munging === other.munging &&
    one.hideAddress === other.hideAddress &&
    one.saveData === other.saveData
  )
}

/** A path in the ladder's words. */
function rungOf(path: Path | undefined): 'direct' | RelayRung | undefined {
  switch (path) {
    case 'lan':
    case 'direct':
    case 'predicted':
    case 'birthday':
      return 'direct'
    default:
      return path
  }
}
