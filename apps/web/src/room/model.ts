// One room as the page holds it: the engine's state and messages as signals, the lines between
// messages, what is unread. Owns its subscriptions and the room; `close` ends both.
import { computed, signal } from '@preact/signals'
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Fault, Message, RoomState } from '@knothole/engine'
import type { EngineErrorCode, Room } from '../engine.ts'
import { engineErrorCode } from '../engine.ts'
import { FAULT_WORDS } from '../words.ts'
import { now, passesInMs } from './passing.ts'
import { noticesOf } from './notices.ts'
import type { RoomNotice } from './notices.ts'
import { spokenName } from './people.ts'
import { stageOf } from './stage.ts'
import type { Stage } from './stage.ts'
import { withMessage, withNotice } from './timeline.ts'
import type { Item } from './timeline.ts'

/** A room for the page to draw. */
export interface RoomModel {
  readonly state: ReadonlySignal<RoomState>
  readonly items: ReadonlySignal<readonly Item[]>
  readonly stage: ReadonlySignal<Stage>
  /** Messages of others that came while `watching` was false. */
  readonly unread: ReadonlySignal<number>
  /** Whether the newest message is in sight. */
  readonly watching: Signal<boolean>
  /** Sends a text, or says why not. */
  say(text: string): EngineErrorCode | undefined
  setTyping(active: boolean): void
  rename(name: string): void
  close(): void
}

/** Wraps a room. */
export function createRoomModel(room: Room): RoomModel {
  const state = signal(room.state)
  const items = signal<readonly Item[]>([])
  const unread = signal(0)
  const watching = signal(true)
  const talked = signal(false)
  const met = new Set<string>()
  const openedMs = now()
  let held: ReturnType<typeof setTimeout> | undefined

  const note = (notice: RoomNotice): void => {
    items.value = withNotice(items.value, notice, Date.now())
  }
  const change = (after: RoomState): void => {
    clearTimeout(held)
    const heldForMs = passesInMs(after, openedMs)
    if (heldForMs > 0) held = setTimeout(() => change(room.state), heldForMs)
    else show(after)
  }
  const show = (after: RoomState): void => {
    noticesOf(state.value, after, met).forEach(note)
    for (const { peer, link } of after.people) if (link.state === 'connected') met.add(peer)
    talked.value ||= met.size > 0
    state.value = after
  }
  const message = (message: Message): void => {
    talked.value = true
    const known = items.value.length
    items.value = withMessage(items.value, message)
    if (!message.mine && items.value.length > known && !watching.value) unread.value += 1
  }
  const offs = [
    room.on('change', change),
    room.on('fault', (fault) => note(faultNotice(fault, state.value))),
    watching.subscribe((seen) => {
      if (seen) unread.value = 0
    }),
  ]
  show({ ...room.state })
  // What was said before is told at once; it came after the people who said it.
  offs.push(room.on('message', message))
  return {
    state,
    items,
    unread,
    watching,
    stage: computed(() => stageOf(state.value, talked.value)),
    say: (text) => reasonOf(() => message(room.say(text))),
    setTyping: (active) => room.setTyping(active),
    rename: (name) => room.rename(name),
    close() {
      for (const off of offs) off()
      clearTimeout(held)
      void room.close()
    },
  }
}

function faultNotice(fault: Fault, state: RoomState): RoomNotice {
  const person = state.people.find(({ peer }) => peer === fault.peer)
  return {
    about: `fault:${fault.code}:${fault.peer}`,
    text: FAULT_WORDS[fault.code](person ? spokenName(person) : 'Someone'),
    tone: 'warning',
  }
}

function reasonOf(action: () => void): EngineErrorCode | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return engineErrorCode(error)
  }
}
