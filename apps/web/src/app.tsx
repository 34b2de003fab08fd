// The page: one screen at a time, as the shell says.
import type { JSX } from 'preact'
import { doctorPart } from './doctor/part.ts'
import type { Examine } from './doctor/findings.ts'
import { homePart } from './home/part.ts'
import { Announcer } from './parts/announcer.tsx'
import { LazyScreen } from './parts/lazy-screen.tsx'
import { Opening } from './parts/whole-window.tsx'
import { RoomScreen } from './room/room-screen.tsx'
import * as shared from './shared.ts'
import type { Shell } from './shell.ts'
import type { KeyValue } from './storage/key-value.ts'
import { stopPart } from './stop/part.ts'

declare global {
  var knotholeShared: typeof shared | undefined
}

globalThis.knotholeShared = shared

/** What the page is made of. */
export interface AppProps {
  readonly shell: Shell
  readonly local: KeyValue
  readonly session: KeyValue
  /** Stands in for the examination of the network, in the story book. */
  readonly examine?: Examine | undefined
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

function CurrentScreen({ shell, local, session, examine }: AppProps): JSX.Element {
  const screen = shell.screen.value
  switch (screen.type) {
    case 'home':
      return (
        <LazyScreen part={homePart} shell={shell}>
          {({ Home }) => <Home shell={shell} local={local} />}
        </LazyScreen>
      )
    case 'doctor':
      return (
        <LazyScreen part={doctorPart} shell={shell}>
          {({ Doctor }) => <Doctor shell={shell} examine={examine} />}
        </LazyScreen>
      )
    case 'bad-link':
    case 'blocked':
    case 'failed':
      return (
        <LazyScreen part={stopPart} shell={shell}>
          {({ Stop }) => <Stop screen={screen} shell={shell} />}
        </LazyScreen>
      )
    case 'joining':
      return <Opening title="Opening the room…" />
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
