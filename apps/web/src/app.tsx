// The page: one screen at a time, as the shell says.
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Home } from './home/home.tsx'
import { Announcer } from './parts/announcer.tsx'
import { Mark } from './parts/mark.tsx'
import { NoticeCard } from './parts/notice.tsx'
import { RoomScreen } from './room/room-screen.tsx'
import type { Shell } from './shell.ts'
import type { KeyValue } from './storage/key-value.ts'
import { BROWSER_WORDS, ENGINE_WORDS, LINK_WORDS } from './words.ts'
import type { Notice } from './words.ts'

/** What the page is made of. */
export interface AppProps {
  readonly shell: Shell
  readonly local: KeyValue
  readonly session: KeyValue
}

/** The whole page. */
export function App(props: AppProps): JSX.Element {
  return (
    <>
      <CurrentScreen {...props} />
      <Announcer />
    </>
  )
}

function CurrentScreen({ shell, local, session }: AppProps): JSX.Element {
  const screen = shell.screen.value
  switch (screen.type) {
    case 'home':
      return <Home shell={shell} local={local} />
    case 'bad-link':
      return <Stopped notice={LINK_WORDS[screen.reason]} shell={shell} />
    case 'blocked':
      return <Stopped notice={BROWSER_WORDS[screen.reason]} shell={shell} />
    case 'failed':
      return <Stopped notice={ENGINE_WORDS[screen.reason]} shell={shell} />
    case 'joining':
      return <Opening />
    case 'room':
      return (
        <RoomScreen
          key={screen.model.state.peek().link}
          model={screen.model}
          shell={shell}
          drafts={session}
        />
      )
  }
}

function Stopped({ notice, shell }: { notice: Notice; shell: Shell }): JSX.Element {
  useEffect(() => {
    document.title = `${notice.title} · Knothole`
  }, [notice])
  return (
    <main class="stopped">
      <NoticeCard notice={notice} shell={shell} heading="h1" />
    </main>
  )
}

function Opening(): JSX.Element {
  return (
    <main class="stopped">
      <div class="opening" role="status">
        <Mark />
        <h1>Opening the room…</h1>
      </div>
    </main>
  )
}
