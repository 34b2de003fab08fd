// What the page is doing as a whole: which screen, which room, and the address bar in step with both.
// The only place that touches history. Draws nothing.
import { computed, signal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import type { RoomLinkFault } from '@knothole/wire'
import type { BrowserFault, Engine, EngineErrorCode, JoinOptions, Room } from './engine.ts'
import { engineErrorCode } from './engine.ts'
import { routeOf } from './route.ts'
import { distinctNames } from './room/people.ts'
import { createRoomModel } from './room/model.ts'
import type { Reading, RoomModel } from './room/model.ts'
import type { KeyValue } from './storage/key-value.ts'
import type { OwnName } from './storage/own-name.ts'
import type { Choice } from './storage/choices.ts'
import { forgetRooms, noteTalk, readRecentRooms, rememberRoom } from './storage/recent-rooms.ts'

/** What fills the window. */
export type Screen =
  | { readonly type: 'home' }
  | { readonly type: 'doctor' }
  | { readonly type: 'bad-link'; readonly reason: RoomLinkFault }
  | { readonly type: 'blocked'; readonly reason: BrowserFault }
  | { readonly type: 'failed'; readonly reason: EngineErrorCode }
  | { readonly type: 'joining' }
  | { readonly type: 'room'; readonly model: RoomModel }

/** How the room being created is coming along. */
export type Creation = 'idle' | 'busy' | EngineErrorCode

/** Whether our address is hidden: as chosen, and as the room on the screen was joined. */
export interface Hiding {
  readonly chosen: boolean
  readonly here: boolean
}

/** What the shell needs of its surroundings. */
export interface ShellOptions {
  readonly engine: Engine
  readonly stunUrls: readonly string[]
  readonly local: KeyValue
  readonly window: Window
  readonly ownName: OwnName
  readonly hidesAddress: boolean
  readonly tellsRead: boolean
  /** Keeps a name that was chosen. */
  keepName(chosen: string): void
  keepChoice(choice: Choice, isOn: boolean): void
}

/** The page as a whole. */
export interface Shell {
  readonly screen: ReadonlySignal<Screen>
  readonly creation: ReadonlySignal<Creation>
  /** Own name, and whether it was chosen rather than made up. */
  readonly name: ReadonlySignal<OwnName>
  readonly hiding: ReadonlySignal<Hiding>
  /** Whether others learn what was read here. */
  readonly tellsRead: ReadonlySignal<boolean>
  readonly fault: BrowserFault | undefined
  readonly stunUrls: readonly string[]
  /** A room to try things in, which does not come on the screen. */
  openTrialRoom(): Promise<Room>
  createRoom(): Promise<void>
  /** Opens a room link of this origin in place, any other by going there. */
  open(link: string): void
  rejoin(): void
  goHome(): void
  rename(name: string): void
  /** From the next room joined on. */
  hideAddress(hides: boolean): void
  tellRead(tells: boolean): void
  /** Erases a room from this device: the one on the screen, which is left, or one of those remembered. */
  forgetRoom(room: RoomModel | string): Promise<void>
}

/** Starts the shell at the address the window shows. */
export function createShell(options: ShellOptions): Shell {
  return new WindowShell(options)
}

class WindowShell implements Shell {
  readonly screen = signal<Screen>({ type: 'home' })
  readonly creation = signal<Creation>('idle')
  readonly name
  readonly hiding
  readonly tellsRead
  readonly stunUrls: readonly string[]
  readonly fault: BrowserFault | undefined
  readonly #options: ShellOptions
  // Joins overlap when people click fast; only the newest visit may take the screen.
  #visit = 0
  #leave: (() => void) | undefined

  constructor(options: ShellOptions) {
    const { engine, ownName, window } = options
    this.#options = options
    this.stunUrls = options.stunUrls
    this.fault = engine.browserFault()
    this.name = signal(ownName)
    this.hiding = signal<Hiding>({ chosen: options.hidesAddress, here: options.hidesAddress })
    this.tellsRead = signal(options.tellsRead)
    window.addEventListener('popstate', () => this.rejoin())
    this.rejoin()
  }

  async createRoom(): Promise<void> {
    if (this.creation.value === 'busy') return
    const { engine, window } = this.#options
    const visit = ++this.#visit
    this.creation.value = 'busy'
    try {
      const { origin } = window.location
      const options = this.#joinOptions()
      const room = await engine.createRoom({ origin, ...options })
      if (visit !== this.#visit) {
        await room.close()
        return
      }
      this.#leaveRoom()
      window.history.pushState(null, '', room.state.link)
      this.creation.value = 'idle'
      this.#enter(room, options)
    } catch (error) {
      const reason = engineErrorCode(error)
      if (visit === this.#visit) this.creation.value = reason
    }
  }

  open(link: string): void {
    const { window } = this.#options
    if (new URL(link).origin === window.location.origin) this.#go(link)
    else window.location.assign(link)
  }

  rejoin(): void {
    this.#visit += 1
    this.#leaveRoom()
    this.creation.value = 'idle'
    const route = routeOf(this.#options.window.location.href)
    if (route.type !== 'room') this.screen.value = route
    else if (this.fault) this.screen.value = { type: 'blocked', reason: this.fault }
    else void this.#join(route.link, this.#visit)
  }

  goHome(): void {
    this.#go('/')
  }

  rename(chosen: string): void {
    this.#options.keepName(chosen)
    this.name.value = { name: chosen, chosen: true }
    if (this.screen.value.type === 'room') this.screen.value.model.rename(chosen)
  }

  hideAddress(hides: boolean): void {
    this.#options.keepChoice('hides-address', hides)
    this.hiding.value = { ...this.hiding.value, chosen: hides }
  }

  tellRead(tells: boolean): void {
    this.#options.keepChoice('tells-read', tells)
    this.tellsRead.value = tells
  }

  async forgetRoom(room: RoomModel | string): Promise<void> {
    const { engine, local } = this.#options
    const link = typeof room === 'string' ? room : room.state.peek().link
    forgetRooms(local, link)
    // reason: what cannot be erased cannot be opened without the link either, which is gone.
    if (typeof room === 'string') await engine.forgetRoom(link).catch(() => undefined)
    else {
      await room.room.forget().catch(() => undefined)
      this.goHome()
    }
  }

  openTrialRoom(): Promise<Room> {
    const { engine, window } = this.#options
    const { origin } = window.location
    const options = { ...this.#joinOptions(), hideAddress: false, isSilent: true }
    return engine.createRoom({ origin, ...options })
  }

  #go(href: string): void {
    this.#options.window.history.pushState(null, '', href)
    this.rejoin()
  }

  async #join(link: string, visit: number): Promise<void> {
    this.screen.value = { type: 'joining' }
    try {
      const options = this.#joinOptions()
      const room = await this.#options.engine.joinRoom(link, options)
      if (visit === this.#visit) this.#enter(room, options)
      else await room.close()
    } catch (error) {
      const reason = engineErrorCode(error)
      if (visit === this.#visit) this.screen.value = { type: 'failed', reason }
    }
  }

  #enter(room: Room, { hideAddress }: JoinOptions): void {
    this.hiding.value = { ...this.hiding.value, here: hideAddress }
    const model = createRoomModel(room, this.#readingOf(room))
    const stopRemembering = this.#rememberVisits(model)
    this.#leave = () => {
      stopRemembering()
      model.close()
    }
    this.screen.value = { type: 'room', model }
  }

  /** What was read here before; and the others are told what is read now, if this person lets them. */
  #readingOf(room: Room): Reading {
    const { link } = room.state
    const recent = readRecentRooms(this.#options.local).find((one) => one.link === link)
    return {
      read: recent?.read,
      onRead: ({ id }) => {
        if (this.tellsRead.peek()) room.markRead(id)
      },
    }
  }

  /** Keeps the list of recent rooms in step; the statistics of a link are no reason to write. */
  #rememberVisits(model: RoomModel): () => void {
    const names = computed(() =>
      distinctNames(model.state.value.people.filter((person) => !person.isMe)).join('\n'),
    )
    const { local, window } = this.#options
    const { link } = model.state.peek()
    const stop = names.subscribe((joined) => {
      const who = joined === '' ? [] : joined.split('\n')
      rememberRoom(local, { link, lastUsedMs: Date.now(), who })
    })
    // On the way out, and whenever the window is left: a phone may end it without a word.
    const note = (): void => noteTalk(local, link, model.standing())
    window.document.addEventListener('visibilitychange', note)
    return () => {
      note()
      stop()
      window.document.removeEventListener('visibilitychange', note)
    }
  }

  #leaveRoom(): void {
    this.#leave?.()
    this.#leave = undefined
  }

  #joinOptions(): JoinOptions {
    const hideAddress = this.hiding.value.chosen
    return { stunUrls: this.#options.stunUrls, name: this.name.value.name, hideAddress }
  }
}
