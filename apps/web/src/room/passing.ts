// States that are gone before anyone has read them. Drawing them would flicker, and would keep the
// processor from the very thing that ends them.
import type { RoomState } from '@knothole/engine'

/** A link on one continent comes up in less; a longer wait deserves words. */
export const PASSING_MS = 300

/** Who is found here so soon after the room was, was here before us. */
export const ARRIVING_MS = 3_000

/** The engine's clock: ms since 1970 that never run backwards. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** For how much longer a state is probably on its way to another, in ms; 0 when it should be drawn. */
export function passesInMs(state: RoomState, openedMs: number): number {
  const { people, rendezvous } = state
  const began = people
    .filter(({ link }) => link.state === 'connecting')
    .map(({ link }) => link.sinceMs)
  if (rendezvous.state === 'connecting') began.push(openedMs)
  return Math.max(0, ...began.map((sinceMs) => sinceMs + PASSING_MS - now()))
}
