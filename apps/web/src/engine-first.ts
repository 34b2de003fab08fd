// The page's engine, in a script of its own before the page proper: it joins the room of the address,
// shows the first words said there, and only then has the browser read the page proper. On a path that
// comes up at once that work would stand between a newcomer and the first message.
import { get, set } from 'idb-keyval'
import { browserFault, createRoom, forgetRoom, joinRoom } from '@knothole/engine/browser'
import { readPageConfig } from './config.ts'
import { EarlyTalk } from './early-talk.ts'
import type { Engine, Room } from './engine.ts'
import { whenIdle } from './parts/when-idle.ts'
import { routeOf } from './route.ts'
import { readChoice } from './storage/choices.ts'
import { readOwnName } from './storage/own-name.ts'
import type { NameStore, OwnName } from './storage/own-name.ts'

/** What this script leaves for the page proper. */
export interface EngineFirst {
  readonly engine: Engine
  readonly stunUrls: readonly string[]
  /** Settles when the page proper should draw. */
  readonly ready: Promise<void>
  readonly ownName: Promise<OwnName>
  readonly hidesAddress: Promise<boolean>
  readonly names: NameStore
}

declare global {
  var knotholeEngine: EngineFirst | undefined
}

/** A near server has let us in by then; while a far one answers there is time to read the page proper. */
const NEAR_MS = 100

/** Where all goes well nothing is drawn before the conversation is; a longer wait deserves words. */
const PATIENCE_MS = 500

/**
 * How long a new link, or the frame that shows the first words, may keep the page proper waiting: who was here
 * before and greets at once is heard within 70 ms, and would wait for the page to be read otherwise.
 */
const SETTLE_MS = 120

/** Joins what the address bar asks for, if that is a room and this browser can. */
function joinEarly(stunUrls: readonly string[]): Promise<Room> | undefined {
  const route = routeOf(location.href)
  if (route.type !== 'room' || browserFault() !== undefined) return undefined
  const name = ownName.then(({ name }) => name)
  const afterFirstWords = page.isRead
  return joinRoom(route.link, { stunUrls, name, hideAddress: hidesAddress, afterFirstWords })
}

/** The page proper, which came as text: read once and drawn once. */
class PageProper {
  readonly ready: Promise<void>
  /** Settles when the browser has it to read, and may have other things. */
  readonly isRead: Promise<void>
  #draw = (): void => undefined
  #wasRead = false
  #read = (): void => undefined

  constructor() {
    this.ready = new Promise((resolve) => {
      this.#draw = resolve
    })
    this.isRead = new Promise((resolve) => {
      this.#read = resolve
    })
  }

  /** Has the browser read it as soon as it is all there. */
  read(): void {
    if (this.#wasRead) return
    this.#wasRead = true
    this.#read()
    if (document.readyState !== 'loading') insertPage()
    else document.addEventListener('DOMContentLoaded', insertPage)
  }

  draw(): void {
    this.read()
    root.toggleAttribute('data-joining', false)
    this.#draw()
  }
}

function insertPage(): void {
  const script = document.createElement('script')
  script.type = 'module'
  script.textContent = document.getElementById('knothole-page')?.textContent ?? ''
  document.head.append(script)
}

function drawSoon(): void {
  whenIdle(() => page.draw(), SETTLE_MS)
}

/** Leaves the processor to the join while it goes well; draws when it has ended or takes its time. */
function drawPageLater(joined: Promise<Room>): Promise<Room> {
  root.toggleAttribute('data-joining', true)
  const talk = new EarlyTalk(drawSoon)
  setTimeout(() => page.draw(), PATIENCE_MS)
  return joined.then((room) => {
    setTimeout(() => {
      if (room.state.rendezvous.state === 'connecting') page.read()
    }, NEAR_MS)
    const stop = room.on('change', ({ people, rendezvous }) => {
      const isConnecting = people.some(({ link }) => link.state === 'connecting')
      if (rendezvous.state !== 'connecting' && !isConnecting) setTimeout(drawSoon, SETTLE_MS)
    })
    const stopDrawing = talk.listenTo(room)
    void page.ready.then(stop)
    void page.ready.then(stopDrawing)
    return room
  })
}

const root = document.documentElement
const { stunUrls, also } = readPageConfig(document)
const link = location.href
const names: NameStore = { get, set }
const ownName = readOwnName(names)
const hidesAddress = readChoice(names, 'hides-address')
const page = new PageProper()
let early = joinEarly(stunUrls)
if (early === undefined) {
  page.draw()
} else {
  early = drawPageLater(early)
  // The page proper asks for it too, and says what went wrong.
  early.catch(() => page.draw())
}

globalThis.knotholeEngine = {
  engine: {
    browserFault,
    createRoom: (options) => createRoom({ ...options, also }),
    forgetRoom,
    joinRoom(asked, options) {
      const joined = asked === link ? early : undefined
      early = undefined
      return joined ?? joinRoom(asked, options)
    },
  },
  stunUrls,
  ready: page.ready,
  ownName,
  hidesAddress,
  names,
}
