// In which order people are listed. Pure.
import type { Person } from '@knothole/engine'

const NAMES = new Intl.Collator(undefined, { numeric: true })

/**
 * By name, so that nobody moves when somebody else comes or drops out for a moment; those who cannot be
 * reached come last.
 */
export function inOrder(people: readonly Person[]): readonly Person[] {
  return people.toSorted(
    (a, b) => isAway(a) - isAway(b) || NAMES.compare(a.name, b.name) || (a.peer < b.peer ? -1 : 1),
  )
}

function isAway({ link }: Person): number {
  return link.state === 'unreachable' ? 1 : 0
}
