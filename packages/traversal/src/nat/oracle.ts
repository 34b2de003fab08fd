// What is possible between two NATs, and by which rung: the table of what RFC 4787 behaviours allow.
// The ladder asks it what to try, laboratories and tests what to expect.
import type { TrickRung } from '../ladder/attempt.ts'
import type { Credentials, Ports } from '../ladder/birthday.ts'
import { birthdayChance } from '../ladder/birthday.ts'
import type { NatReport } from './nat-report.ts'
import { isDependent } from './nat-report.ts'

/** A trick with less of a chance is not worth what it costs others. */
export const LEAST_CHANCE = 0.8
/** Prediction is near certain on a quiet NAT; on a busy one repetition makes it so. */
const PREDICTION_CHANCE = 0.95

/** What to expect of a pair of NATs. */
export interface Verdict {
  /** The lightest way to a direct path; `relay` when there is none. */
  readonly best: 'plain' | TrickRung | 'relay'
  /** Tricks worth a try, the likeliest first. */
  readonly tricks: readonly { readonly rung: TrickRung; readonly chance: number }[]
}

/** Judges a pair; what a report does not say counts as what is most common. */
export function judgePair(mine: NatReport, theirs: NatReport, munging: boolean): Verdict {
  const tricks = tricksOf(mine, theirs, munging)
  if (isPlainPossible(mine, theirs)) return { best: 'plain', tricks }
  return { best: tricks[0]?.rung ?? 'relay', tricks }
}

/** Whether plain ICE finds a path: someone's known port lets the other in. */
export function isPlainPossible(mine: NatReport, theirs: NatReport): boolean {
  if (mine.ipv6 === true && theirs.ipv6 === true) return true
  if (!hasIpv4(mine) || !hasIpv4(theirs)) return false
  // Behind one NAT without hairpin only the local network is left; that is plain ICE's, too.
  if (isSameNat(mine, theirs) && mine.hairpin === false) return true
  return meets(mine, theirs) || meets(theirs, mine)
}

/** Whether what `one` learns from STUN serves the other, whatever port that comes from. */
function meets(one: NatReport, other: NatReport): boolean {
  if (one.filtering === 'endpoint-independent') return true
  if (isDependent(one.mapping)) return false
  const isLoose = ['address-dependent', 'port-independent'].includes(one.filtering)
  return isLoose || !isDependent(other.mapping)
}

function isSameNat(mine: NatReport, theirs: NatReport): boolean {
  return mine.addresses.some((address) => theirs.addresses.includes(address))
}

function tricksOf(mine: NatReport, theirs: NatReport, munging: boolean): Verdict['tricks'] {
  const [my, their] = [portsOf(mine), portsOf(theirs)]
  const isHopeless = isSameNat(mine, theirs) && mine.hairpin === false
  if (my === undefined || their === undefined || isHopeless) return []
  if (my === 'kept' && their === 'kept') return []
  if (typeof my === 'string' && typeof their === 'string')
    return [{ rung: 'predicted', chance: PREDICTION_CHANCE }]
  const birthday = (rung: TrickRung, credentials: Credentials) => ({
    rung,
    chance: birthdayChance(my, their, credentials),
  })
  return [
    ...(munging ? [birthday('birthday-shared', 'shared')] : []),
    birthday('birthday-block', 'own'),
  ].filter(({ chance }) => chance >= LEAST_CHANCE)
}

/** How a NAT's next ports can be met; undefined when they cannot. */
export function portsOf(report: NatReport): Ports | undefined {
  const isPooling = report.addresses.filter((address) => !address.includes(':')).length > 1
  if (report.udp !== 'open' || !hasIpv4(report) || isPooling) return undefined
  if (!isDependent(report.mapping)) return 'kept'
  return report.allocation === 'sequential' ? 'walking' : report.range
}

/** Whether datagrams get out by IPv4, as far as is known. */
function hasIpv4({ udp, addresses }: NatReport): boolean {
  return (
    udp !== 'blocked' &&
    (addresses.length === 0 || addresses.some((address) => !address.includes(':')))
  )
}
