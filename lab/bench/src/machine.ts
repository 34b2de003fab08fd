/** Names the machine that measured, since no number here means anything without it. */
import { availableParallelism, cpus, loadavg, release, type } from 'node:os'

/** The machine and the moment of a measurement. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly system: string
  readonly node: string
  /** ISO date, UTC. */
  readonly date: string
  /** One-minute load average at the moment it was described. */
  readonly load: number
}

/** Reads the machine's particulars now. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    system: `${type()} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: currentLoad(),
  }
}

/** The one-minute load average now. */
export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}
