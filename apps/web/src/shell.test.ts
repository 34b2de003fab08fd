import { describe, expect, it } from 'vitest'
import type { Engine } from './engine.ts'
import { createShell } from './shell.ts'
import type { Shell } from './shell.ts'
import { keyValueOf } from './storage/key-value.ts'
import { readRecentRooms } from './storage/recent-rooms.ts'
import { FakeEngineError, fakeEngine, fakeLink, fakePerson } from './story/fake-room.testing.ts'

const origin = 'https://knothole.example'
const link = fakeLink(origin)

/** As much of a window as the shell touches. */
class FakeWindow extends EventTarget {
  readonly went: string[] = []
  location = {
    href: `${origin}/`,
    origin,
    assign: (href: string) => void this.went.push(href),
  }
  readonly document = new EventTarget()
  history = {
    pushState: (_data: unknown, _title: string, href: string) => {
      this.location.href = new URL(href, this.location.href).href
    },
  }
}

function start(at = `${origin}/`, changes: Partial<Engine> = {}) {
  const window = new FakeWindow()
  window.location.href = at
  const engine = fakeEngine(changes)
  const local = keyValueOf(() => {
    throw new Error('no storage')
  })
  const kept: string[] = []
  const shell = createShell({
    engine,
    stunUrls: [],
    ownName: { name: 'Amber Heron', chosen: false },
    keepName: (name) => void kept.push(name),
    hidesAddress: false,
    tellsRead: false,
    keepChoice: (choice, isOn) => void kept.push(`${choice}: ${isOn}`),
    local,
    window: window as unknown as Window,
  })
  return { shell, window, engine, local, kept }
}

/** Waits until the shell shows a screen of a type. */
async function shows(shell: Shell, type: Shell['screen']['value']['type']): Promise<void> {
  await new Promise<void>((resolve) => {
    const off = shell.screen.subscribe((screen) => {
      if (screen.type === type) resolve(queueMicrotask(() => off()))
    })
  })
}

describe('shell', () => {
  it('joins at once when opened at a link', async () => {
    const { shell, engine } = start(link)
    expect(shell.screen.value.type).toBe('joining')
    await shows(shell, 'room')
    expect(engine.rooms.map((room) => room.state.link)).toEqual([link])
  })

  it('creates a room and puts its link into the address bar', async () => {
    const { shell, window, engine } = start()
    await shell.createRoom()
    expect(shell.screen.value.type).toBe('room')
    expect(window.location.href).toBe(engine.rooms[0]?.state.link)
  })

  it('says why a room could not be made, and forgets it once one leaves', async () => {
    const { shell } = start(undefined, {
      createRoom: () => Promise.reject(new FakeEngineError('rendezvous-unreachable')),
    })
    await shell.createRoom()
    expect(shell.creation.value).toBe('rendezvous-unreachable')
    shell.goHome()
    expect(shell.creation.value).toBe('idle')
  })

  it('leaves the room behind when the address changes', async () => {
    const { shell, window, engine } = start(link)
    await shows(shell, 'room')
    window.location.href = `${origin}/`
    window.dispatchEvent(new Event('popstate'))
    expect(shell.screen.value.type).toBe('home')
    expect(engine.rooms[0]?.closed).toBe(true)
  })

  it('closes a room that opens after one has gone on', async () => {
    const rooms = fakeEngine()
    const { shell } = start(link, {
      joinRoom: (link, options) => rooms.joinRoom(link, options),
    })
    shell.goHome()
    await new Promise(setImmediate)
    expect(shell.screen.value.type).toBe('home')
    expect(rooms.rooms[0]?.closed).toBe(true)
  })

  it('opens no room in a browser that cannot, and says why', () => {
    const { shell, engine } = start(link, { browserFault: () => 'insecure-page' })
    expect(shell.screen.value).toEqual({ type: 'blocked', reason: 'insecure-page' })
    expect(engine.rooms).toEqual([])
  })

  it('shows why the engine would not join', async () => {
    const { shell } = start(link, {
      joinRoom: () => Promise.reject(new FakeEngineError('no-webcrypto')),
    })
    await shows(shell, 'failed')
    expect(shell.screen.value).toEqual({ type: 'failed', reason: 'no-webcrypto' })
  })

  it('remembers rooms and who was met, and tells the room of a new name', async () => {
    const { shell, engine, local } = start(link)
    await shows(shell, 'room')
    engine.rooms[0]?.setPerson(fakePerson('bob'))
    expect(readRecentRooms(local)).toMatchObject([{ link, who: ['bob'] }])
    shell.rename('Alice')
    expect(engine.rooms[0]?.state.me.name).toBe('Alice')
    expect(shell.name.value).toEqual({ name: 'Alice', chosen: true })
  })

  it('hides the address from the next room on, and knows how this one was joined', async () => {
    const { shell, engine, kept } = start(link)
    await shows(shell, 'room')
    shell.hideAddress(true)
    expect(kept).toEqual(['hides-address: true'])
    expect(shell.hiding.value).toEqual({ chosen: true, here: false })
    shell.rejoin()
    await shows(shell, 'room')
    expect(engine.joinedBy.map(({ hideAddress }) => hideAddress)).toEqual([false, true])
    expect(shell.hiding.value).toEqual({ chosen: true, here: true })
  })

  it('lets the others know what was read once this person says so', async () => {
    const { shell, engine, kept } = start(link)
    await shows(shell, 'room')
    const [room] = engine.rooms
    room?.hear('bob', 'read in silence')
    shell.tellRead(true)
    const last = room?.hear('bob', 'read aloud')
    expect([room?.read, kept]).toEqual([[last?.id], ['tells-read: true']])
  })

  it('remembers how far one read, and what came unseen', async () => {
    const { shell, engine, local } = start(link)
    await shows(shell, 'room')
    const [room] = engine.rooms
    const seen = room?.hear('bob', 'seen')
    const { screen } = shell
    if (screen.value.type === 'room') screen.value.model.watching.value = false
    const unseen = room?.hear('bob', 'unseen')
    shell.goHome()
    const read = { id: seen?.id, atMs: seen?.atMs }
    expect(readRecentRooms(local)).toMatchObject([{ read, unread: 1, lastMs: unseen?.atMs }])
  })

  it('forgets the room on the screen, its store too, and goes home', async () => {
    const { shell, engine, local } = start(link)
    await shows(shell, 'room')
    const { screen } = shell
    if (screen.value.type === 'room') await shell.forgetRoom(screen.value.model)
    expect(screen.value.type).toBe('home')
    expect(engine.rooms[0]).toMatchObject({ forgotten: true, closed: true })
    expect(readRecentRooms(local)).toEqual([])
  })

  it('forgets a room that is not open, also where it cannot be erased', async () => {
    const { shell, engine, local } = start(link)
    await shows(shell, 'room')
    shell.goHome()
    await shell.forgetRoom(link)
    expect([engine.forgotten, readRecentRooms(local)]).toEqual([[link], []])
    const stuck = start(link, { forgetRoom: () => Promise.reject(new Error('no storage')) })
    await expect(stuck.shell.forgetRoom(link)).resolves.toBeUndefined()
  })

  it('opens rooms for trials openly and off the screen, whoever hides', async () => {
    const { shell, engine } = start()
    shell.hideAddress(true)
    await shell.openTrialRoom()
    expect(engine.joinedBy).toMatchObject([{ hideAddress: false, isSilent: true }])
    expect(shell.screen.value.type).toBe('home')
  })

  it('goes to another server for a link of another server', () => {
    const { shell, window } = start()
    const elsewhere = fakeLink('https://other.example')
    shell.open(elsewhere)
    expect(window.went).toEqual([elsewhere])
  })
})
