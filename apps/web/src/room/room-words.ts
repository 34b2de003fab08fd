// What a room says of its server and of people without a path. Typed over the unions of the engine and
// the protocol, as words.ts is; comes with the room's part.
import type { RoomState } from '@knothole/engine'
import type { RefusalCode } from '@knothole/wire'
import type { Notice } from '../words.ts'

/** The rendezvous said no. */
export const REFUSAL_WORDS: Readonly<Record<RefusalCode, Notice>> = {
  'room-not-found': {
    title: 'This room is gone',
    body: 'Rooms nobody uses expire after a while, and this one has, or it never was on this server. Nothing is left of it there. Create a new one and send its link around.',
    next: ['new-room', 'home'],
  },
  'room-full': {
    title: 'This room is full',
    body: 'Everyone in a room is linked to everyone else, so it takes only so many people. Try again when someone has left, or create another room.',
    next: ['retry', 'new-room'],
  },
  'not-admitted': {
    title: 'This link does not open the room',
    body: 'The part after the # is the key to the room, and it does not fit. The link was probably cut off or changed on its way. Ask for it again and paste all of it.',
    next: ['home', 'new-room'],
  },
  'rate-limited': {
    title: 'Too many attempts',
    body: 'The server saw a lot of attempts from your network and asks for a short break. Wait a minute, then try again.',
    next: ['retry', 'home'],
  },
  replaced: {
    title: 'Open in another tab',
    body: 'This room was taken over by a newer window of yours. Go on talking there, or take it back here.',
    next: ['retry', 'home'],
  },
  'unsupported-version': {
    title: 'This page is out of date',
    body: 'The server speaks a different version of Knothole than the page you have open. Reloading gets the matching one.',
    next: ['reload', 'home'],
  },
  'join-timeout': {
    title: 'Joining took too long',
    body: 'The server waited for this browser and gave up, most likely because the connection is very slow right now. Try again.',
    next: ['retry', 'home'],
  },
  'going-away': {
    title: 'The server is restarting',
    body: 'It will be back in a moment, and the room with it. Try again shortly.',
    next: ['retry', 'home'],
  },
  'bad-frame': {
    title: 'The server did not understand this page',
    body: 'That should not happen with a matching page and server. Reload the page to get a fresh one.',
    next: ['reload', 'home'],
  },
  'too-large': {
    title: 'The server refused something too large',
    body: 'That should not happen with a matching page and server. Reload the page to get a fresh one.',
    next: ['reload', 'home'],
  },
  'unknown-peer': {
    title: 'The server lost track of someone',
    body: 'A person this browser tried to reach had already left. Join again to see who is there now.',
    next: ['retry', 'home'],
  },
}

/** The server's part, in two or three words for the header and a sentence for its title. */
export const RENDEZVOUS_WORDS: Readonly<
  Record<RoomState['rendezvous']['state'], { label: string; detail: string }>
> = {
  connecting: {
    label: 'Finding the server',
    detail: 'The server is being asked who else is here.',
  },
  online: {
    label: 'Open to guests',
    detail: 'The server can introduce people who open the link. It carries none of your messages.',
  },
  reconnecting: {
    label: 'Server away',
    detail:
      'The server cannot be reached. People already here can keep talking; nobody new can come in.',
  },
  refused: {
    label: 'Closed to guests',
    detail: 'The server will not introduce anyone to this window any more.',
  },
}

/** Why two people have no path, as far as can be told without asking their routers. */
export function unreachableWords(name: string): Notice {
  return {
    title: `No path to ${name} yet`,
    body: `You are both here, but every way between your networks is blocked so far. Often one side is on a company, hotel or mobile network that only lets web pages through. Knothole keeps trying; switching one of you to another network usually helps.`,
    next: [],
  }
}

/** The same in one line, for when there are others to talk to. */
export function unreachableLine(names: string): string {
  return `No path to ${names} yet: something between your networks blocks every way so far. Still trying.`
}
