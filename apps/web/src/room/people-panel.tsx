// Who is here, how each is linked, and where the messages go. Beside the talk on a wide window, a
// sheet over it on a narrow one; always in the document.
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import { Avatar } from '../parts/avatar.tsx'
import { HideAddress } from '../parts/hide-address.tsx'
import { Icon } from '../parts/icons.tsx'
import { DOCTOR_PATH } from '../route.ts'
import type { Shell } from '../shell.ts'
import { KEEP_WORDS } from '../talk/words.ts'
import { HIDE_WORDS } from '../parts/hide-words.ts'
import { until } from './amounts.ts'
import type { RoomModel } from './model.ts'
import { isHere } from './people.ts'
import { inOrder } from './people-order.ts'
import { NameEditor } from './name-editor.tsx'
import { PersonRow } from './person-row.tsx'
import type { Overlay } from './room-screen.tsx'
import { TruthCard } from './truth-card.tsx'
import sheet from '../styles/people.css?inline'

adoptSheet(sheet)

/** The panel. */
export function PeoplePanel(props: {
  model: RoomModel
  shell: Shell
  overlay: Signal<Overlay>
}): JSX.Element {
  const { model, shell, overlay } = props
  const { people, me } = model.state.value
  const close = useRef<HTMLButtonElement>(null)
  const open = overlay.value === 'people'
  const shut = (): void => {
    overlay.value = 'none'
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('[data-action="show-people"]')?.focus(),
    )
  }
  useEffect(() => {
    if (!open) return undefined
    close.current?.focus()
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') shut()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [open])
  return (
    <>
      <div class="scrim" onClick={shut} />
      <aside id="people" class="people" aria-label="People">
        <header class="people-head">
          <Count here={people.filter(isHere).length + 1} />
          <button
            ref={close}
            class="button button-quiet button-icon people-close"
            aria-label="Close the list of people"
            onClick={shut}
          >
            <Icon name="close" />
          </button>
        </header>
        <ul class="people-list">
          <li class="person person-me">
            <Avatar member={me.member} />
            <div class="person-words">
              <NameEditor shell={shell} />
              <p class="person-state">{shell.hiding.value.here ? HIDE_WORDS.here : 'You'}</p>
            </div>
          </li>
          {inOrder(people).map((person) => (
            <PersonRow key={person.peer} person={person} people={people} />
          ))}
        </ul>
        <TruthCard people={people} hidden={shell.hiding.value.here} />
        <HideAddress shell={shell} inRoom />
        <KeptFor model={model} overlay={overlay} />
        <RoomFacts model={model} />
      </aside>
    </>
  )
}

function Count({ here }: { here: number }): JSX.Element {
  return (
    <h2>
      People <span class="people-count">{here} here</span>
    </h2>
  )
}

/** How long the conversation is kept; leads to what else can be done with it. */
function KeptFor(props: { model: RoomModel; overlay: Signal<Overlay> }): JSX.Element {
  void props.model.rows.value
  return (
    <button
      class="button kept-for"
      data-action="room-care"
      aria-haspopup="dialog"
      onClick={() => (props.overlay.value = 'care')}
    >
      <Icon name="clock" />
      <span>Messages kept</span>
      <span class="kept-value">{KEEP_WORDS[props.model.room.talk.keep].label}</span>
    </button>
  )
}

function RoomFacts({ model }: { model: RoomModel }): JSX.Element | null {
  const { capacity, expiresAtMs } = model.state.value
  if (capacity === undefined) return null
  return (
    <p class="fine room-facts">
      Room for {capacity} people.
      {expiresAtMs !== undefined &&
        ` It expires ${until(expiresAtMs, Date.now())} unless used.`}{' '}
      <a href={DOCTOR_PATH} target="_blank" rel="noopener">
        Test your network
      </a>
    </p>
  )
}
