// Where one writes: a message, an answer, or other words for a message of one's own. Enter sends,
// Shift+Enter breaks the line. A draft outlives a reload; what is sent alone waits for someone to come.
import { MAX_TEXT_BYTES, utf8Length } from '@knothole/wire'
import { useComputed, useSignal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { announce } from '../parts/announcer.tsx'
import { Icon } from '../parts/icons.tsx'
import { usePart } from '../parts/lazy-part.ts'
import type { KeyValue } from '../storage/key-value.ts'
import { SHORTEN } from '../words.ts'
import type { RoomModel } from './model.ts'
import { roomPart } from './part.ts'
import { connectedPeople } from './people.ts'

/** Silence after which one is no longer typing. */
const TYPING_MS = 3000

/** The counter shows from this share of the limit on. */
const COUNTER_FROM = 0.9

const NOBODY = 'Nobody is linked to you right now. What you send waits here until someone is.'

interface Draft {
  readonly text: string
  /** Something to say about the last attempt to send, or nothing. */
  readonly hint: string
  readonly linked: boolean
  readonly lengthBytes: number
  write(text: string): void
  send(): void
}

/** The composer of a room. */
export function Composer({ model, drafts }: { model: RoomModel; drafts: KeyValue }): JSX.Element {
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useDraft(model, drafts)
  useEffect(() => {
    if (!draft.linked || !matchMedia('(pointer: fine)').matches) return undefined
    // Whoever has a keyboard can type as soon as someone is here; a phone's would cover the room.
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) field.current?.focus()
    })
    return () => cancelAnimationFrame(frame)
  }, [draft.linked])
  useLayoutEffect(() => growToFit(field.current), [draft.text])
  const subject = model.subject.value
  const part = usePart(roomPart)
  useEffect(() => {
    if (subject.type !== 'message') field.current?.focus()
  }, [subject])
  const ready = draft.lengthBytes <= MAX_TEXT_BYTES && draft.text.trim() !== ''
  return (
    <form
      class="composer"
      data-linked={draft.linked}
      hidden={model.stage.value.type === 'refused'}
      onSubmit={(event) => {
        event.preventDefault()
        draft.send()
        // The button took it.
        field.current?.focus()
      }}
    >
      {part && (
        <part.About
          subject={subject}
          onCancel={() => (model.subject.value = { type: 'message' })}
        />
      )}
      <div class="composer-box">
        <Field field={field} model={model} draft={draft} send={() => draft.send()} />
        <button
          class="button button-accent button-icon"
          type="submit"
          data-action="send"
          aria-label={subject.type === 'edit' ? 'Save' : 'Send'}
          aria-disabled={!ready}
        >
          <Icon name={subject.type === 'edit' ? 'check' : 'send'} />
        </button>
      </div>
      <p class="composer-hint" id="composer-hint" data-urgent={draft.hint !== ''}>
        <Hint {...draft} />
      </p>
    </form>
  )
}

/** Sends, gives up what one was about, or begins to change the last thing said. */
function takesKey(
  event: KeyboardEvent,
  { model, draft, send }: Pick<FieldProps, 'model' | 'draft' | 'send'>,
): boolean {
  const { key, shiftKey, ctrlKey, metaKey, altKey, isComposing } = event
  if (isComposing) return false
  const isPlain = !shiftKey && !ctrlKey && !metaKey && !altKey
  if (key === 'Enter' && !shiftKey) send()
  else if (key === 'Escape' && model.subject.peek().type !== 'message')
    model.subject.value = { type: 'message' }
  else if (key === 'ArrowUp' && isPlain && draft.text === '') editLast(model)
  else return false
  return true
}

/** How far back a message of one's own is looked for. */
const EDIT_REACH = 50

function editLast(model: RoomModel): void {
  const { talk } = model.room
  for (let back = 1; back <= EDIT_REACH; back += 1) {
    const message = talk.at(talk.length - back)
    if (message?.mine !== true || message.deleted === true || message.text === '') continue
    model.subject.value = { type: 'edit', message }
    return
  }
}

interface FieldProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly model: RoomModel
  readonly draft: Draft
  send(): void
}

function Field(props: FieldProps): JSX.Element {
  const { field, model, draft } = props
  return (
    <textarea
      ref={field}
      data-composer
      rows={1}
      aria-label="Message"
      aria-describedby="composer-hint"
      placeholder={PLACEHOLDERS[model.subject.value.type]}
      enterkeyhint="send"
      value={draft.text}
      onInput={(event) => draft.write(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (takesKey(event, props)) event.preventDefault()
      }}
    />
  )
}

const PLACEHOLDERS = {
  message: 'Write a message',
  reply: 'Write an answer',
  edit: 'Say it in other words',
} as const

/** Does what `field-sizing: content` does, where the browser does not know it. */
function growToFit(field: HTMLTextAreaElement | null): void {
  if (field === null || CSS.supports('field-sizing', 'content')) return
  field.style.blockSize = 'auto'
  field.style.blockSize = `${field.scrollHeight}px`
}

function useDraft(model: RoomModel, drafts: KeyValue): Draft {
  const key = `knothole.draft:${model.state.peek().room}`
  const text = useSignal(drafts.get(key) ?? '')
  const hint = useSignal('')
  const linked = useComputed(() => connectedPeople(model.state.value.people).length > 0)
  const lengthBytes = useComputed(() => utf8Length(text.value))
  const typing = useTyping(model)
  const write = (value: string): void => {
    text.value = value
    hint.value = ''
    // Other words for an old message are no draft of a new one.
    if (model.subject.peek().type !== 'edit') drafts.set(key, value === '' ? undefined : value)
    typing(value !== '' && linked.peek())
  }
  useEffect(() => {
    const subject = model.subject.value
    if (subject.type === 'edit') text.value = subject.message.text
    else text.value = drafts.get(key) ?? ''
  }, [model.subject.value.type === 'edit' ? model.subject.value.message.id : ''])
  const send = (): void => {
    if (text.value.trim() === '') return
    const wasEdit = model.subject.peek().type === 'edit'
    const reason = model.say(text.value)
    hint.value = reason ? SHORTEN : ''
    if (hint.value !== '') announce(hint.value)
    else if (!wasEdit) write('')
  }
  return {
    text: text.value,
    hint: hint.value,
    linked: linked.value,
    lengthBytes: lengthBytes.value,
    write,
    send,
  }
}

function Hint(props: Pick<Draft, 'linked' | 'lengthBytes' | 'hint'>): JSX.Element {
  if (props.lengthBytes > MAX_TEXT_BYTES)
    return (
      <span class="too-long" role="alert">
        Too long by {(props.lengthBytes - MAX_TEXT_BYTES).toLocaleString()} bytes. Send it in parts.
      </span>
    )
  if (props.lengthBytes > MAX_TEXT_BYTES * COUNTER_FROM)
    return <>{(MAX_TEXT_BYTES - props.lengthBytes).toLocaleString()} bytes left</>
  if (props.hint !== '') return <>{props.hint}</>
  if (!props.linked) return <>{NOBODY}</>
  return (
    <span class="keys">
      <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> breaks the line
    </span>
  )
}

/** Tells the others that one is typing, and that one stopped. */
function useTyping(model: RoomModel): (active: boolean) => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const active = useRef(false)
  const tell = (now: boolean): void => {
    clearTimeout(timer.current)
    if (now) timer.current = setTimeout(() => tell(false), TYPING_MS)
    if (now === active.current) return
    active.current = now
    model.setTyping(now)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return tell
}
