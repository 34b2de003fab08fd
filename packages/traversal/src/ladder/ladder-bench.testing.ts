// A ladder on a bench: the test says what happens, and sees what it puts out. No network.
import type { AttemptMessage } from './attempt.ts'
import { Ladder } from './ladder.ts'
import type { LadderInput, LadderOptions, LadderOutput } from './ladder-types.ts'
import type { ReportName } from '../nat/nat-reports.testing.ts'
import { reportOf } from '../nat/nat-reports.testing.ts'

export class LadderBench {
  readonly ladder: Ladder
  nowMs = 0
  /** Everything put out, with its time. */
  readonly log: { readonly atMs: number; readonly output: LadderOutput }[] = []

  constructor(
    options: Partial<LadderOptions> & {
      readonly relays?: LadderOptions['settings']['relays']
    } = {},
  ) {
    const relays = options.relays ?? ['turn', 'ws-relay']
    this.ladder = new Ladder(
      {
        me: 'alice',
        other: 'bob',
        random: () => 0.5,
        settings: { munging: true, hideAddress: false, saveData: false, relays },
        ...options,
      },
      0,
    )
  }

  /** Both reports known, signals pass. */
  start(mine: ReportName, theirs: ReportName): this {
    this.handle({ type: 'report', side: 'mine', report: reportOf(mine, 1) })
    this.handle({ type: 'report', side: 'theirs', report: reportOf(theirs, 2) })
    return this.handle({ type: 'signalling', up: true })
  }

  /** The talk goes by a relay. */
  relayed(): this {
    return this.handle({ type: 'path', path: 'ws-relay' })
  }

  handle(input: LadderInput): this {
    this.ladder.handle(input, this.nowMs)
    this.#drain()
    return this
  }

  receive(message: AttemptMessage): this {
    return this.handle({ type: 'message', message })
  }

  /** Lets time pass, waking the ladder when it asks. */
  advance(ms: number): this {
    const untilMs = this.nowMs + ms
    for (;;) {
      const deadlineMs = this.ladder.deadlineMs()
      if (deadlineMs === undefined || deadlineMs > untilMs) break
      this.nowMs = Math.max(this.nowMs, deadlineMs)
      this.ladder.tick(this.nowMs)
      this.#drain()
    }
    this.nowMs = untilMs
    return this
  }

  /** What was put out of a type. */
  all<Type extends LadderOutput['type']>(type: Type): Extract<LadderOutput, { type: Type }>[] {
    return this.log.flatMap(({ output }) =>
      output.type === type ? [output as Extract<LadderOutput, { type: Type }>] : [],
    )
  }

  /** Rungs started so far, with their times. */
  started(): string[] {
    return this.log.flatMap(({ atMs, output }) =>
      output.type === 'start' ? [`${output.rung} ${atMs}`] : [],
    )
  }

  /** Times of proposals and preparations. */
  prepared(): string[] {
    return this.log.flatMap(({ atMs, output }) =>
      output.type === 'prepare' ? [`${output.rung} ${atMs}`] : [],
    )
  }

  /** Lets the attempt under way fail, as the shell would say. */
  fail(): this {
    const attempt = this.all('prepare').at(-1)?.attempt ?? 0
    return this.handle({ type: 'attempt-result', attempt, connected: false })
  }

  #drain(): void {
    for (let output = this.ladder.poll(); output !== undefined; output = this.ladder.poll())
      this.log.push({ atMs: this.nowMs, output })
  }
}
