// The conversation: a log that follows its end while one is there, and says what one missed while not.
import type { Message } from '@knothole/engine'
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { Avatar } from '../parts/avatar.tsx'
import { Icon } from '../parts/icons.tsx'
import { Mark } from '../parts/mark.tsx'
import { nameList } from '../words.ts'
import { clockTime, dayName } from './format.ts'
import { MessageText } from './message-text.tsx'
import type { Shell } from '../shell.ts'
import type { RoomModel } from './model.ts'
import { truthLine, typingLine } from './people.ts'
import { TypingDots } from './person-row.tsx'
import { blocksOf } from './timeline.ts'
import type { Block } from './timeline.ts'

/** How near the end still counts as at the end, in CSS pixels: about one line. */
const END_PX = 40

/** The log and what floats over it. */
export function Conversation(props: { model: RoomModel; shell: Shell }): JSX.Element {
  const { model, shell } = props
  const log = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const blocks = useComputed(() => blocksOf(model.items.value))
  const typing = useComputed(() => typingLine(model.state.value.people))
  const items = model.items.value
  const toEnd = (): void => log.current?.scrollTo({ top: log.current.scrollHeight })
  const look = (): void => {
    const { current } = log
    if (current)
      atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < END_PX
    model.watching.value = atEnd.current && document.visibilityState === 'visible'
  }
  useLayoutEffect(() => {
    const last = items.at(-1)
    if (!atEnd.current && !(last?.type === 'message' && last.message.mine)) return undefined
    // With the frame that shows it, not before: measuring here would lay the page out once more.
    const frame = requestAnimationFrame(toEnd)
    return () => cancelAnimationFrame(frame)
  }, [items])
  useEffect(() => followWindow(log.current, look, () => atEnd.current && toEnd()), [])
  return (
    <div class="conversation" data-unseen={model.stage.value.type !== 'talk'}>
      <div
        ref={log}
        class="log"
        role="log"
        aria-label="Conversation"
        aria-live="polite"
        tabIndex={0}
        onScroll={look}
      >
        <div class="log-inner">
          <Opening model={model} shell={shell} />
          {blocks.value.map((block) => (
            <BlockView key={block.key} block={block} />
          ))}
        </div>
      </div>
      <p class="typing" aria-live="off">
        {typing.value !== '' && (
          <>
            {typing.value} <TypingDots />
          </>
        )}
      </p>
      <NewMessages model={model} onClick={toEnd} />
    </div>
  )
}

/** Keeps looking and following as the window hides, shows, grows and shrinks. */
function followWindow(
  log: HTMLElement | null,
  look: () => void,
  follow: () => void,
): (() => void) | undefined {
  if (!log) return undefined
  const sizes = new ResizeObserver(follow)
  sizes.observe(log)
  document.addEventListener('visibilitychange', look)
  const frame = requestAnimationFrame(look)
  return () => {
    cancelAnimationFrame(frame)
    sizes.disconnect()
    document.removeEventListener('visibilitychange', look)
  }
}

/** How the conversation travels, at its very top. */
function Opening({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  return (
    <p class="log-opening">
      <Mark />
      {truthLine(model.state.value.people, shell.hiding.value.here)}
    </p>
  )
}

function NewMessages(props: { model: RoomModel; onClick: () => void }): JSX.Element | null {
  const count = props.model.unread.value
  if (count === 0) return null
  return (
    <button class="button new-messages" data-action="to-end" onClick={props.onClick}>
      <Icon name="arrowDown" />
      {count === 1 ? '1 new message' : `${count} new messages`}
    </button>
  )
}

function BlockView({ block }: { block: Block }): JSX.Element {
  switch (block.type) {
    case 'day':
      return (
        <p class="day">
          <span>{dayName(block.atMs, Date.now())}</span>
        </p>
      )
    case 'notice':
      return (
        <p class="event" data-tone={block.notice.tone}>
          {block.notice.text} <time>{clockTime(block.atMs)}</time>
        </p>
      )
    case 'group':
      return <Group messages={block.messages} />
  }
}

function Group({ messages }: { messages: readonly [Message, ...Message[]] }): JSX.Element {
  const [first] = messages
  const last = messages.at(-1) ?? first
  return (
    <article class={first.mine ? 'group group-mine' : 'group'}>
      {!first.mine && <Avatar member={first.author} size="small" />}
      <header class={first.mine ? 'visually-hidden' : 'group-head'}>
        <strong>{first.mine ? 'You' : first.name}</strong>{' '}
        <time dateTime={new Date(first.atMs).toISOString()}>{clockTime(first.atMs)}</time>
      </header>
      {messages.map((message) => (
        <div
          key={message.id}
          class="bubble"
          data-message={message.id}
          data-author={message.name}
          dir="auto"
        >
          <MessageText text={message.text} />
        </div>
      ))}
      {first.mine && <SentTo message={last} />}
    </article>
  )
}

function SentTo({ message }: { message: Message }): JSX.Element {
  const names = [...new Set(message.sentTo)]
  return (
    <p class="sent">
      <time dateTime={new Date(message.atMs).toISOString()}>{clockTime(message.atMs)}</time>
      {names.length > 0 ? ` · sent to ${nameList(names, 4)}` : ' · not sent to anyone yet'}
    </p>
  )
}
