// A text to hand on: shown whole, selected at a touch, copied where the browser lets us.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { announce } from '../parts/announcer.tsx'
import { WORDS } from './words.ts'

/** The text and a button that copies it. */
export function ShareText({ text, label }: { text: string; label: string }): JSX.Element {
  const copied = useSignal(false)
  const copy = async (): Promise<void> => {
    // reason: some browsers forbid it; the text stands there to be selected.
    copied.value = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    announce(copied.value ? WORDS.copied : WORDS.copyByHand)
  }
  return (
    <div class="share-text">
      <textarea
        readOnly
        rows={4}
        aria-label={label}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button class="button" data-action="copy-paper" onClick={() => void copy()}>
        {copied.value ? WORDS.copied : WORDS.copy}
      </button>
    </div>
  )
}
