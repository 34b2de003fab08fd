// One polite live region for the whole page: short confirmations a sighted person sees anyway.
import { signal } from '@preact/signals'
import type { JSX } from 'preact'

const said = signal('')

/** Says something to people who listen to the page. */
export function announce(text: string): void {
  // A live region stays silent when its text does not change: a trailing space makes it change.
  said.value = said.value === text ? `${text} ` : text
}

/** The live region; stands once in the page. */
export function Announcer(): JSX.Element {
  return (
    <div class="visually-hidden" role="status">
      {said.value}
    </div>
  )
}
