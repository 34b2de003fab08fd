// What stops people before they are in a room, in words: links that are none, browsers that cannot, and what
// the engine would not do.
import type { RoomLinkFault } from '@knothole/wire'
import type { BrowserFault, EngineErrorCode } from '../engine.ts'
import { NO_ROOM_MADE, SERVER_AWAY, SHORTEN } from '../words.ts'
import type { Notice } from '../words.ts'

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
  'rendezvous-unreachable': SERVER_AWAY,
  'rendezvous-refused': NO_ROOM_MADE,
  'text-empty': { title: 'Nothing to send', body: 'Type something first.', next: [] },
  'text-too-long': {
    title: 'Too long for one message',
    body: SHORTEN,
    next: [],
  },
  'name-invalid': {
    title: 'That name does not work',
    body: 'Use one to forty letters.',
    next: [],
  },
}
