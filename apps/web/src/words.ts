// Every sentence the page says about a state, in one place: typed over the unions of the engine and
// the protocol, so that a new state does not compile until it has words. Nothing here is drawn. Parts of
// the page that are fetched later (the doctor, the list of people, the talk, the notices) bring words of their own.
import type { Path } from '@knothole/engine'

/** What a person can do about a state. */
export type NextStep = 'new-room' | 'retry' | 'home' | 'reload'

/** A state in words: what is so, what it means, and what to do next. */
export interface Notice {
  readonly title: string
  readonly body: string
  readonly next: readonly NextStep[]
}

export const NEXT_STEP_WORDS: Readonly<Record<NextStep, string>> = {
  'new-room': 'Create a new room',
  retry: 'Try again',
  home: 'Back to the start',
  reload: 'Reload the page',
}

/** Nothing can be asked of the server. */
export const SERVER_AWAY: Notice = {
  title: 'The server cannot be reached',
  body: 'It is needed for a moment, to introduce people to each other. Check your connection and try again.',
  next: ['retry', 'home'],
}

/** The server answered, but not with a room. */
export const NO_ROOM_MADE: Notice = {
  title: 'The server did not make a room',
  body: 'It may be busy, or limiting how many rooms your network makes. Wait a minute and try again.',
  next: ['retry', 'home'],
}

/** A text longer than a message may be. */
export const SHORTEN = 'Shorten it, or send it in parts.'

/** Whether bytes on a path pass through somebody else's hands. */
export const PATH_IS_STRAIGHT: Readonly<Record<Path, boolean>> = {
  lan: true,
  direct: true,
  predicted: true,
  birthday: true,
  'member-relay': false,
  turn: false,
  'ws-relay': false,
}

/** Names in a row, as one would say them. */
export function nameList(names: readonly string[], max = 3): string {
  const shown = names.length > max ? names.slice(0, max - 1) : names
  const rest = names.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} others`] : shown
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}
