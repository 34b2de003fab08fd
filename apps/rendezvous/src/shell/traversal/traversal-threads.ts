// The threads that serve STUN and TURN: starts them, asks them, starts one anew that ended by itself,
// and ends them all. Knows nothing of packets.
import { Worker } from 'node:worker_threads'
import type { TransportAddress } from '@knothole/traversal'
import { UNTESTED } from './filter-probe.ts'
import type { ProbeVerdicts } from './filter-probe.ts'
import { ListenError } from '../listen-error.ts'
import type { Logger } from '../logger.ts'
import type { SkippedHost, TraversalCounts, TraversalOptions } from './traversal-server.ts'
import type { FromWorker, ToWorker } from './traversal-worker.ts'
import type { UdpChoice } from '../udp/udp.ts'

export interface TraversalThreadsOptions {
  /** What each thread opens. */
  readonly threads: readonly TraversalOptions[]
  readonly logger: Logger
  /** The program of a thread, for tests. */
  readonly program?: URL
}

/** What answers for STUN and TURN, in whichever thread. */
export interface Traversal {
  readonly udp: readonly TransportAddress[]
  /** Undefined where nothing is open. */
  readonly udpChoice: UdpChoice | undefined
  readonly streams: readonly TransportAddress[]
  readonly skipped: readonly SkippedHost[]
  probe(place: TransportAddress): Promise<ProbeVerdicts>
  counts(): Promise<readonly TraversalCounts[]>
  close(): Promise<void>
}

/**
 * From the sources too it is the built program: a thread of Node 20 cannot read TypeScript, and
 * `dist` lies beside `src`.
 */
const PROGRAM = new URL('../../../dist/shell/traversal/traversal-worker.js', import.meta.url)

/** A thread that ends again within this time is started more and more slowly. */
const STEADY_MS = 60_000
const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 30_000

/** How long an answer may take; a thread that is silent for longer has nothing to say. */
const ANSWER_MS = 2000

/** How long a thread may take to close its sockets. */
const CLOSE_MS = 1000

/** Memory of one thread: what its tables hold at most, ten times over. Beyond it the thread ends, not the process. */
const MAX_HEAP_MB = 512

type Opened = Extract<FromWorker, { type: 'open' }>
type Answer = Extract<FromWorker, { readonly number: number }>

/** Starts the threads; all are open or none is left. @throws ListenError */
export async function openTraversalThreads(options: TraversalThreadsOptions): Promise<Traversal> {
  const threads = options.threads.map((data) => new Thread(data, options))
  const results = await Promise.allSettled(threads.map((thread) => thread.start()))
  const close = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.close()))
  }
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  const [first] = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  return {
    udp: first?.udp ?? [],
    udpChoice: first?.udpChoice,
    streams: first?.streams ?? [],
    skipped: first?.skipped ?? [],
    async probe(place) {
      const answers = await Promise.all(
        threads.map((thread) => thread.ask({ type: 'probe', place })),
      )
      const found = answers.flatMap((answer) =>
        answer?.type === 'probed' && answer.verdicts !== undefined ? [answer.verdicts] : [],
      )
      return found[0] ?? UNTESTED
    },
    async counts() {
      const answers = await Promise.all(threads.map((thread) => thread.ask({ type: 'counts' })))
      return answers.flatMap((answer) => (answer?.type === 'counted' ? [answer.counts] : []))
    },
    close,
  }
}

/** One place among the threads; who serves it may change. */
class Thread {
  readonly #data: TraversalOptions
  readonly #logger: Logger
  readonly #program: URL
  #worker: Worker | undefined
  #startedAtMs = 0
  #restartMs = FIRST_RESTART_MS
  #restart: NodeJS.Timeout | undefined
  #isClosed = false
  #lastNumber = 0
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>()

  constructor(data: TraversalOptions, { logger, program = PROGRAM }: TraversalThreadsOptions) {
    this.#data = data
    this.#logger = logger
    this.#program = program
  }

  /** Done when it is open. @throws ListenError */
  start(): Promise<Opened> {
    this.#startedAtMs = performance.now()
    const worker = new Worker(this.#program, {
      workerData: this.#data,
      // The flags of the main thread are its own: a test runner's would not find our packages.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    this.#worker = worker
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'open') {
          worker.once('exit', () => this.#ended())
          resolve(message)
        } else if (message.type === 'failed') {
          reject(new ListenError(message.code, message.message))
        } else this.#heard(message)
      })
      worker.on('error', (error) => {
        // Its message may tell of a client.
        this.#logger.error('a thread of STUN and TURN failed', { error: nameOf(error) })
        reject(error)
      })
      worker.once('exit', () => reject(new Error('a thread of STUN and TURN ended')))
    })
  }

  /** Asks and waits for the answer; undefined when there is none. */
  ask(
    question: { readonly type: 'probe'; readonly place: TransportAddress } | { type: 'counts' },
  ): Promise<Answer | undefined> {
    const worker = this.#worker
    if (worker === undefined) return Promise.resolve(undefined)
    const number = ++this.#lastNumber
    return new Promise((resolve) => {
      const settle = (answer: Answer | undefined): void => {
        clearTimeout(timer)
        this.#waiting.delete(number)
        resolve(answer)
      }
      const timer = setTimeout(() => settle(undefined), ANSWER_MS)
      this.#waiting.set(number, settle)
      const message: ToWorker = { ...question, number }
      worker.postMessage(message, [])
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restart)
    const worker = this.#worker
    this.#worker = undefined
    this.#giveUp()
    if (worker === undefined || worker.threadId === -1) return
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
    })
    const message: ToWorker = { type: 'close' }
    worker.postMessage(message, [])
    const timer = setTimeout(() => void worker.terminate(), CLOSE_MS)
    await exited
    clearTimeout(timer)
  }

  #heard(message: FromWorker): void {
    if (message.type === 'error') this.#logger.error(message.message)
    else if ('number' in message) this.#waiting.get(message.number)?.(message)
  }

  /** Ended by itself. */
  #ended(): void {
    this.#worker = undefined
    this.#giveUp()
    if (this.#isClosed) return
    const isSteady = performance.now() - this.#startedAtMs > STEADY_MS
    this.#restartMs = isSteady ? FIRST_RESTART_MS : Math.min(LAST_RESTART_MS, 2 * this.#restartMs)
    this.#logger.error('a thread of STUN and TURN ended; starting another', {
      inMs: this.#restartMs,
    })
    this.#restart = setTimeout(() => void this.#startAgain(), this.#restartMs)
  }

  async #startAgain(): Promise<void> {
    try {
      await this.start()
      this.#logger.info('a thread of STUN and TURN serves again')
    } catch {
      await this.#worker?.terminate()
      this.#ended()
    }
  }

  /** Questions that nobody will answer any more. */
  #giveUp(): void {
    for (const settle of this.#waiting.values()) settle(undefined)
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error ? `${error.name} ${String(error.code)}` : error.name
}
