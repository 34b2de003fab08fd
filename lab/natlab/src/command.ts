// Runs other programs: to the end (`runCommand`), or in the background (`startCommand`) until they
// are killed by their own pid. Never through a shell string and never by name.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { delimiter } from 'node:path'

import { LabError } from './lab-error.ts'

/** What `runCommand` accepts besides the words of the command. */
export interface CommandOptions {
  /** Text for standard input. */
  readonly input?: string
  /** Kill the command after this long; default 30 s. */
  readonly timeoutMs?: number
}

/** A program in the background. */
export interface RunningCommand {
  readonly pid: number
  /** Resolves when what it has printed so far, errors included, is accepted; rejects if it ends first. */
  said(accept: (text: string) => boolean, timeoutMs?: number): Promise<void>
  /** Everything printed so far, for error messages. */
  output(): string
  /** Kills it (SIGKILL unless told) and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  readonly exited: Promise<number | null>
}

const DEFAULT_TIMEOUT_MS = 30_000
/** Enough to explain a failure; a chatty server must not fill our memory. */
const OUTPUT_LIMIT_CHARS = 64_000

/** Debian keeps nft, conntrack and tcpdump out of an ordinary user's path. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter),
}

/** Splits words at spaces; only for values that contain none. */
export function words(text: string): string[] {
  return text.split(' ')
}

/** Runs a command to its end and returns its standard output; throws `command-failed` with its words. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const [program = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: ENVIRONMENT,
      timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    const printed = { out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()))
    child.once('error', (cause) => reject(failure(argv, { cause, said: '' })))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(printed.out)
      else reject(failure(argv, { said: `${signal ?? `exit ${code}`}: ${printed.err.trim()}` }))
    })
    // A command that does not read its input closes the pipe; its exit code says whether that is bad.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** The same, blocking; only for the clean-up that runs while the process exits. */
export function runCommandNow(argv: readonly string[]): string {
  const [program = '', ...rest] = argv
  return execFileSync(program, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: ENVIRONMENT,
  })
}

/** Starts a command in the background. */
export function startCommand(argv: readonly string[]): RunningCommand {
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT })
  if (child.pid === undefined) throw failure(argv, { said: 'cannot be started' })
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', () => resolve(null))
  })
  const printed = new PrintedText(child)
  return {
    pid: child.pid,
    exited,
    output: () => printed.text,
    said: (accept, timeoutMs = DEFAULT_TIMEOUT_MS) => printed.waitFor(accept, { timeoutMs, argv }),
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal)
      await exited
    },
  }
}

/** Keeps what a child prints and lets others wait for words in it. */
class PrintedText {
  text = ''
  readonly #watchers = new Set<() => void>()
  #ended = false

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.text = (this.text + chunk.toString()).slice(-OUTPUT_LIMIT_CHARS)
        this.#wake()
      })
    }
    child.once('close', () => {
      this.#ended = true
      this.#wake()
    })
  }

  waitFor(
    accept: (text: string) => boolean,
    about: { timeoutMs: number; argv: readonly string[] },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        finish()
      }
      const look = (): void => {
        if (accept(this.text)) settle(resolve)
        else if (this.#ended) settle(() => reject(failure(about.argv, { said: this.text })))
      }
      const timer = setTimeout(() => {
        settle(() => reject(failure(about.argv, { said: `silent for too long. ${this.text}` })))
      }, about.timeoutMs)
      this.#watchers.add(look)
      look()
    })
  }

  #wake(): void {
    for (const look of this.#watchers) look()
  }
}

function failure(argv: readonly string[], about: { said: string; cause?: Error }): LabError {
  const said = about.cause === undefined ? about.said : about.cause.message
  return new LabError('command-failed', `${argv.join(' ')}: ${said}`, { cause: about.cause })
}
