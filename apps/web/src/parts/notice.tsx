// A state that stops people, in words, with what they can do next.
import type { JSX } from 'preact'
import type { Shell } from '../shell.ts'
import type { NextStep, Notice } from '../words.ts'
import { NEXT_STEP_WORDS, NO_ROOM_MADE, SERVER_AWAY } from '../words.ts'
import { Mark } from './mark.tsx'

/** The notice as a card. `heading` fits it into the outline of where it stands. */
export function NoticeCard(props: {
  notice: Notice
  shell: Shell
  heading?: 'h1' | 'h2'
}): JSX.Element {
  const { notice, shell } = props
  const Heading = props.heading ?? 'h2'
  const creation = shell.creation.value
  const failed = creation === 'idle' || creation === 'busy' ? undefined : creation
  return (
    <section class="notice" role="alert">
      <Mark />
      <Heading>{notice.title}</Heading>
      <p>{notice.body}</p>
      <div class="notice-steps">
        {notice.next.map((step, index) => (
          <button
            key={step}
            class={index === 0 ? 'button button-accent' : 'button'}
            data-next={step}
            disabled={step === 'new-room' && creation === 'busy'}
            onClick={() => take(step, shell)}
          >
            {NEXT_STEP_WORDS[step]}
          </button>
        ))}
      </div>
      {failed && (
        <p class="field-error">
          {(failed === 'rendezvous-unreachable' ? SERVER_AWAY : NO_ROOM_MADE).title}
        </p>
      )}
    </section>
  )
}

function take(step: NextStep, shell: Shell): void {
  switch (step) {
    case 'new-room':
      void shell.createRoom()
      break
    case 'retry':
      shell.rejoin()
      break
    case 'home':
      shell.goHome()
      break
    case 'reload':
      location.reload()
      break
  }
}
