// What the next thing typed answers or changes, above the field.
import type { JSX } from 'preact'
import { Icon } from '../parts/icons.tsx'
import type { Subject } from './model.ts'

/** What is answered or changed, above the field. */
export function About(props: { subject: Subject; onCancel: () => void }): JSX.Element | null {
  const { subject, onCancel } = props
  if (subject.type === 'message') return null
  const isReply = subject.type === 'reply'
  const about = isReply ? subject.to : subject.message
  const whose = about.mine ? 'yourself' : about.name
  return (
    <div class="about" data-subject={subject.type}>
      <Icon name={isReply ? 'reply' : 'pencil'} />
      <p>
        <strong>{isReply ? `Answering ${whose}` : 'Changing your message'}</strong>{' '}
        <span dir="auto">{about.text.slice(0, ABOUT_CHARS)}</span>
      </p>
      <button
        class="button button-quiet button-icon"
        type="button"
        data-action="cancel-subject"
        aria-label={isReply ? 'Do not answer it' : 'Leave it as it is'}
        onClick={onCancel}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}

/** As much as fits a line. */
const ABOUT_CHARS = 140
