// How the conversation travels, at its very top.
import type { JSX } from 'preact'
import { Mark } from '../parts/mark.tsx'
import type { Shell } from '../shell.ts'
import type { RoomModel } from './model.ts'
import { truthLine } from './people.ts'

/** The sentence, with the mark above it. */
export function LogOpening({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  return (
    <p class="log-opening">
      <Mark />
      {truthLine(model.state.value.people, shell.hiding.value.here)}
    </p>
  )
}
