// The story book: every state the page can be in, by name. Each story sets the stage with a fake
// engine; the system test draws, checks and photographs them all.
import { REFUSAL_CODES } from '@knothole/wire'
import type { Person } from '@knothole/engine'
import type { RoomLinkFault } from '@knothole/wire'
import type { BrowserFault, Engine, EngineErrorCode } from '../engine.ts'
import type { Findings } from '../doctor/findings.ts'
import { DOCTOR_PATH } from '../route.ts'
import type { ReadMark } from '../room/rows.ts'
import { BROWSER_WORDS, LINK_WORDS } from '../stop/words.ts'
import { DIAGNOSES } from './diagnoses.testing.ts'
import { findingsOf } from './findings.testing.ts'
import { FakeEngineError, fakeLink, fakePerson, linked, unlinked } from './fake-room.testing.ts'
import type { FakeRoom } from './fake-room.testing.ts'
import { talks, unread } from './talk-stories.testing.ts'

declare global {
  interface Window {
    /** The story page's rooms, and someone to let into them. */
    stage?: { readonly rooms: readonly FakeRoom[]; readonly guest: Person }
  }
}

/** One state to draw. `address` is where the page is opened; `play` brings a joined room about. */
export interface Story {
  readonly address?: (origin: string) => string
  readonly engine?: Partial<Engine>
  readonly play?: (room: FakeRoom) => void
  /** Whether the person has accepted a name before. */
  readonly named?: boolean
  /** Whether the person hides their address. */
  readonly hidden?: boolean
  /** What the doctor finds. */
  readonly findings?: Findings
  readonly recent?: boolean
  /** Up to where this person has read in an earlier visit. */
  readonly read?: ReadMark
  readonly create?: boolean
}

const MINUTE = 60_000

const room = (play: (room: FakeRoom) => void, more: Partial<Story> = {}): Story => ({
  address: (origin) => fakeLink(origin),
  named: true,
  play,
  ...more,
})

const never = <T>(): Promise<T> => new Promise<T>(() => {})

const fails = (code: EngineErrorCode): (() => Promise<never>) => {
  return () => Promise.reject(new FakeEngineError(code))
}

const ana = fakePerson('Ana')
const bo = fakePerson('Bo', { device: 'phone', link: linked('lan', 2) })

function chat(room: FakeRoom): void {
  const from = Date.now() - 26 * MINUTE
  const at = (minutes: number): { atMs: number } => ({ atMs: from + minutes * MINUTE })
  room.setPerson(ana)
  room.hear('Ana', 'Evening! The fence is up, and I can hear you through the hole.', at(0))
  room.hear('Ana', 'Is the window seat on Thursday still free?', at(1))
  mine(room, 'It is, and it is yours.', at(3).atMs)
  mine(
    room,
    'Train leaves at 8:12 from platform 4: https://trains.example/north?day=thu',
    at(3).atMs,
  )
  room.hear('Ana', 'Perfect. I bring the apples:\n\n  6 × Boskoop\n  4 × Elstar', at(9))
  mine(room, 'See you at the platform then.', at(25).atMs)
}

function mine(room: FakeRoom, text: string, atMs = Date.now()): void {
  const message = room.say(text)
  room.hear('', text, { ...message, atMs })
}

function group(room: FakeRoom): void {
  chat(room)
  room.setPerson(bo)
  room.setPerson(fakePerson('Carol', { link: linked('turn', 112) }))
  room.setPerson(fakePerson('Dilek', { link: unlinked('reconnecting') }))
  room.setPerson(fakePerson('Emre', { device: 'node', link: linked('ws-relay', 88) }))
  room.setPerson(
    fakePerson('Frida of the very long and winding name', { link: unlinked('connecting') }),
  )
  room.setPerson(fakePerson('Gus', { device: 'phone', link: unlinked('unreachable') }))
  room.setPerson(fakePerson('me', { name: 'Amber Heron', isMe: true, link: linked('lan', 0.4) }))
  room.hear('Bo', 'Room for one more?')
  room.setPerson({ ...bo, typing: true })
}

function long(room: FakeRoom): void {
  room.setPerson(ana)
  const from = Date.now() - 50 * 60 * MINUTE
  for (let turn = 0; turn < 60; turn += 1) {
    const text = `Message ${turn + 1}, about nothing in particular${' and then some'.repeat(turn % 7)}.`
    const atMs = from + turn * 50 * MINUTE
    if (turn % 3 === 0) mine(room, text, atMs)
    else room.hear('Ana', text, { atMs })
  }
}

function unbroken(room: FakeRoom): void {
  room.setPerson(ana)
  room.hear('Ana', `https://example.org/${'a-very-long-address-'.repeat(12)}`)
  room.hear('Ana', 'x'.repeat(400))
  mine(room, 'const hole = (fence) => fence.boards\n\t.flatMap((board) => board.knots)\n\t.at(0)')
  room.hear('Ana', '<img src=x onerror=alert(1)> javascript:alert(1) مرحبا بالعالم')
}

const refused = Object.fromEntries(
  REFUSAL_CODES.map((code) => [
    `refused-${code}`,
    room((it) => it.set({ rendezvous: { state: 'refused', refusal: code } })),
  ]),
)

const badLinks: Readonly<Record<RoomLinkFault, string>> = {
  'not-a-link': '/r/',
  'no-room': '/r/short#abc',
  'no-secret': '/r/AAAAAAAAAAAAAAAAAAAAAA',
}

const bad = Object.fromEntries(
  Object.keys(LINK_WORDS).map((reason) => [
    `link-${reason}`,
    { address: (origin: string) => origin + badLinks[reason as RoomLinkFault] },
  ]),
)

const blocked = Object.fromEntries(
  Object.keys(BROWSER_WORDS).flatMap((reason) => {
    const engine = { browserFault: () => reason as BrowserFault }
    return [
      [`blocked-${reason}`, { address: (origin: string) => fakeLink(origin), engine }],
      [`home-${reason}`, { engine }],
    ]
  }),
)

const relayed = (link: Partial<Person['link']>): ((room: FakeRoom) => void) => {
  return (it) => {
    it.setPerson({ ...ana, link: { ...linked('turn', 96), ...link } })
    it.hear('Ana', 'Hotel network. At least this works.')
  }
}

/** A link that is not straight for each reason there is. */
const reasons = Object.fromEntries(
  DIAGNOSES.map((diagnosis) => [`relayed-${diagnosis.reason}`, room(relayed({ diagnosis }))]),
)

const doctor = Object.fromEntries(
  Object.entries(findingsOf).map(([name, findings]) => [
    `doctor-${name}`,
    { address: (origin: string) => origin + DOCTOR_PATH, findings },
  ]),
)

/** Every story by name. */
export const stories: Readonly<Record<string, Story>> = {
  home: {},
  'home-recent': { recent: true },
  'home-creating': { create: true, engine: { createRoom: never } },
  'home-unreachable': { create: true, engine: { createRoom: fails('rendezvous-unreachable') } },
  'home-refused': { create: true, engine: { createRoom: fails('rendezvous-refused') } },
  opening: room(() => {}, { engine: { joinRoom: never } }),
  failed: room(() => {}, { engine: { joinRoom: fails('rendezvous-unreachable') } }),
  joining: room((it) => it.set({ rendezvous: { state: 'connecting' }, capacity: undefined })),
  waiting: room(() => {}),
  'waiting-newcomer': room(() => {}, { named: false }),
  'server-unreachable': room((it) =>
    it.set({ rendezvous: { state: 'reconnecting', retryAtMs: Date.now() + 8000 } }),
  ),
  arriving: room((it) => it.setPerson({ ...ana, link: unlinked('connecting') })),
  unreachable: room((it) => it.setPerson({ ...ana, link: unlinked('unreachable') })),
  'unreachable-why': room((it) => {
    const diagnosis = { reason: 'udp-blocked', side: 'both', help: ['allow-udp'] } as const
    it.setPerson({ ...ana, link: { ...unlinked('unreachable'), diagnosis } })
  }),
  chat: room(chat),
  'chat-newcomer': room(chat, { named: false }),
  group: room(group),
  relayed: room(relayed({})),
  'relayed-hindrance': room(relayed({ path: 'ws-relay', hindrance: 'they-hide' })),
  'relayed-member': room((it) => {
    relayed({ path: 'member-relay', via: bo.peer, hindrance: 'no-path' })(it)
    it.setPerson(bo)
  }),
  hiding: room(relayed({ hindrance: 'hiding' }), { hidden: true }),
  long: room(long),
  'hundred-thousand': room((it) => {
    it.setPerson(ana)
    it.fill(100_000, ['Ana', 'Bo'])
  }),
  earlier: room((it) => {
    it.setPerson(ana)
    it.fill(2000, ['Ana', 'Bo'], 1800)
  }),
  unbroken: room(unbroken),
  typing: room((it) => {
    chat(it)
    it.setPerson({ ...ana, typing: true })
  }),
  reconnecting: room((it) => {
    chat(it)
    it.setPerson({ ...ana, link: unlinked('reconnecting') })
  }),
  'server-away': room((it) => {
    chat(it)
    it.set({ rendezvous: { state: 'reconnecting', retryAtMs: Date.now() + 8000 } })
  }),
  cut: room((it) => {
    chat(it)
    it.setPerson({ ...bo, link: unlinked('unreachable') })
  }),
  left: room((it) => {
    chat(it)
    it.set({ people: [] })
  }),
  'refused-later': room((it) => {
    chat(it)
    it.set({ rendezvous: { state: 'refused', refusal: 'replaced' } })
  }),
  fault: room((it) => {
    chat(it)
    it.refuse({ code: 'identity-changed', peer: ana.peer })
    it.refuse({ code: 'card-forged' })
  }),
  unread: room(unread, { read: { atMs: 1_790_000_000_000, id: 'read' } }),
  ...Object.fromEntries(Object.entries(talks).map(([name, play]) => [name, room(play)])),
  ...reasons,
  ...refused,
  ...bad,
  ...blocked,
  ...doctor,
}
