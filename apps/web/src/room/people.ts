// Small questions about the people of a room. Pure.
import type { Path, Person } from '@knothole/engine'
import { PATH_IS_STRAIGHT, nameList } from '../words.ts'

/** Those whose link carries messages now. */
export function connectedPeople(people: readonly Person[]): readonly Person[] {
  return people.filter((person) => person.link.state === 'connected')
}

/** Whether someone gets what is said, by a link of ours or by way of others. */
export function isHere({ link }: Person): boolean {
  return link.state === 'connected' || link.state === 'through'
}

/** What to call someone in a sentence: another window of ours is not somebody else. */
export function spokenName(person: Person): string {
  return person.isMe ? 'your other window' : person.name
}

/** Names of others, each once, however many windows they have open. */
export function distinctNames(people: readonly Person[]): readonly string[] {
  return [...new Map(people.map((person) => [person.member, spokenName(person)])).values()]
}

/** What a room is called: by who is in it. */
export function roomTitle(people: readonly Person[]): string {
  const names = distinctNames(people.filter((person) => !person.isMe))
  return names.length === 0 ? 'Just you' : nameList(names)
}

/** Where the messages go now, as a sentence that is true for these links; `hidden`: we hide our address. */
export function truthLine(people: readonly Person[], hidden: boolean): string {
  const linked = connectedPeople(people)
  if (linked.length === 0 && hidden)
    return 'You hide your address: messages take the way through a relay, sealed, which cannot read them.'
  if (linked.length === 0)
    return 'The server only introduces people. Once someone is here, messages go straight between you.'
  if (people.some((person) => person.link.state === 'through'))
    return 'Messages pass from member to member. Nobody outside the room can read them.'
  const relayed = linked.filter((person) => person.link.path && !PATH_IS_STRAIGHT[person.link.path])
  if (relayed.length === 0)
    return 'Messages go straight between you. The server only introduced you and can be switched off.'
  const names = nameList(distinctNames(relayed))
  return `No straight path to ${names}: a relay passes sealed messages on and cannot read them.`
}

/** Whether no message passes through anybody's hands. */
export function allStraight(people: readonly Person[]): boolean {
  return connectedPeople(people).every(({ link }) => isStraight(link.path))
}

function isStraight(path: Path | undefined): boolean {
  return path === undefined || PATH_IS_STRAIGHT[path]
}

/** Who is typing, in words, or nothing. */
export function typingLine(people: readonly Person[]): string {
  const names = distinctNames(people.filter((person) => person.typing))
  if (names.length === 0) return ''
  return `${nameList(names)} ${names.length === 1 ? 'is' : 'are'} typing`
}
