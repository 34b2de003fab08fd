// A field for a link that came some other way than by a click.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { pastedRoute } from '../route.ts'
import type { Shell } from '../shell.ts'
import { LINK_WORDS } from '../stop/words.ts'
import type { Notice } from '../words.ts'

/** The field. A whole pasted link opens at once. */
export function PasteLink({ shell }: { shell: Shell }): JSX.Element {
  const text = useSignal('')
  const fault = useSignal<Notice | undefined>(undefined)
  const open = (): void => {
    const route = pastedRoute(text.value)
    if (route.type === 'room') shell.open(route.link)
    else fault.value = LINK_WORDS[route.reason]
  }
  return (
    <form
      class="paste"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        open()
      }}
    >
      <label for="paste-link">Got a link? Paste it here</label>
      <div class="paste-row">
        <input
          id="paste-link"
          type="url"
          inputMode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="https://…/r/…#…"
          value={text.value}
          aria-invalid={fault.value !== undefined}
          aria-describedby={fault.value ? 'paste-fault' : undefined}
          onInput={(event) => {
            text.value = event.currentTarget.value
            fault.value = undefined
          }}
        />
        <button class="button" type="submit">
          Join
        </button>
      </div>
      {fault.value && (
        <p class="field-error" id="paste-fault" role="alert">
          <strong>{fault.value.title}.</strong> {fault.value.body}
        </p>
      )}
    </form>
  )
}
