// The conversation: plain until the part that draws it whole is here, and who is typing.
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { usePart } from '../parts/lazy-part.ts'
import { TypingDots } from '../parts/typing-dots.tsx'
import type { Shell } from '../shell.ts'
import type { RoomModel } from './model.ts'
import { roomPart } from './part.ts'
import { typingLine } from './people.ts'
import { PlainLog } from './plain-log.tsx'

/** The log and what floats over it. */
export function Conversation({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  const part = usePart(roomPart)
  const typing = useComputed(() => typingLine(model.state.value.people))
  const Log = part?.TalkLog ?? PlainLog
  return (
    <div
      class="conversation"
      data-unseen={model.stage.value.type !== 'talk'}
      data-whole={part !== undefined}
    >
      <Log model={model} shell={shell} />
      <p class="typing">
        {typing.value !== '' && (
          <>
            {typing.value} <TypingDots />
          </>
        )}
      </p>
    </div>
  )
}
