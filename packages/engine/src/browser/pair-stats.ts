// Reads the selected candidate pair out of getStats (W3C webrtc-stats).
import type { PairStats } from '../ports/index.ts'

/** The members of the statistics dictionaries that are read here; TypeScript's DOM types lack some. */
interface Stat {
  readonly id: string
  readonly type: string
  readonly selectedCandidatePairId?: string
  readonly localCandidateId?: string
  readonly remoteCandidateId?: string
  readonly nominated?: boolean
  readonly state?: string
  readonly candidateType?: string
  readonly address?: string
  readonly bytesSent?: number
  readonly bytesReceived?: number
}

/** The selected pair; undefined while there is none. */
export function pairStats(report: Iterable<[string, unknown]>): PairStats | undefined {
  const stats = new Map(report as Iterable<[string, Stat]>)
  const transport = [...stats.values()].find(({ type }) => type === 'transport')
  const pair = selectedPair(stats, transport)
  if (pair === undefined) return undefined
  const local = stats.get(pair.localCandidateId ?? '')
  const remote = stats.get(pair.remoteCandidateId ?? '')
  if (local?.candidateType === undefined || remote?.candidateType === undefined) return undefined
  // The transport counts over all pairs it used, where the browser has it.
  const { bytesSent = 0, bytesReceived = 0 } = transport ?? pair
  const { candidateType: localType } = local
  const { candidateType: remoteType, address: remoteAddress } = remote
  return { localType, remoteType, remoteAddress, bytesSent, bytesReceived }
}

function selectedPair(
  stats: ReadonlyMap<string, Stat>,
  transport: Stat | undefined,
): Stat | undefined {
  if (transport !== undefined) return stats.get(transport.selectedCandidatePairId ?? '')
  // Firefox has no transport statistics; its selected pair is the nominated one that succeeded.
  return [...stats.values()].find(
    ({ type, nominated, state }) =>
      type === 'candidate-pair' && nominated === true && state === 'succeeded',
  )
}
