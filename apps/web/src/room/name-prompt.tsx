// Tells a newcomer what they are called here, and that they may change it. In nobody's way, and gone
// once they have spoken under that name.
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Shell } from '../shell.ts'
import type { RoomModel } from './model.ts'
import { NameField } from './name-editor.tsx'

/** The prompt, until a name was chosen or the made-up one was accepted. */
export function NamePrompt(props: { shell: Shell; model: RoomModel }): JSX.Element | null {
  const { shell, model } = props
  const editing = useSignal(false)
  const { name, chosen } = shell.name.value
  const spoken = useComputed(() => {
    void model.rows.value
    const { talk } = model.room
    return talk.at(talk.length - 1)?.mine === true
  })
  // Once is enough: somebody else says something next.
  const hasSpoken = useRef(false)
  hasSpoken.current ||= spoken.value
  if (chosen || hasSpoken.current) return null
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
