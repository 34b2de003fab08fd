// What is wrong with keeping the conversation on this device, in a strip above it. Can be put away: it
// is nothing that keeps anyone from talking.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Icon } from '../parts/icons.tsx'
import type { RoomModel } from '../room/model.ts'
import { STORAGE_WORDS } from './words.ts'

/** The strip, while there is a trouble that was not put away. */
export function StorageStrip({ model }: { model: RoomModel }): JSX.Element | null {
  const seen = useSignal('')
  void model.rows.value
  const { storage } = model.room.talk
  if (storage === 'durable' || storage === 'memory' || seen.value === storage) return null
  const { title, body } = STORAGE_WORDS[storage]
  return (
    <div class="warning storage" data-storage={storage} role="status">
      <Icon name={storage === 'blocked' ? 'clock' : 'warning'} />
      <p>
        <strong>{title}.</strong> {body}
      </p>
      {storage === 'newer' && (
        <button class="button button-quiet" onClick={() => location.reload()}>
          Reload
        </button>
      )}
      <button
        class="button button-quiet button-icon"
        aria-label="Put this notice away"
        data-action="dismiss"
        onClick={() => (seen.value = storage)}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
