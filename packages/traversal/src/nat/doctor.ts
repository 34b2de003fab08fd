// Why a link is not direct and what would help, as codes: the words belong to whoever shows them.
// Says one reason, the one that matters most, and only help that would change it.
import type { LadderStatus } from '../ladder/ladder-types.ts'
import type { NatReport } from './nat-report.ts'
import { isDependent } from './nat-report.ts'
import { judgePair, portsOf } from './oracle.ts'

export type DoctorSide = 'mine' | 'theirs' | 'both'

/** The one reason. */
export type DoctorReason =
  /** Someone shows no address, by choice. */
  | 'hidden'
  /** No datagrams get out of someone's network. */
  | 'udp-blocked'
  /** The ladder is not at its end. */
  | 'trying'
  /** Both behind one router that does not send back what is for itself. */
  | 'no-hairpin'
  /** Someone's network changes its public address from flow to flow. */
  | 'pooling'
  /** Someone's router draws ports at random and the other's lets no stranger in. */
  | 'random-ports'
  /** As before, and this browser forbids what would help. */
  | 'browser-forbids'
  /** A path of their own loses large packets, and says nothing of it. */
  | 'large-packets'
  /** Tricks were possible and failed. */
  | 'tricks-failed'
  /** Nothing in the reports stands against a direct path: a firewall, or a report is missing. */
  | 'unexplained'

/** What someone can do about it. */
export type DoctorHelp =
  | 'show-address'
  | 'allow-udp'
  | 'wait'
  | 'same-network'
  | 'other-network'
  | 'port-mapping'
  | 'ipv6'
  | 'other-browser'
  | 'save-data-off'

export interface Diagnosis {
  readonly reason: DoctorReason
  /** Whose network, or choice, it is. */
  readonly side: DoctorSide
  readonly help: readonly DoctorHelp[]
  /** When the next try is due. */
  readonly retryAtMs?: number | undefined
}

export interface DoctorQuestion {
  readonly mine: NatReport | undefined
  readonly theirs: NatReport | undefined
  readonly hidden: { readonly mine: boolean; readonly theirs: boolean }
  readonly munging: boolean
  readonly saveData: boolean
  readonly status: LadderStatus
}

/** Explains a link; undefined when it is direct, which needs no explanation. */
export function diagnose(question: DoctorQuestion): Diagnosis | undefined {
  const { status, hidden, mine, theirs } = question
  if (status.path === 'direct') return undefined
  const hider = sideOf(hidden)
  if (hider !== undefined) return { reason: 'hidden', side: hider, help: ['show-address'] }
  if (mine === undefined || theirs === undefined) return unexplained(question)
  const blocked = sideWhere(mine, theirs, ({ udp }) => udp === 'blocked')
  if (blocked !== undefined)
    return { reason: 'udp-blocked', side: blocked, help: ['allow-udp', 'other-network'] }
  if (status.trying !== undefined)
    return { reason: 'trying', side: 'both', help: ['wait'], retryAtMs: status.retryAtMs }
  return explainNats(question, mine, theirs)
}

function explainNats(question: DoctorQuestion, mine: NatReport, theirs: NatReport): Diagnosis {
  const { status, munging, saveData } = question
  const { retryAtMs } = status
  const { best, tricks } = judgePair(mine, theirs, munging)
  const isSame = mine.addresses.some((address) => theirs.addresses.includes(address))
  if (isSame && mine.hairpin !== true)
    return { reason: 'no-hairpin', side: 'both', help: ['same-network', 'ipv6'], retryAtMs }
  const help: DoctorHelp[] = ['port-mapping', 'ipv6', 'other-network']
  if (best !== 'plain' && tricks.length > 0) {
    const saved: DoctorHelp[] = saveData && best !== 'predicted' ? ['save-data-off'] : []
    return { reason: 'tricks-failed', side: 'both', help: [...saved, 'wait', ...help], retryAtMs }
  }
  if (best === 'plain') return unexplained(question)
  const pooling = sideWhere(mine, theirs, (report) => isPooling(report))
  if (pooling !== undefined) return { reason: 'pooling', side: pooling, help, retryAtMs }
  const side = sideWhere(mine, theirs, ({ mapping }) => isDependent(mapping)) ?? 'both'
  const couldMunge = !munging && judgePair(mine, theirs, true).best !== 'relay'
  return couldMunge
    ? { reason: 'browser-forbids', side, help: ['other-browser', ...help], retryAtMs }
    : { reason: 'random-ports', side, help, retryAtMs }
}

function unexplained({ status }: DoctorQuestion): Diagnosis {
  const { retryAtMs } = status
  return { reason: 'unexplained', side: 'both', help: ['wait', 'other-network'], retryAtMs }
}

function isPooling(report: NatReport): boolean {
  return report.udp === 'open' && report.addresses.length > 1 && portsOf(report) === undefined
}

function sideWhere(
  mine: NatReport,
  theirs: NatReport,
  holds: (report: NatReport) => boolean,
): DoctorSide | undefined {
  return sideOf({ mine: holds(mine), theirs: holds(theirs) })
}

function sideOf({
  mine,
  theirs,
}: Readonly<Record<'mine' | 'theirs', boolean>>): DoctorSide | undefined {
  if (mine) return theirs ? 'both' : 'mine'
  return theirs ? 'theirs' : undefined
}
