// A message with everything on it: what it answers, its words, what was done to it, reactions, and how
// far it got. Clicks are taken up by the log, by the `data-do` of what was clicked.
import type { JSX } from 'preact'
import type { Message } from '../engine.ts'
import { Icon } from '../parts/icons.tsx'
import { Clock } from '../room/row-view.tsx'
import type { MessageRow } from '../room/rows.ts'
import { nameList } from '../words.ts'
import type { Desk } from './desk.ts'
import { plainText } from './markdown.ts'
import { MessageWords } from './message-words.tsx'
import { PROBLEM_WORDS, deliveryWords } from './words.ts'

/** The bubble and what stands beside and under it. */
export function MessageBubble({ message, desk }: { message: Message; desk: Desk }): JSX.Element {
  const { id, name, problem } = message
  const isShown = problem === undefined || problem === 'from-future'
  return (
    <>
      <div class="bubble" data-gone={message.deleted === true || !isShown}>
        {message.replyTo !== undefined && <Quote id={message.replyTo} desk={desk} />}
        <div class="words" data-message={id} data-author={name} dir="auto">
          <Said message={message} isShown={isShown} />
        </div>
      </div>
      {message.deleted !== true && isShown && <Tools message={message} />}
      {problem === 'from-future' && <p class="said-problem">{PROBLEM_WORDS[problem](name)}</p>}
      <Reactions message={message} desk={desk} />
    </>
  )
}

function Said({ message, isShown }: { message: Message; isShown: boolean }): JSX.Element {
  if (message.deleted === true)
    return <p>{message.mine ? 'You deleted this message' : 'This message was deleted'}</p>
  if (!isShown && message.problem) return <p>{PROBLEM_WORDS[message.problem](message.name)}</p>
  return <MessageWords text={message.text} />
}

/** What a message answers, in a line; leads there. */
function Quote({ id, desk }: { id: string; desk: Desk }): JSX.Element {
  const message = desk.message(id)
  return (
    <button class="quote" data-do="jump" data-to={id} tabIndex={-1}>
      <span class="visually-hidden">In answer to </span>
      <strong>{message === undefined ? 'An earlier message' : desk.nameOf(message.author)}</strong>
      <span>{message === undefined ? 'Show it' : quoted(message)}</span>
    </button>
  )
}

/** As much of a quoted message as can be shown in two lines. */
const QUOTED_CHARS = 160

/** A message in a line. */
export function quoted(message: Message): string {
  if (message.deleted === true) return 'Deleted message'
  if (message.problem !== undefined) return 'A message that cannot be shown'
  return plainText(message.text.slice(0, QUOTED_CHARS * 2)).slice(0, QUOTED_CHARS)
}

/** For the mouse; the keyboard and fingers have the menu, which is also here for those who listen. */
function Tools({ message }: { message: Message }): JSX.Element {
  return (
    <div class="tools">
      <button data-do="emoji" tabIndex={-1} aria-hidden="true" title="React">
        <Icon name="smile" />
      </button>
      <button data-do="reply" tabIndex={-1} aria-hidden="true" title="Reply">
        <Icon name="reply" />
      </button>
      <button
        data-do="menu"
        tabIndex={-1}
        aria-haspopup="menu"
        aria-label={`What to do with the message of ${message.mine ? 'yours' : message.name}`}
        title="More"
      >
        <Icon name="more" />
      </button>
    </div>
  )
}

function Reactions({ message, desk }: { message: Message; desk: Desk }): JSX.Element | null {
  if (message.reactions.length === 0 || message.deleted === true) return null
  return (
    <div class="reactions">
      {message.reactions.map(({ emoji, authors }) => {
        const names = nameList(
          authors.map((author) => desk.nameOf(author)),
          6,
        )
        return (
          <button
            key={emoji}
            class="reaction"
            data-do="react"
            data-emoji={emoji}
            tabIndex={-1}
            aria-pressed={desk.hasMine(message, emoji)}
            aria-label={`${emoji} ${authors.length}: ${names}`}
            title={names}
          >
            {emoji} <span>{authors.length}</span>
          </button>
        )
      })}
    </div>
  )
}

/** When it was said and how far it got, for messages of ours; and whether it was changed. */
export function Foot({ row }: { row: MessageRow }): JSX.Element | null {
  const { mine, atMs, delivery, deleted, edited } = row.message
  const isEdited = edited === true && deleted !== true
  const hasTime = mine && row.endsDelivery
  if (!hasTime && !isEdited) return null
  return (
    <p class="said-foot">
      {hasTime && <Clock atMs={atMs} />}
      {isEdited && <span>{hasTime ? ' · edited' : 'edited'}</span>}
      {hasTime && delivery !== undefined && deleted !== true && (
        <button class="delivery" data-do="delivery" data-delivery={delivery.type} tabIndex={-1}>
          {deliveryWords(delivery)}
        </button>
      )}
    </p>
  )
}
