// One person of the list: name, how they are linked, by which path, how fast, how much.
import type { Person } from '@knothole/engine'
import type { JSX } from 'preact'
import { Avatar } from '../parts/avatar.tsx'
import { TypingDots } from '../parts/typing-dots.tsx'
import { PATH_IS_STRAIGHT } from '../words.ts'
import { unreachableWords } from './room-words.ts'
import { byteCount } from './amounts.ts'
import {
  carriedWords,
  DEVICE_WORDS,
  LINK_STATE_WORDS,
  PATH_WORDS,
  THROUGH_WORDS,
  whyWords,
} from './path-words.ts'

/** The row; its attributes are what tests and the laboratory read. */
export function PersonRow(props: { person: Person; people: readonly Person[] }): JSX.Element {
  const { person, people } = props
  const { link } = person
  return (
    <li
      class="person"
      data-member={person.member}
      data-peer={person.peer}
      data-state={link.state}
      data-path={link.path}
      data-rtt={link.rttMs === undefined ? undefined : Math.round(link.rttMs)}
    >
      <Avatar member={person.member} />
      <div class="person-words">
        <p class="person-name">
          <span>{person.name}</span>
          {person.typing && <TypingDots />}
        </p>
        <p class="person-state">
          <span class="dot" aria-hidden="true" />
          <LinkWords person={person} people={people} />
        </p>
        <p class="person-facts">{facts(person).join(' · ')}</p>
        <Detour person={person} people={people} />
      </div>
    </li>
  )
}

/** Who carries the bytes where no straight way is, why, and what would help. */
function Detour(props: { person: Person; people: readonly Person[] }): JSX.Element | null {
  const { link, name } = props.person
  const why = whyWords(link, name)
  const isCarried =
    link.state === 'connected' && link.path !== undefined && !PATH_IS_STRAIGHT[link.path]
  if (link.state === 'unreachable')
    return <p class="person-why">{why ?? unreachableWords(name).body}</p>
  if (!isCarried) return null
  const carrier = props.people.find(({ peer }) => peer === link.via)?.name
  return (
    <p class="person-why" data-why={link.diagnosis?.reason ?? link.hindrance}>
      {carriedWords(link.path, carrier)} {why}
    </p>
  )
}

function LinkWords(props: { person: Person; people: readonly Person[] }): JSX.Element {
  const { link } = props.person
  if (link.state === 'through') {
    const name = props.people.find(({ peer }) => peer === link.via)?.name
    return <span title={THROUGH_WORDS.detail}>{THROUGH_WORDS.label(name)}</span>
  }
  if (link.state !== 'connected' || link.path === undefined)
    return <>{LINK_STATE_WORDS[link.state]}</>
  const words = PATH_WORDS[link.path]
  return <span title={words.detail}>{words.label}</span>
}

function facts(person: Person): readonly string[] {
  const { link } = person
  const parts: string[] = [person.isMe ? 'You, in another window' : DEVICE_WORDS[person.device]]
  if (link.state === 'connected' && link.rttMs !== undefined)
    parts.push(`${link.rttMs < 1 ? '<1' : Math.round(link.rttMs)} ms`)
  const bytes = link.bytesSent + link.bytesReceived
  if (bytes > 0) parts.push(byteCount(bytes))
  return parts
}
