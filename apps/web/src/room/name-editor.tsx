// One's own name, to be changed where it stands.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { MAX_NAME_LENGTH } from '@knothole/wire'
import { Icon } from '../parts/icons.tsx'
import { announce } from '../parts/announcer.tsx'
import type { Shell } from '../shell.ts'
import { cleanName } from '../storage/own-name.ts'

/** The name with a pencil; a field once it is pressed. */
export function NameEditor({ shell }: { shell: Shell }): JSX.Element {
  const editing = useSignal(false)
  const { name } = shell.name.value
  if (editing.value) return <NameField shell={shell} done={() => (editing.value = false)} />
  return (
    <button
      class="own-name"
      data-action="rename"
      aria-label={`${name}, change your name`}
      onClick={() => (editing.value = true)}
    >
      <span>{name}</span>
      <Icon name="pencil" />
    </button>
  )
}

/** The field alone. Enter and leaving it keep the name, Escape does not. */
export function NameField({ shell, done }: { shell: Shell; done: () => void }): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const keep = (): void => {
    const name = cleanName(field.current?.value ?? '')
    if (name !== undefined && name !== shell.name.peek().name) {
      shell.rename(name)
      announce(`You are now ${name}`)
    }
    done()
  }
  return (
    <input
      ref={field}
      class="name-field"
      aria-label="Your name"
      maxLength={MAX_NAME_LENGTH}
      autocomplete="nickname"
      defaultValue={shell.name.peek().name}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.isComposing) return
        if (event.key === 'Enter') keep()
        if (event.key === 'Escape') {
          event.stopPropagation()
          done()
        }
      }}
    />
  )
}
