// The first screen: what Knothole is, one thing to do, and the rooms one has been in.
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import '../parts/later-sheet.ts'
import '../parts/tab-icon.ts'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import { Fence } from '../parts/fence.tsx'
import { Mark } from '../parts/mark.tsx'
import { DOCTOR_PATH } from '../route.ts'
import type { Shell } from '../shell.ts'
import type { KeyValue } from '../storage/key-value.ts'
import sheet from '../styles/home.css?inline'
import { BROWSER_WORDS, ENGINE_WORDS } from '../stop/words.ts'
import { HowItWorks } from './how-it-works.tsx'
import { PasteLink } from './paste-link.tsx'
import { RecentRooms } from './recent-rooms.tsx'

adoptSheet(sheet)

/** The first screen. */
export function Home({ shell, local }: { shell: Shell; local: KeyValue }): JSX.Element {
  useEffect(() => {
    document.title = 'Knothole'
  }, [])
  return (
    <div class="home">
      <header class="home-head">
        <a class="wordmark" href="/">
          <Mark />
          Knothole
        </a>
        <nav class="home-links" aria-label="More">
          <a class="quiet-link" href="#how">
            How it works
          </a>
          <a class="quiet-link" href={DOCTOR_PATH}>
            Test your network
          </a>
        </nav>
      </header>
      <main>
        <section class="hero">
          <div class="hero-words">
            <h1>
              Talk through <span class="no-break">the fence.</span>
            </h1>
            <p class="lead">
              A private chat that lives in a link. Open a room, send the link, and your messages go
              straight from your browser to theirs.
            </p>
            <Actions shell={shell} />
            <p class="fine">No account. Nothing to install. No server in between.</p>
          </div>
          <Fence />
        </section>
        <RecentRooms shell={shell} local={local} />
        <HowItWorks shell={shell} />
      </main>
      <footer class="home-foot">
        <p>
          Knothole is free software. Anyone can run the server, and nobody has to trust it with a
          word.
        </p>
      </footer>
    </div>
  )
}

function Actions({ shell }: { shell: Shell }): JSX.Element {
  if (shell.fault) {
    const words = BROWSER_WORDS[shell.fault]
    return (
      <div class="hero-fault" role="alert">
        <strong>{words.title}</strong>
        <p>{words.body}</p>
      </div>
    )
  }
  const creation = shell.creation.value
  const failure = creation === 'idle' || creation === 'busy' ? undefined : ENGINE_WORDS[creation]
  return (
    <div class="hero-actions">
      <button
        class="button button-accent button-large"
        data-action="create-room"
        aria-disabled={creation === 'busy'}
        onClick={() => void shell.createRoom()}
      >
        {creation === 'busy' ? 'Creating your room…' : 'Create a room'}
      </button>
      {failure && (
        <p class="field-error" role="alert">
          <strong>{failure.title}.</strong> {failure.body}
        </p>
      )}
      <PasteLink shell={shell} />
    </div>
  )
}
