// One row of the conversation. What a message says, and what can be done with it, is drawn by whoever
// lists the rows: plainly at first, then by the part of the page that knows all of it.
import type { ComponentChildren, JSX } from 'preact'
import type { Message, TalkEvent } from '../engine.ts'
import { Avatar } from '../parts/avatar.tsx'
import { clockTime, dayName } from './format.ts'
import type { MessageRow, Row } from './rows.ts'

/** What a lister of rows draws by itself. */
export interface RowKit {
  opening(row: Extract<Row, { type: 'opening' }>): ComponentChildren
  gap(row: Extract<Row, { type: 'gap' }>): ComponentChildren
  /** The line of an event. */
  event(message: Message, event: TalkEvent): string
  /** The bubble of a message and what stands on it. */
  bubble(message: Message): ComponentChildren
  /** What stands under the last of a turn, or under each that differs. */
  foot(row: MessageRow): ComponentChildren
}

/** The row. */
export function RowView({ row, kit }: { row: Row; kit: RowKit }): JSX.Element {
  switch (row.type) {
    case 'opening':
      return <>{kit.opening(row)}</>
    case 'unread':
      return (
        <p class="rule rule-unread">
          <span>New</span>
        </p>
      )
    case 'gap':
      return <>{kit.gap(row)}</>
    case 'notice':
      return (
        <p class="event" data-tone={row.notice.tone}>
          {row.notice.text} <time>{clockTime(row.atMs)}</time>
        </p>
      )
    case 'message':
      return row.message.event === undefined ? (
        <MessageView row={row} kit={kit} />
      ) : (
        <p class="event">
          {kit.event(row.message, row.message.event)} <time>{clockTime(row.message.atMs)}</time>
        </p>
      )
  }
}

function MessageView({ row, kit }: { row: MessageRow; kit: RowKit }): JSX.Element {
  const { message, startsDay, startsGroup, endsGroup } = row
  const { mine, atMs, name, author } = message
  return (
    <>
      {startsDay && (
        <p class="rule">
          <span>{dayName(atMs, Date.now())}</span>
        </p>
      )}
      <article
        class="said"
        data-mine={mine}
        data-first={startsGroup}
        data-last={endsGroup}
        data-id={message.id}
        aria-label={`${mine ? 'You' : name}, ${clockTime(atMs)}`}
        tabIndex={-1}
      >
        {startsGroup && !mine && (
          <>
            <Avatar member={author} size="small" />
            <header class="said-head">
              <strong>{name}</strong> <Clock atMs={atMs} />
            </header>
          </>
        )}
        {kit.bubble(message)}
        {kit.foot(row)}
      </article>
    </>
  )
}

/** When something was said. */
export function Clock({ atMs }: { atMs: number }): JSX.Element {
  return <time dateTime={new Date(atMs).toISOString()}>{clockTime(atMs)}</time>
}
