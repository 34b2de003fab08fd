// What happened in a room between two states, as lines between its messages. Pure.
import type { Fault, Person, RoomState } from '@knothole/engine'
import type { MemberId } from '@knothole/wire'
import { nameList } from '../words.ts'
import { FAULT_WORDS } from './fault-words.ts'
import { distinctNames, isHere, spokenName } from './people.ts'

/** A line between messages. A later line with the same `about` replaces it while it is the last. */
export interface RoomNotice {
  readonly about: string
  readonly text: string
  readonly tone: 'plain' | 'good' | 'warning'
  /** It stays where it is, and a later one with the same `about` takes its place there. */
  readonly stands?: boolean
}

/** What is known beside the room's state. */
export interface NoticeGround {
  /** Peers that have been linked before. */
  readonly met: ReadonlySet<string>
  /** Whose goodbye is the last line already. */
  readonly goneBy?: MemberId | undefined
  /** Whether we have just come: who is here was here before us, which is one line and no news of each. */
  readonly isArriving?: boolean
}

/** The lines for what changed. */
export function noticesOf(
  before: RoomState,
  after: RoomState,
  { met, goneBy, isArriving = false }: NoticeGround,
): readonly RoomNotice[] {
  const was = new Map(before.people.map((person) => [person.peer, person]))
  const is = new Set(after.people.map((person) => person.peer))
  const found = after.people.filter(
    (person) => isArriving && isHere(person) && !met.has(person.peer),
  )
  return [
    ...(found.length === 0 ? [] : [hereNotice(after.people)]),
    ...after.people
      .filter((person) => !found.includes(person))
      .flatMap((person) => personNotices(was.get(person.peer), person, met)),
    ...before.people
      .filter(({ peer, member }) => !is.has(peer) && met.has(peer) && member !== goneBy)
      .map((person) => notice(person, `${sentenceName(person)} left`)),
    ...serverNotices(before, after),
  ]
}

/** The line for something that is not as it should be. */
export function faultNotice(fault: Fault, state: RoomState): RoomNotice {
  const person = state.people.find(({ peer }) => peer === fault.peer)
  return {
    about: `fault:${fault.code}:${fault.peer}`,
    text: FAULT_WORDS[fault.code](person ? spokenName(person) : 'Someone'),
    tone: 'warning',
  }
}

function personNotices(
  before: Person | undefined,
  after: Person,
  met: ReadonlySet<string>,
): readonly RoomNotice[] {
  const notices: RoomNotice[] = []
  if (before && before.name !== after.name && !after.isMe)
    notices.push({
      about: `name:${after.peer}`,
      text: `${before.name} is now ${after.name}`,
      tone: 'plain',
    })
  if (before?.link.state !== after.link.state) {
    const wasHere = before !== undefined && isHere(before)
    const change = wasHere && isHere(after) ? undefined : linkNotice(after, met.has(after.peer))
    if (change) notices.push(change)
  }
  return notices
}

function linkNotice(person: Person, metBefore: boolean): RoomNotice | undefined {
  const name = sentenceName(person)
  switch (person.link.state) {
    case 'connected':
    case 'through':
      return notice(person, metBefore ? `${name} is back` : `${name} is here`, 'good')
    case 'reconnecting':
      return notice(person, `${name} dropped out, reconnecting`, 'warning')
    case 'unreachable':
      return notice(person, `No path to ${spokenName(person)} yet, still trying`, 'warning')
    case 'connecting':
      return undefined
  }
}

function hereNotice(people: readonly Person[]): RoomNotice {
  const here = people.filter(isHere)
  const names = distinctNames(here)
  const text = `${nameList(names)} ${names.length === 1 ? 'is' : 'are'} here`
  const sentence = here[0]?.isMe === true ? capital(text) : text
  return { about: 'here', text: sentence, tone: 'good', stands: true }
}

function serverNotices(before: RoomState, after: RoomState): readonly RoomNotice[] {
  const [was, is] = [before.rendezvous.state, after.rendezvous.state]
  if (was === 'online' && is === 'reconnecting')
    return [{ about: 'server', text: 'The server is away. You can keep talking', tone: 'warning' }]
  if (was === 'reconnecting' && is === 'online')
    return [{ about: 'server', text: 'The server is back', tone: 'good' }]
  return []
}

function notice(person: Person, text: string, tone: RoomNotice['tone'] = 'plain'): RoomNotice {
  return { about: `peer:${person.peer}`, text, tone }
}

function sentenceName(person: Person): string {
  const name = spokenName(person)
  return person.isMe ? capital(name) : name
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`
}
