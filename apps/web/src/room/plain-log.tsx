// The conversation until the part that draws it whole has come, and where it never comes: the newest
// messages, as they were typed.
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Shell } from '../shell.ts'
import { LogOpening } from './log-opening.tsx'
import { MessageText } from './message-text.tsx'
import type { RoomModel } from './model.ts'
import { Clock, RowView } from './row-view.tsx'
import type { RowKit } from './row-view.tsx'

/** As many as fill a tall window. */
const MAX_ROWS = 40

/** The newest messages. */
export function PlainLog({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  const log = useRef<HTMLDivElement>(null)
  const rows = model.rows.value
  useLayoutEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight
  }, [rows])
  const kit: RowKit = {
    opening: () => <LogOpening model={model} shell={shell} />,
    gap: () => null,
    event: () => '',
    bubble: (message) => (
      <div class="bubble">
        <div class="words" data-message={message.id} data-author={message.name} dir="auto">
          <MessageText text={message.text} />
        </div>
      </div>
    ),
    foot: ({ message, endsGroup }) =>
      message.mine &&
      endsGroup && (
        <p class="said-foot">
          <Clock atMs={message.atMs} />
        </p>
      ),
  }
  const first = Math.max(0, rows.length - MAX_ROWS)
  return (
    <div ref={log} class="log" role="log" aria-label="Conversation" tabIndex={0}>
      <div class="log-inner">
        <div>
          {Array.from({ length: rows.length - first }, (_, at) => {
            const row = rows.at(first + at)
            return row && <RowView key={row.key} row={row} kit={kit} />
          })}
        </div>
      </div>
    </div>
  )
}
