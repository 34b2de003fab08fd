// Draws one story of the story book, named by ?story=; without a name, lists them. Tests drive the
// room on stage through `window.stage`.
import { render } from 'preact'
import { App } from '../app.tsx'
import type { Examine } from '../doctor/findings.ts'
import { createShell } from '../shell.ts'
import { keyValueOf } from '../storage/key-value.ts'
import { rememberRoom } from '../storage/recent-rooms.ts'
import { fakeEngine, fakeLink, fakePerson } from './fake-room.testing.ts'
import { stories } from './stories.testing.ts'
import type { Story } from './stories.testing.ts'
import '../styles/index.css'

const root = document.getElementById('app')
if (root === null) throw new Error('the page has no #app')
const name = new URLSearchParams(location.search).get('story') ?? ''
const story = stories[name]
if (story) await perform(story, root)
else list(root)

async function perform(story: Story, root: HTMLElement): Promise<void> {
  const local = keyValueOf(() => localStorage)
  const session = keyValueOf(() => sessionStorage)
  localStorage.clear()
  if (story.recent) recall(local)
  if (story.read !== undefined)
    rememberRoom(local, {
      link: fakeLink(location.origin),
      who: [],
      lastUsedMs: 0,
      read: story.read,
    })
  const engine = fakeEngine()
  history.replaceState(null, '', story.address?.(location.origin) ?? '/')
  const shell = createShell({
    engine: { ...engine, ...story.engine },
    stunUrls: [],
    ownName: { name: 'Amber Heron', chosen: story.named === true },
    hidesAddress: story.hidden === true,
    tellsRead: false,
    keepName: () => undefined,
    keepChoice: () => undefined,
    local,
    window,
  })
  const { findings } = story
  const examine: Examine | undefined = findings && ((tell) => (tell(findings), () => undefined))
  render(<App shell={shell} local={local} session={session} examine={examine} />, root)
  window.stage = { rooms: engine.rooms, guest: fakePerson('Ana') }
  await Promise.resolve()
  await Promise.resolve()
  if (story.create) void shell.createRoom()
  const room = engine.rooms[0]
  if (room) story.play?.(room)
  document.documentElement.dataset['story'] = 'ready'
}

function recall(local: ReturnType<typeof keyValueOf>): void {
  const hour = 3_600_000
  const rooms = [
    { seed: 'd', who: [], ago: 30 * hour },
    { seed: 'c', who: ['Dilek', 'Emre', 'Frida', 'Gus'], ago: 50 * hour },
    { seed: 'b', who: ['Bo'], ago: 3 * hour, unread: 3, lastMs: Date.now() - hour },
    { seed: 'a', who: ['Ana', 'Carol'], ago: hour / 5 },
  ]
  for (const { seed, who, ago, ...talk } of rooms) {
    const link = fakeLink(location.origin, seed)
    rememberRoom(local, { link, who, lastUsedMs: Date.now() - ago, ...talk })
  }
}

function list(root: HTMLElement): void {
  for (const name of Object.keys(stories)) {
    const link = document.createElement('a')
    link.href = `/story.html?story=${name}`
    link.textContent = name
    root.append(link, document.createElement('br'))
  }
}
