// Rooms to go back to. Their links hold the keys, so each can be forgotten, and all at once.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { announce } from '../parts/announcer.tsx'
import { Icon } from '../parts/icons.tsx'
import { ago } from '../room/amounts.ts'
import type { Shell } from '../shell.ts'
import type { KeyValue } from '../storage/key-value.ts'
import { readRecentRooms } from '../storage/recent-rooms.ts'
import type { RecentRoom } from '../storage/recent-rooms.ts'
import { nameList } from '../words.ts'

/** The list, or nothing when there are none. */
export function RecentRooms({
  shell,
  local,
}: {
  shell: Shell
  local: KeyValue
}): JSX.Element | null {
  const rooms = useSignal(readRecentRooms(local))
  if (rooms.value.length === 0) return null
  const forget = (link?: string): void => {
    const gone = link === undefined ? rooms.value.map((room) => room.link) : [link]
    for (const one of gone) void shell.forgetRoom(one)
    rooms.value = readRecentRooms(local)
    announce(link === undefined ? 'All rooms forgotten' : 'Room forgotten')
  }
  return (
    <section class="recent" aria-labelledby="recent-title">
      <header class="recent-head">
        <h2 id="recent-title">Your rooms</h2>
        <button class="button button-quiet" onClick={() => forget()}>
          Forget all
        </button>
      </header>
      <ul class="recent-list">
        {rooms.value.map((room) => (
          <RecentRow key={room.link} room={room} shell={shell} forget={forget} />
        ))}
      </ul>
      <p class="fine">Kept on this device only, keys included.</p>
    </section>
  )
}

function RecentRow(props: {
  room: RecentRoom
  shell: Shell
  forget: (link: string) => void
}): JSX.Element {
  const { room, shell, forget } = props
  const title = room.who.length > 0 ? nameList(room.who) : 'Nobody has come yet'
  const open = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    shell.open(room.link)
  }
  return (
    <li class="recent-row">
      <a href={room.link} onClick={open}>
        <strong>
          {title}
          {room.unread !== undefined && room.unread > 0 && (
            <span class="recent-unread">{room.unread} unread</span>
          )}
        </strong>
        <span>
          {room.lastMs === undefined
            ? ago(room.lastUsedMs, Date.now())
            : `Last message ${ago(room.lastMs, Date.now())}`}{' '}
          · {new URL(room.link).host}
        </span>
      </a>
      <button
        class="button button-quiet button-icon"
        aria-label={`Forget the room: ${title}`}
        title="Forget this room"
        onClick={() => forget(room.link)}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}
