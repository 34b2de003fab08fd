// The screen of whoever cannot go on: why, and what can be done.
import type { JSX } from 'preact'
import { Stopped } from '../parts/whole-window.tsx'
import type { Screen, Shell } from '../shell.ts'
import type { Notice } from '../words.ts'
import { BROWSER_WORDS, ENGINE_WORDS, LINK_WORDS } from './words.ts'

/** A screen with nothing but a reason. */
export type StopScreen = Extract<Screen, { readonly reason: unknown }>

/** Why one cannot go on, alone in the window. */
export function Stop({ screen, shell }: { screen: StopScreen; shell: Shell }): JSX.Element {
  return <Stopped notice={noticeOf(screen)} shell={shell} />
}

function noticeOf(screen: StopScreen): Notice {
  switch (screen.type) {
    case 'bad-link':
      return LINK_WORDS[screen.reason]
    case 'blocked':
      return BROWSER_WORDS[screen.reason]
    case 'failed':
      return ENGINE_WORDS[screen.reason]
  }
}
