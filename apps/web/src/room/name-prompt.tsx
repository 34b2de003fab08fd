// Tells a newcomer what they are called here, and that they may change it. In nobody's way.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Shell } from '../shell.ts'
import { NameField } from './name-editor.tsx'

/** The prompt, until a name was chosen or the made-up one was accepted. */
export function NamePrompt({ shell }: { shell: Shell }): JSX.Element | null {
  const editing = useSignal(false)
  const { name, chosen } = shell.name.value
  if (chosen) return null
  return (
    <div class="name-prompt">
      {editing.value ? (
        <NameField shell={shell} done={() => shell.rename(shell.name.peek().name)} />
      ) : (
        <p>
          You are <strong>{name}</strong> here.
        </p>
      )}
      {!editing.value && (
        <>
          <button class="button button-quiet" onClick={() => (editing.value = true)}>
            Change
          </button>
          <button class="button button-quiet" onClick={() => shell.rename(name)}>
            Keep it
          </button>
        </>
      )}
    </div>
  )
}
