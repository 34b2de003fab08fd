// Every sentence the page says about a state, in one place: typed over the unions of the engine and
// the protocol, so that a new state does not compile until it has words. Nothing here is drawn. The
// doctor's page has words of its own, which come with it.
import type {
  FaultCode,
  Hindrance,
  LinkState,
  LinkStatus,
  Path,
  Person,
  RoomState,
} from '@knothole/engine'
import type { Diagnosis, DoctorHelp, DoctorReason, DoctorSide } from '@knothole/traversal/ladder'
import type { RefusalCode, RoomLinkFault } from '@knothole/wire'
import type { BrowserFault, EngineErrorCode } from './engine.ts'

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

/** The address opened, or the text pasted, is no room link. */
export const LINK_WORDS: Readonly<Record<RoomLinkFault, Notice>> = {
  'not-a-link': {
    title: 'That is not a room link',
    body: 'A room link looks like https://…/r/… followed by # and a key. Copy the whole link from the message you got.',
    next: ['home', 'new-room'],
  },
  'no-room': {
    title: 'There is no room at this address',
    body: 'The link does not name a room. It may have been cut short or mistyped. Ask for it again, or create a room of your own.',
    next: ['home', 'new-room'],
  },
  'no-secret': {
    title: 'The key is missing from this link',
    body: 'A room link ends in # and a key that only its people have; not even the server knows it. Some apps cut it off. Ask for the whole link and paste it.',
    next: ['home', 'new-room'],
  },
}

/** This browser, or this page as it was opened, cannot run Knothole. */
export const BROWSER_WORDS: Readonly<Record<BrowserFault, Notice>> = {
  'insecure-page': {
    title: 'This page needs a secure address',
    body: 'It was opened over plain http, where browsers switch encryption off for pages. Open the same address with https:// in front, or use http://localhost on the machine that runs the server.',
    next: ['reload'],
  },
  'no-webrtc': {
    title: 'This browser cannot talk directly',
    body: 'Knothole needs WebRTC, and it is missing or switched off here, perhaps by a privacy setting or an extension. Allow it for this page, or open the link in another browser.',
    next: ['reload'],
  },
  'no-webcrypto': {
    title: 'This browser is too old',
    body: 'It lacks the encryption Knothole needs. Update it, or open the same link in a current Chrome, Edge, Firefox or Safari.',
    next: ['reload'],
  },
}

/** The engine would not do what it was asked. */
export const ENGINE_WORDS: Readonly<Record<EngineErrorCode, Notice>> = {
  ...LINK_WORDS,
  ...BROWSER_WORDS,
  'rendezvous-unreachable': {
    title: 'The server cannot be reached',
    body: 'It is needed for a moment, to introduce people to each other. Check your connection and try again.',
    next: ['retry', 'home'],
  },
  'rendezvous-refused': {
    title: 'The server did not make a room',
    body: 'It may be busy, or limiting how many rooms your network makes. Wait a minute and try again.',
    next: ['retry', 'home'],
  },
  'text-empty': { title: 'Nothing to send', body: 'Type something first.', next: [] },
  'text-too-long': {
    title: 'Too long for one message',
    body: 'Shorten it, or send it in parts.',
    next: [],
  },
  'name-invalid': {
    title: 'That name does not work',
    body: 'Use one to forty letters.',
    next: [],
  },
}

/** Something a peer or the server sent was refused. `who` is a name, or "Someone". */
export const FAULT_WORDS: Readonly<Record<FaultCode, (who: string) => string>> = {
  'card-forged': () =>
    'Someone was announced who does not hold the key to this room. They were kept out.',
  'signal-forged': (who) =>
    `Something sent in the name of ${who} was not from them. It was thrown away.`,
  'signal-replayed': (who) =>
    `An old introduction of ${who} was sent again by someone else. It was thrown away.`,
  'signal-unexpected': (who) => `${who} sent something out of turn. It was ignored.`,
  'identity-changed': (who) =>
    `${who} now has a different identity than before. Make sure it is really them before you go on.`,
  'frame-malformed': (who) => `${who} sent something unreadable. It was thrown away.`,
  'frame-flood': (who) => `${who} sent more than anyone could read. The rest was dropped.`,
  'relay-forged': (who) =>
    `Something passed on from ${who} was changed or repeated on its way. It was thrown away.`,
}

/** How a person is linked to us, for the people list. */
export const LINK_STATE_WORDS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  unreachable: 'No path yet',
}

/** How bytes travel: a label for the list and a sentence for those who want to know. */
export const PATH_WORDS: Readonly<Record<Path, { label: string; detail: string }>> = {
  lan: {
    label: 'Same network',
    detail: 'Messages stay inside your network and never touch the internet.',
  },
  direct: {
    label: 'Direct',
    detail: 'Messages go straight from your browser to theirs over the internet.',
  },
  predicted: {
    label: 'Direct',
    detail: 'Messages go straight between you, through a router that was hard to get past.',
  },
  birthday: {
    label: 'Direct',
    detail: 'Messages go straight between you, through two routers that were hard to get past.',
  },
  'member-relay': {
    label: 'Through a member',
    detail: 'Someone else in this room carries your messages, sealed: they cannot read them.',
  },
  turn: {
    label: 'Through a relay',
    detail: 'A relay carries your messages, sealed: it cannot read them.',
  },
  'ws-relay': {
    label: 'Through the server',
    detail: 'The server carries your messages, sealed: it cannot read them.',
  },
}

/** Who carries the bytes of a link that is not straight; `carrier` is the member's name, if it is one. */
export function carriedWords(path: Path, carrier: string | undefined): string {
  return carrier === undefined
    ? PATH_WORDS[path].detail
    : `${carrier} carries your messages, sealed: they cannot read them.`
}

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

export const DEVICE_WORDS: Readonly<Record<Person['device'], string>> = {
  desktop: 'on a computer',
  phone: 'on a phone',
  node: 'in a terminal',
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

type Told = (name: string) => string

/** Why a link is not straight, by whose network or choice it is. */
const REASON_WORDS: Readonly<Record<DoctorReason, Readonly<Record<DoctorSide, Told>>>> = {
  hidden: {
    mine: () => 'You hide your address.',
    theirs: (name) => `${name} hides their address.`,
    both: () => 'You both hide your addresses.',
  },
  'udp-blocked': {
    mine: () => 'Your network lets little more than web pages through.',
    theirs: (name) => `The network of ${name} lets little more than web pages through.`,
    both: () => 'Both your networks let little more than web pages through.',
  },
  trying: forAll(() => 'A straight way between your networks is still being looked for.'),
  'no-hairpin': forAll(
    () => 'You are behind the same router, and it does not lead back to itself.',
  ),
  pooling: {
    mine: () => 'Your network changes its public address from one moment to the next.',
    theirs: (name) => `The network of ${name} changes its public address all the time.`,
    both: () => 'Both your networks change their public addresses all the time.',
  },
  'random-ports': {
    mine: (name) => `Your router picks its ports at random, and that of ${name} lets no one guess.`,
    theirs: (name) =>
      `The router of ${name} picks its ports at random, and yours lets no one guess.`,
    both: () => 'Both your routers pick their ports at random, too many to guess.',
  },
  'browser-forbids': forAll(
    () => 'Your routers could be got past, but this browser forbids what it takes.',
  ),
  'tricks-failed': forAll(() => 'Your two routers are hard to get past; all tricks failed so far.'),
  unexplained: forAll(() => 'Something between your networks, perhaps a firewall, is in the way.'),
}

function forAll(told: Told): Readonly<Record<DoctorSide, Told>> {
  return { mine: told, theirs: told, both: told }
}

/** What would help, to be put into a sentence; `wait` is a sentence of its own. */
const HELP_WORDS: Readonly<Record<Exclude<DoctorHelp, 'wait'>, string>> = {
  'show-address': 'showing it',
  'allow-udp': 'letting UDP through the firewall',
  'same-network': 'joining the same Wi-Fi',
  'other-network': 'another network, such as a phone’s hotspot',
  'port-mapping': 'UPnP or “full cone NAT” in the router',
  ipv6: 'IPv6 on both sides',
  'other-browser': 'another browser, such as Firefox',
  'save-data-off': 'switching data saving off',
}

const DIAGNOSIS_OF: Readonly<Record<Hindrance, Diagnosis>> = {
  trying: { reason: 'trying', side: 'both', help: ['wait'] },
  hiding: { reason: 'hidden', side: 'mine', help: ['show-address'] },
  'they-hide': { reason: 'hidden', side: 'theirs', help: ['show-address'] },
  'no-path': { reason: 'unexplained', side: 'both', help: ['wait', 'other-network'] },
}

/** More than these are not read; the likeliest to help come first. */
const MAX_HELPS = 2

/** Why a link is not straight and what would help, in a sentence each; undefined where it is. */
export function whyWords(link: LinkStatus, name: string): string | undefined {
  if (link.state === 'connected' && link.path !== undefined && PATH_IS_STRAIGHT[link.path])
    return undefined
  const diagnosis = link.diagnosis ?? (link.hindrance && DIAGNOSIS_OF[link.hindrance])
  if (diagnosis === undefined) return undefined
  const why = REASON_WORDS[diagnosis.reason][diagnosis.side](name)
  const helps = diagnosis.help
    .flatMap((help) => (help === 'wait' ? [] : HELP_WORDS[help]))
    .slice(0, MAX_HELPS)
  const waits = diagnosis.help.includes('wait') && diagnosis.reason !== 'trying'
  const helpful = helps.length > 0 ? ` What would help: ${anyOf(helps)}.` : ''
  return `${why}${waits ? ' It is tried again by itself.' : ''}${helpful}`
}

function anyOf(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} or ${last}`
}

/** The switch that hides one's address. */
export const HIDE_WORDS = {
  label: 'Hide my address',
  detail:
    'The others see a relay instead of your network address. It is slower: every message takes the way through a server, sealed.',
  later: 'This room still has your address. Coming in again hides it, and empties this window.',
  laterShown: 'You are still hidden here. Coming in again shows it, and empties this window.',
  again: 'Come in again',
  here: 'You, address hidden',
} as const

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

/** Names in a row, as one would say them. */
export function nameList(names: readonly string[], max = 3): string {
  const shown = names.length > max ? names.slice(0, max - 1) : names
  const rest = names.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} others`] : shown
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}
