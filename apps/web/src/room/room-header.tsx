// The room's head: the way out, who it is with, whether the server can still bring people in, and
// the way to invite.
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { Icon } from '../parts/icons.tsx'
import type { Shell } from '../shell.ts'
import { RENDEZVOUS_WORDS } from './room-words.ts'
import type { RoomModel } from './model.ts'
import { isHere, roomTitle } from './people.ts'
import type { Overlay } from './room-screen.tsx'

/** The header. */
export function RoomHeader(props: {
  model: RoomModel
  shell: Shell
  overlay: Signal<Overlay>
}): JSX.Element {
  const { model, shell, overlay } = props
  const { people } = model.state.value
  return (
    <header class="room-head" inert={overlay.value === 'people'}>
      <button
        class="button button-quiet button-icon"
        data-action="leave-room"
        aria-label="Leave the room"
        title="Leave the room"
        onClick={() => shell.goHome()}
      >
        <Icon name="arrowLeft" />
      </button>
      <div class="room-title">
        <h1>{roomTitle(people)}</h1>
        <ServerStatus model={model} />
      </div>
      <button
        class="button button-quiet people-toggle"
        data-action="show-people"
        aria-expanded={overlay.value === 'people'}
        aria-controls="people"
        aria-label={`People: ${people.filter(isHere).length + 1} here`}
        onClick={() => (overlay.value = 'people')}
      >
        <Icon name="people" />
        {people.filter(isHere).length + 1}
      </button>
      <button class="button" data-action="share" onClick={() => (overlay.value = 'share')}>
        <Icon name="share" />
        Invite
      </button>
    </header>
  )
}

function ServerStatus({ model }: { model: RoomModel }): JSX.Element {
  const { state } = model.state.value.rendezvous
  const words = RENDEZVOUS_WORDS[state]
  return (
    <p class="server" data-rendezvous={state} title={words.detail}>
      <span class="dot" aria-hidden="true" />
      <span class="visually-hidden">Server: </span>
      {words.label}
    </p>
  )
}
