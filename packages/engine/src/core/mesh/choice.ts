// Whom to link with and whom to part from, from what is known of them: the best of a few drawn at random, so
// that reliable peers are preferred and the mesh stays random enough to hold together (Mitzenmacher 2001).
import type { Card } from '@knothole/wire'
import { rankOf } from '../link/carrier.ts'
import type { LinkStatus } from '../room-state.ts'

/** Drawn for one choice. */
const DRAWN = 3

/** What is known of somebody to link with. */
export interface Candidate<Who> {
  readonly who: Who
  readonly card: Card
  /** Failed attempts and broken links lately. */
  readonly failures: number
  /** As it was last, if there was a link. */
  readonly rttMs: number | undefined
}

/** What is known of a link that may be given up. */
export interface Neighbour<Who> {
  readonly who: Who
  readonly link: LinkStatus
  readonly failures: number
  readonly upForMs: number
}

/** The best of a few drawn at random. */
export function choose<Who>(
  candidates: readonly Candidate<Who>[],
  random: () => number,
): Who | undefined {
  return least(draw(candidates, random), costOfCandidate)?.who
}

/** The worst of a few drawn at random. */
export function chooseToPart<Who>(
  neighbours: readonly Neighbour<Who>[],
  random: () => number,
): Who | undefined {
  return least(draw(neighbours, random), (neighbour) => -costOfLink(neighbour))?.who
}

/** Whether a link is worth replacing: relayed, broken again and again, or slow beside the others. */
export function isPoor<Who>(neighbour: Neighbour<Who>, all: readonly Neighbour<Who>[]): boolean {
  const { link, failures } = neighbour
  if (isRelayed(link) || failures >= 3) return true
  const others = all.map((other) => other.link.rttMs ?? 0).toSorted((a, b) => a - b)
  const medianMs = others[Math.floor(others.length / 2)] ?? 0
  return (link.rttMs ?? 0) > 100 + 3 * medianMs
}

/** In ms of round trip: a phone is worth a slow link, a hidden address a relay, a failure more each time. */
function costOfCandidate<Who>({ card, failures, rttMs }: Candidate<Who>): number {
  const phone = card.device === 'phone' ? 150 : 0
  const hidden = card.hidden === true ? 500 : 0
  return (rttMs ?? 100) + phone + hidden + failures * 300
}

/** In ms of round trip; ten minutes of life make up for a hundred of them. */
function costOfLink<Who>({ link, failures, upForMs }: Neighbour<Who>): number {
  const relayed = isRelayed(link) ? 500 : 0
  const age = Math.min(1, upForMs / 600_000) * 100
  return (link.rttMs ?? 100) + relayed + failures * 300 - age
}

function isRelayed({ path }: LinkStatus): boolean {
  return path !== undefined && rankOf(path) >= rankOf('member-relay')
}

function draw<Item>(items: readonly Item[], random: () => number): Item[] {
  const rest = [...items]
  const drawn: Item[] = []
  while (drawn.length < DRAWN && rest.length > 0) {
    drawn.push(...rest.splice(Math.floor(random() * rest.length), 1))
  }
  return drawn
}

function least<Item>(items: readonly Item[], costOf: (item: Item) => number): Item | undefined {
  let best: Item | undefined
  for (const item of items) {
    if (best === undefined || costOf(item) < costOf(best)) best = item
  }
  return best
}
