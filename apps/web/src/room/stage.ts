// What the middle of a room shows before there is a conversation, and what the strip above one warns
// of. Pure; the words are in words.ts.
import type { Person, RoomState } from '@knothole/engine'
import type { RefusalCode } from '@knothole/wire'
import { connectedPeople, isHere } from './people.ts'

/** What fills the room. `talk`: the conversation. */
export type Stage =
  | { readonly type: 'joining' }
  | { readonly type: 'waiting' }
  | { readonly type: 'server-unreachable' }
  | { readonly type: 'arriving'; readonly who: Person }
  | { readonly type: 'unreachable'; readonly who: Person }
  | { readonly type: 'refused'; readonly reason: RefusalCode }
  | { readonly type: 'talk' }

/** The stage of a room. `talked`: whether anything has been said or anyone been linked here. */
export function stageOf(state: RoomState, talked: boolean): Stage {
  const { people, rendezvous } = state
  if (talked || people.some(isHere)) return { type: 'talk' }
  if (rendezvous.state === 'refused')
    return { type: 'refused', reason: rendezvous.refusal ?? 'not-admitted' }
  const arriving = people.find(
    ({ link }) => link.state === 'connecting' || link.state === 'reconnecting',
  )
  if (arriving) return { type: 'arriving', who: arriving }
  if (people[0]) return { type: 'unreachable', who: people[0] }
  if (rendezvous.state === 'online') return { type: 'waiting' }
  return { type: rendezvous.state === 'connecting' ? 'joining' : 'server-unreachable' }
}

/** What a running conversation should be warned of. */
export type Warning =
  | { readonly type: 'refused'; readonly reason: RefusalCode }
  | {
      readonly type: 'server-away'
      readonly linked: boolean
      readonly retryAtMs?: number | undefined
    }
  | { readonly type: 'reconnecting'; readonly who: readonly Person[] }
  | { readonly type: 'unreachable'; readonly who: readonly Person[] }
  | { readonly type: 'alone' }

/** The most pressing warning, if any. */
export function warningOf(state: RoomState): Warning | undefined {
  const { people, rendezvous } = state
  const linked = connectedPeople(people).length > 0
  const cut = people.filter((person) => person.link.state === 'unreachable')
  const healing = people.filter((person) => person.link.state === 'reconnecting')
  if (rendezvous.state === 'refused')
    return { type: 'refused', reason: rendezvous.refusal ?? 'not-admitted' }
  if (healing.length > 0 && !linked) return { type: 'reconnecting', who: healing }
  if (rendezvous.state === 'reconnecting')
    return { type: 'server-away', linked, retryAtMs: rendezvous.retryAtMs }
  if (cut.length > 0) return { type: 'unreachable', who: cut }
  return people.length === 0 ? { type: 'alone' } : undefined
}
