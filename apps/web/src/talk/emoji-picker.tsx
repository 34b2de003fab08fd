// Emoji to react with: a small set to tap, and a field for any other, where the system's own picker or
// a keyboard puts it.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Message } from '../engine.ts'
import type { Desk, Place } from './desk.ts'
import { MORE_EMOJI, typedEmoji } from './emoji.ts'
import { Floating } from './floating.tsx'

/** The picker. */
export function EmojiPicker(props: { desk: Desk; message: Message; place: Place }): JSX.Element {
  const { desk, message, place } = props
  const typed = useSignal('')
  const take = (emoji: string): void => {
    desk.react(message, emoji)
    desk.close()
  }
  const other = typedEmoji(typed.value)
  return (
    <Floating label="React with an emoji" name="emoji" place={place} onClose={() => desk.close()}>
      <form
        class="emoji-other"
        onSubmit={(event) => {
          event.preventDefault()
          if (other !== undefined) take(other)
        }}
      >
        <input
          aria-label="Any emoji"
          placeholder="Type or paste any emoji"
          autocomplete="off"
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        <button class="button button-accent" type="submit" aria-disabled={other === undefined}>
          React {other}
        </button>
      </form>
      <div class="emoji-grid">
        {MORE_EMOJI.map((emoji) => (
          <button
            key={emoji}
            data-emoji={emoji}
            aria-pressed={desk.hasMine(message, emoji)}
            onClick={() => take(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
    </Floating>
  )
}
