// What opens over the conversation: the menu of a message, emoji to choose from, the question before it
// is deleted, and how far it got with whom. One at a time.
import type { JSX } from 'preact'
import type { DeliveryTo, Message } from '../engine.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Dialog } from '../parts/dialog.tsx'
import type { Desk } from './desk.ts'
import { EmojiPicker } from './emoji-picker.tsx'
import { MessageMenu } from './message-menu.tsx'
import { quoted } from './message-view.tsx'
import type { Traveller } from './traveller.ts'
import { DELETE_WORDS, PERSON_DELIVERY_WORDS, deliveryMeaning, deliveryWords } from './words.ts'

/** The one thing that is open. */
export function OverTalk(props: { desk: Desk; traveller: Traveller }): JSX.Element | null {
  const { desk } = props
  const over = desk.over.value
  if (over.type === 'nothing') return null
  // Drawn again with every change of the talk: receipts come while one looks.
  void desk.model.rows.value
  const message = desk.message(over.id)
  if (message === undefined) return null
  switch (over.type) {
    case 'menu':
      return <MessageMenu key={over.id} desk={desk} message={message} place={over.place} />
    case 'emoji':
      return <EmojiPicker key={over.id} desk={desk} message={message} place={over.place} />
    case 'delete':
      return <DeleteDialog desk={desk} message={message} />
    case 'delivery':
      return <DeliveryDialog desk={desk} message={message} />
  }
}

function DeleteDialog({ desk, message }: { desk: Desk; message: Message }): JSX.Element {
  return (
    <Dialog title={DELETE_WORDS.title} onClose={() => desk.close()}>
      <blockquote class="dialog-quote" dir="auto">
        {quoted(message)}
      </blockquote>
      <p class="fine">{DELETE_WORDS.detail}</p>
      <div class="dialog-steps">
        <button class="button" onClick={() => desk.close()}>
          Keep it
        </button>
        <button
          class="button button-stop"
          data-action="delete"
          onClick={() => {
            desk.remove(message)
            desk.close()
          }}
        >
          {DELETE_WORDS.sure}
        </button>
      </div>
    </Dialog>
  )
}

/** So many are seen at a glance. */
const AT_A_GLANCE = 8

/** In a long list, who may lack it comes first, and need not be looked for. */
function inOrder(people: readonly DeliveryTo[]): readonly DeliveryTo[] {
  if (people.length <= AT_A_GLANCE) return people
  return people.toSorted((a, b) => Number(b.state === 'waiting') - Number(a.state === 'waiting'))
}

function DeliveryDialog({ desk, message }: { desk: Desk; message: Message }): JSX.Element {
  void desk.model.rows.value
  const people = inOrder(desk.model.room.deliveryOf(message.id))
  const { delivery } = message
  return (
    <Dialog title="Who has it" onClose={() => desk.close()}>
      <blockquote class="dialog-quote" dir="auto">
        {quoted(message)}
      </blockquote>
      {delivery && (
        <p>
          <strong>{deliveryWords(delivery)}.</strong> {deliveryMeaning(delivery)}
        </p>
      )}
      {people.length > 0 && (
        <ul class="delivery-list">
          {people.map(({ member, name, state }) => (
            <li key={member} data-delivery-state={state}>
              <Avatar member={member} size="small" />
              <span>{name}</span>
              <span class="delivery-state">{PERSON_DELIVERY_WORDS[state]}</span>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
