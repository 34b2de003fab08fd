// From what a browser says while it gathers to the samples of a report. A browser does not repeat a
// mapping that another server saw already, so what is missing may mean "the same" or "no answer";
// whether gathering came to its end in good time tells them apart.
import type { NatSample } from './nat-report.ts'

/** One connection's gathering: servers in the order it asks them, and what came. */
export interface Gathering {
  readonly socket: number
  readonly servers: readonly NatSample['server'][]
  readonly sentMs: number
  /** Server-reflexive candidates; `server` is an index into `servers`. */
  readonly candidates: readonly {
    readonly server: number
    readonly address: string
    readonly port: number
  }[]
  /** Servers that are known to have stayed silent (error 701), by index. */
  readonly silent: readonly number[]
  /** Gathering is over: who is neither a candidate nor silent has seen what another saw. */
  readonly isComplete: boolean
}

/** The samples in one gathering, in the order asked. */
export function samplesOf(gathering: Gathering): NatSample[] {
  const { socket, servers, sentMs, candidates, silent, isComplete } = gathering
  return servers.flatMap((server, index) => {
    const sample = { socket, server, sentMs }
    if (silent.includes(index)) return [sample]
    const told = candidates.find((candidate) => candidate.server === index)
    const same = candidates.find(
      (candidate) => servers[candidate.server]?.address === server.address,
    )
    const seen = told ?? (isComplete ? (same ?? candidates[0]) : undefined)
    if (seen === undefined) return isComplete ? [sample] : []
    return [{ ...sample, mapped: { address: seen.address, port: seen.port } }]
  })
}
