// Birthday punching: many mappings on one side, many guesses on the other. Says how many connections
// and guesses a pair of NATs needs, what the chance is (the formulas are in SPEC.md), and which ports
// to guess. Budgets are part of it: strangers share these NATs.
import type { PortRange } from '../nat/nat-report.ts'

/** Guesses of one connection at most: Chromium's 16 per second for 19 s. */
export const MAX_GUESSES = 300
/** Expected meetings after which guessing more is impolite: 1 - exp(-5) is 99.3 %. */
const ENOUGH_MEETINGS = 5
/**
 * Connections of a page, each about 180 KiB. `own`: with credentials of its own, one meets only the
 * one of the same number. The others are for shared credentials: a side whose ports are known, against
 * a block and against all ports (64 and 16 were measured best), and sides whose ports are not.
 */
const CONNECTIONS = {
  own: 32,
  guessBlock: 4,
  guessAll: 16,
  drawBlock: 16,
  drawAll: 64,
  bothBlock: 48,
  bothAll: 32,
}
/** A range of more ports than this is treated as all of them. */
const BLOCK_PORTS = 8_192

/** How a NAT's ports look from outside: kept for a socket, walking, or drawn from a range. */
export type Ports = 'kept' | 'walking' | PortRange

/** Connections of each side and guesses of each connection. */
export interface BirthdaySize {
  readonly mine: number
  readonly theirs: number
  readonly guesses: number
}

export type Credentials = 'own' | 'shared'

/** What to open so that two sides meet, and no more than that. */
export function birthdaySize(mine: Ports, theirs: Ports, credentials: Credentials): BirthdaySize {
  const size = { mine: connectionsOf(mine, theirs), theirs: connectionsOf(theirs, mine) }
  const own = { mine: CONNECTIONS.own, theirs: CONNECTIONS.own }
  const connections = credentials === 'own' ? own : size
  let guesses = MAX_GUESSES
  const isEnough = (guesses: number): boolean =>
    expectedMeetings([mine, theirs], credentials, { ...connections, guesses }) >= ENOUGH_MEETINGS
  while (guesses > 1 && isEnough(guesses - 1)) guesses -= 1
  return { ...connections, guesses }
}

/** The chance that a path opens before all guesses are made. */
export function birthdayChance(mine: Ports, theirs: Ports, credentials: Credentials): number {
  const size = birthdaySize(mine, theirs, credentials)
  return 1 - Math.exp(-expectedMeetings([mine, theirs], credentials, size))
}

/** Meetings to expect, which are Poisson: their absence has the chance exp(-expected). */
export function expectedMeetings(
  [mine, theirs]: readonly [Ports, Ports],
  credentials: Credentials,
  { mine: my, theirs: their, guesses }: BirthdaySize,
): number {
  const pairs = credentials === 'own' ? Math.min(my, their) : my * their
  if (isRange(mine) && isRange(theirs))
    return (pairs * guesses ** 2) / (portsIn(mine) * portsIn(theirs))
  const drawn = isRange(mine) ? mine : theirs
  if (!isRange(drawn)) return 0
  if (mine === 'kept' || theirs === 'kept') return (pairs * guesses) / portsIn(drawn)
  // Each port of a walk is one socket's, and which is known too late to pair it with another.
  const drawing = isRange(mine) ? my : their
  return credentials === 'own' ? 0 : (drawing * guesses) / portsIn(drawn)
}

/** Different ports of a range in an order that the seed decides. */
export function drawPorts({ first, last }: PortRange, count: number, seed: number): number[] {
  const random = seededRandom(seed)
  const ports = new Set<number>()
  const size = last - first + 1
  while (ports.size < Math.min(count, size)) ports.add(first + Math.floor(random() * size))
  return [...ports]
}

export function isRange(ports: Ports): ports is PortRange {
  return typeof ports !== 'string'
}

function portsIn({ first, last }: PortRange): number {
  return last - first + 1
}

function connectionsOf(ports: Ports, others: Ports): number {
  const isBlock = [ports, others].every((one) => !isRange(one) || portsIn(one) <= BLOCK_PORTS)
  if (ports === 'kept') return isBlock ? CONNECTIONS.guessBlock : CONNECTIONS.guessAll
  if (others === 'kept') return isBlock ? CONNECTIONS.drawBlock : CONNECTIONS.drawAll
  return isBlock ? CONNECTIONS.bothBlock : CONNECTIONS.bothAll
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). Not for keys. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
