// What the connections of one side do in an attempt: from both reports, both samples and the seed to
// ports in order. Both sides plan for themselves and fit together because they plan from the same.
import type { Plan, PortSample, Preparation, TrickRung } from './attempt.ts'
import type { Ports } from './birthday.ts'
import { MAX_GUESSES, birthdaySize, drawPorts } from './birthday.ts'
import { MIN_RANGE_SAMPLES, blockOf } from '../nat/nat-report.ts'
import type { NatReport } from '../nat/nat-report.ts'
import { portsOf } from '../nat/oracle.ts'
import type { Walk } from './prediction.ts'
import {
  CHECK_MS,
  alignedConnections,
  alignedPorts,
  coveredShifts,
  portAfter,
  predictedPorts,
  walkOf,
} from './prediction.ts'

/** Between the first checks of two connections, so that they leave in order. */
const GAP_MS = 2
/** A guess more than a connection can check, so that it never repeats itself for want of one. */
const GUESS_EVERY_MS = 60
/** What a prediction needs after its last check: answers, and the other side's beginning. */
const LINGER_MS = 2_000
const BIRTHDAY_MS = 20_000
/** Throw-away sockets that tell where a block is now; one is enough to see where a walk is. */
const BLOCK_SOCKETS = 8

/** One side of an attempt as both sides know it. */
export interface AttemptSide {
  readonly report: NatReport
  readonly sample: PortSample
  /** From the message that its sample came with to its first check. */
  readonly ageMs: number
}

export interface AttemptSides {
  readonly mine: AttemptSide
  readonly theirs: AttemptSide
  /** Who proposes counts as the first of the two, on both sides. */
  readonly isProposer: boolean
}

/** How many connections each side prepares. */
export function connectionsFor(
  rung: TrickRung,
  mine: NatReport,
  theirs: NatReport,
): readonly [number, number] {
  const [my, their] = [portsOf(mine) ?? 'kept', portsOf(theirs) ?? 'kept']
  if (rung === 'predicted') {
    const flows = (mine.flowsPerSecond ?? 0) + (theirs.flowsPerSecond ?? 0)
    const count = isAligned(mine, theirs) ? alignedConnections(flows) : 1
    return [count, count]
  }
  const size = birthdaySize(my, their, credentialsOf(rung))
  return [size.mine, size.theirs]
}

/** What to open for our part. */
export function preparationFor(
  rung: TrickRung,
  mine: NatReport,
  connections: number,
): Omit<Preparation, 'attempt'> {
  const gather = portsOf(mine) === 'kept'
  return { rung, connections, credentials: credentialsOf(rung), gather }
}

/** Throw-away sockets for a fresh sample of our ports. */
export function socketsFor(mine: NatReport): number {
  return mine.allocation === 'block' ? BLOCK_SOCKETS : 1
}

/** What our connections do; the rung and the reports must fit, as `judgePair` says. */
export function planFor(
  { attempt, rung, connections }: Preparation,
  { mine, theirs, isProposer }: AttemptSides,
  seed: number,
): Plan {
  const ports =
    rung === 'predicted'
      ? predictions(connections, { mine, theirs, isProposer })
      : guesses(connections, { mine, theirs, credentials: credentialsOf(rung), seed })
  const longest = Math.max(...ports.map(({ length }) => length))
  const isBirthday = rung !== 'predicted'
  const isGuessing = isBirthday && portsOf(theirs.report) !== 'kept'
  return {
    attempt,
    rung,
    address: theirs.sample.address,
    ports,
    gapMs: GAP_MS,
    atOnce: isGuessing ? 2 : longest,
    everyMs: GUESS_EVERY_MS,
    lastsMs: isBirthday ? BIRTHDAY_MS : longest * CHECK_MS + LINGER_MS,
  }
}

function credentialsOf(rung: TrickRung): 'own' | 'shared' {
  return rung === 'birthday-shared' ? 'shared' : 'own'
}

/** Only where each check of both sides burns a port must checks fall in step. */
function isAligned(mine: NatReport, theirs: NatReport): boolean {
  return [mine, theirs].every(
    (report) => portsOf(report) === 'walking' && report.mapping === 'address-and-port-dependent',
  )
}

function predictions(
  connections: number,
  { mine, theirs, isProposer }: AttemptSides,
): readonly number[][] {
  if (portsOf(theirs.report) === 'kept') return theirs.sample.ports.map((port) => [port])
  const [my, their] = [walkBehind(mine), walkBehind(theirs)]
  if (!isAligned(mine.report, theirs.report))
    return Array.from({ length: connections }, () => predictedPorts(their))
  const shifts = coveredShifts(isProposer ? [my, their] : [their, my], connections)
  return alignedPorts(
    their,
    shifts.map(([first, second]) => (isProposer ? second : first)),
  )
}

function walkBehind({ sample, report, ageMs }: AttemptSide): Walk {
  return walkOf(sample, report.delta ?? 1, ageMs)
}

function guesses(
  connections: number,
  how: {
    readonly mine: AttemptSide
    readonly theirs: AttemptSide
    readonly credentials: 'own' | 'shared'
    readonly seed: number
  },
): readonly number[][] {
  const { theirs, credentials, seed } = how
  const known = theirs.sample.ports
  const their = rangeNow(theirs)
  const all = Array.from({ length: connections }, (_, at) => at)
  if (their === 'kept')
    return all.map((at) =>
      credentials === 'own'
        ? known.slice(at, at + 1)
        : [...known.slice(at % known.length), ...known.slice(0, at % known.length)],
    )
  const mine = rangeNow(how.mine)
  if (their === 'walking') {
    const walk = walkBehind(theirs)
    return all.map((at) =>
      Array.from({ length: MAX_GUESSES }, (_, k) => portAfter(walk, 1 + at + k * connections)),
    )
  }
  const count = birthdaySize(mine, their, credentials).guesses
  return all.map((at) => drawPorts(their, count, seed + at))
}

/** A block as the newest ports tell it. */
function rangeNow({ report, sample }: AttemptSide): Ports {
  const isFresh = report.allocation === 'block' && sample.ports.length >= MIN_RANGE_SAMPLES
  return isFresh ? blockOf(sample.ports) : (portsOf(report) ?? 'kept')
}
