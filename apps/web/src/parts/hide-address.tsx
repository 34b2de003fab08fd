// The switch that keeps one's address from the people one talks to, and what it costs. It holds for rooms
// joined from then on; where this one was joined otherwise, it says so and offers to come in again.
import type { JSX } from 'preact'
import type { Shell } from '../shell.ts'
import { HIDE_WORDS } from './hide-words.ts'

/** The switch. */
export function HideAddress({ shell, inRoom }: { shell: Shell; inRoom?: boolean }): JSX.Element {
  const { chosen, here } = shell.hiding.value
  return (
    <section class="hide-address" aria-label={HIDE_WORDS.label}>
      <label class="switch">
        <span>{HIDE_WORDS.label}</span>
        <input
          type="checkbox"
          role="switch"
          data-action="hide-address"
          checked={chosen}
          aria-describedby="hide-address-cost"
          onChange={(event) => shell.hideAddress(event.currentTarget.checked)}
        />
      </label>
      <p class="fine" id="hide-address-cost">
        {HIDE_WORDS.detail}
      </p>
      {inRoom === true && chosen !== here && (
        <div class="hide-later" role="status">
          <p class="fine">{chosen ? HIDE_WORDS.later : HIDE_WORDS.laterShown}</p>
          <button class="button" data-action="rejoin" onClick={() => shell.rejoin()}>
            {HIDE_WORDS.again}
          </button>
        </div>
      )}
    </section>
  )
}
