// The menu of a message: emoji to react with, and what else can be done. Walked with the arrow keys.
import type { JSX, TargetedKeyboardEvent } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Message } from '../engine.ts'
import { Icon } from '../parts/icons.tsx'
import type { IconName } from '../parts/icons.tsx'
import type { Desk, Place } from './desk.ts'
import { QUICK_EMOJI } from './emoji.ts'
import { Floating } from './floating.tsx'

interface Item {
  readonly action: string
  readonly icon: IconName
  readonly label: string
  do(): void
}

/** The menu. */
export function MessageMenu(props: { desk: Desk; message: Message; place: Place }): JSX.Element {
  const { desk, message, place } = props
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => itemsIn(menu.current)[0]?.focus(), [])
  const whose = message.mine ? 'your message' : `the message of ${message.name}`
  const close = (): void => desk.close()
  return (
    <Floating label={`What to do with ${whose}`} name="menu" place={place} onClose={close}>
      <div ref={menu} role="menu" aria-label={`For ${whose}`} onKeyDown={walk}>
        <div class="menu-emoji" role="group" aria-label="React">
          {QUICK_EMOJI.map((emoji) => (
            <button
              key={emoji}
              role="menuitemcheckbox"
              aria-checked={desk.hasMine(message, emoji)}
              data-emoji={emoji}
              onClick={() => {
                desk.react(message, emoji)
                close()
              }}
            >
              {emoji}
            </button>
          ))}
          <button
            role="menuitem"
            aria-label="Any other emoji"
            data-action="more-emoji"
            onClick={() => desk.open('emoji', message.id, place)}
          >
            <Icon name="more" />
          </button>
        </div>
        {itemsOf(desk, message).map((item) => (
          <button
            key={item.action}
            class="menu-item"
            role="menuitem"
            data-action={item.action}
            onClick={() => {
              close()
              item.do()
            }}
          >
            <Icon name={item.icon} />
            {item.label}
          </button>
        ))}
      </div>
    </Floating>
  )
}

function itemsOf(desk: Desk, message: Message): readonly Item[] {
  const { id, mine } = message
  const items: Item[] = [
    { action: 'reply', icon: 'reply', label: 'Reply', do: () => desk.reply(message) },
    { action: 'copy', icon: 'copy', label: 'Copy text', do: () => void desk.copy(message) },
  ]
  if (!mine) return items
  const open = (type: 'delete' | 'delivery') => () => desk.open(type, id)
  return [
    ...items,
    { action: 'edit', icon: 'pencil', label: 'Edit', do: () => desk.edit(message) },
    { action: 'delivery', icon: 'people', label: 'Who has it', do: open('delivery') },
    { action: 'ask-delete', icon: 'trash', label: 'Delete', do: open('delete') },
  ]
}

function itemsIn(menu: HTMLElement | null): readonly HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('button') ?? [])]
}

/** Arrow keys, Home and End, as menus are walked (ARIA APG). */
function walk(event: TargetedKeyboardEvent<HTMLElement>): void {
  const items = itemsIn(event.currentTarget)
  const at = items.findIndex((item) => item === document.activeElement)
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at < QUICK_EMOJI.length + 1 ? QUICK_EMOJI.length + 1 : at + 1,
    ArrowRight: at + 1,
    ArrowUp: at === QUICK_EMOJI.length + 1 ? 0 : at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: items.length - 1,
  }
  const to = steps[event.key]
  if (to === undefined) return
  event.preventDefault()
  items[(to + items.length) % items.length]?.focus()
}
