/**
 * What a bench is to the command line: a name, the contenders it knows, and a run that gives tables.
 * A bench prints nothing but progress (through `log`) and writes no file.
 */
import type { Row } from './statistics.ts'

/** The words of one bench and how to run it. */
export interface Bench {
  readonly name: string
  /** One paragraph for `docs/benchmarks.md`: what the numbers are. */
  readonly summary: string
  readonly contenders: readonly ContenderNote[]
  readonly defaultRuns: number
  run(options: BenchOptions): Promise<BenchResult>
}

/** A contender's name and one line on what it is. */
export interface ContenderNote {
  readonly name: string
  readonly what: string
  /** True for one that runs only when `--only` names it. */
  readonly onRequest?: boolean
}

/** What the command line asks of a bench. */
export interface BenchOptions {
  /** Counted runs per contender and condition. */
  readonly runs: number
  /** Names out of the bench's contenders, in the bench's order. */
  readonly contenders: readonly string[]
  readonly log: (line: string) => void
}

/** Rows measured together, which may be compared with each other and with nothing else. */
export interface Table {
  readonly title: string
  /** The contender that all others are compared to; its row may be missing. */
  readonly limit: string
  readonly entries: readonly Entry[]
}

/** One contender's row within a table. */
export interface Entry {
  readonly contender: string
  readonly row: Row
}

/** What a bench measured. */
export interface BenchResult {
  readonly tables: readonly Table[]
  /** The foreign software that took part, with versions, to be named beside the machine. */
  readonly software: readonly string[]
}

/** Why a bench was not run. */
export type BenchErrorCode =
  | 'wrong-use'
  | 'missing-part'
  | 'rival-install'
  | 'server-start'
  | 'browser-gone'

/** An expected failure whose message is all the reader needs. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
  readonly code: BenchErrorCode

  constructor(code: BenchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
