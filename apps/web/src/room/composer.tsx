// Where one writes. Enter sends, Shift+Enter breaks the line. A draft outlives a reload, and stays put
// while nobody is there to get it.
import { MAX_TEXT_BYTES, utf8Length } from '@knothole/wire'
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { announce } from '../parts/announcer.tsx'
import { Icon } from '../parts/icons.tsx'
import type { KeyValue } from '../storage/key-value.ts'
import { ENGINE_WORDS } from '../words.ts'
import type { RoomModel } from './model.ts'
import { connectedPeople } from './people.ts'

/** Silence after which one is no longer typing. */
const TYPING_MS = 3000

/** The counter shows from this share of the limit on. */
const COUNTER_FROM = 0.9

const NOBODY = 'Nobody is linked to you right now. What you write stays here until someone is.'

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
  const ready = draft.linked && draft.lengthBytes <= MAX_TEXT_BYTES && draft.text.trim() !== ''
  const send = (): void => {
    draft.send()
    field.current?.focus()
  }
  return (
    <form
      class="composer"
      data-linked={draft.linked}
      hidden={model.stage.value.type === 'refused'}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div class="composer-box">
        <textarea
          ref={field}
          data-composer
          rows={1}
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder={draft.linked ? 'Write a message' : 'Write ahead'}
          enterkeyhint="send"
          value={draft.text}
          onInput={(event) => draft.write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            send()
          }}
        />
        <button
          class="button button-accent button-icon"
          type="submit"
          data-action="send"
          aria-label="Send"
          aria-disabled={!ready}
        >
          <Icon name="send" />
        </button>
      </div>
      <p class="composer-hint" id="composer-hint" data-urgent={draft.hint !== ''}>
        <Hint {...draft} />
      </p>
    </form>
  )
}

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
    drafts.set(key, value === '' ? undefined : value)
    typing(value !== '' && linked.peek())
  }
  const send = (): void => {
    if (text.value.trim() === '') return
    const reason = linked.value ? model.say(text.value) : undefined
    hint.value = linked.value ? (reason ? ENGINE_WORDS[reason].body : '') : NOBODY
    if (hint.value === '') write('')
    else announce(hint.value)
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
