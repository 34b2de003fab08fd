// Screens of one thing: a state that stops people, or something on its way.
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Shell } from '../shell.ts'
import type { Notice } from '../words.ts'
import { Mark } from './mark.tsx'
import { NoticeCard } from './notice.tsx'

/** A state that stops people, alone in the window. */
export function Stopped({ notice, shell }: { notice: Notice; shell: Shell }): JSX.Element {
  useEffect(() => {
    document.title = `${notice.title} · Knothole`
  }, [notice])
  return (
    <main class="stopped">
      <NoticeCard notice={notice} shell={shell} heading="h1" />
    </main>
  )
}

/** Something is on its way. */
export function Opening({ title }: { title: string }): JSX.Element {
  return (
    <main class="stopped">
      <div class="opening" role="status">
        <Mark />
        <h1>{title}</h1>
      </div>
    </main>
  )
}
