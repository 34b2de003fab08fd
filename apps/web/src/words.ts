// Every sentence the page says about a state, in one place: typed over the unions of the engine and
// the protocol, so that a new state does not compile until it has words. Nothing here is drawn. Parts of
// the page that are fetched later (the doctor, the list of people, the talk) bring words of their own.
import type { FaultCode, Path } from '@knothole/engine'
import type { RoomLinkFault } from '@knothole/wire'
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
  'entry-refused': (who) =>
    `${who} sent a message that is not as it was written, or not theirs to send. It was thrown away.`,
  'relay-forged': (who) =>
    `Something passed on from ${who} was changed or repeated on its way. It was thrown away.`,
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

/** Names in a row, as one would say them. */
export function nameList(names: readonly string[], max = 3): string {
  const shown = names.length > max ? names.slice(0, max - 1) : names
  const rest = names.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} others`] : shown
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}
