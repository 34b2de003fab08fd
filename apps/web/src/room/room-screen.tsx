// A room: conversation and composer, and around them what comes with the room's part: header, warnings,
// people, dialogs. The people list is always in the page; a phone shows it as a sheet.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { carePart } from '../care/part.ts'
import { homePart } from '../home/part.ts'
import { usePart } from '../parts/lazy-part.ts'
import { qrPart } from '../parts/qr-part.ts'
import { whenIdle } from '../parts/when-idle.ts'
import type { Shell } from '../shell.ts'
import type { KeyValue } from '../storage/key-value.ts'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import type { RoomModel } from './model.ts'
import { roomPart } from './part.ts'
import { PASSING_MS } from './passing.ts'
import { roomTitle } from './people.ts'

/** What is open over the room. */
export type Overlay = 'none' | 'share' | 'people' | 'care'

/** The screen of one room. */
export function RoomScreen(props: {
  model: RoomModel
  shell: Shell
  drafts: KeyValue
}): JSX.Element {
  const { model, shell, drafts } = props
  const overlay = useSignal<Overlay>('none')
  const whole = useSurroundings(model)
  useEffect(() => (whole ? whenIdle(loadAhead, AHEAD_WITHIN_MS) : undefined), [whole])
  useTitle(model)
  const part = usePart(roomPart)
  const link = model.state.value.link
  const place = { model, shell, overlay }
  return (
    <div class="room" data-room-link={link} data-overlay={overlay.value}>
      {whole && part && <part.RoomHeader {...place} />}
      <main class="talk" inert={overlay.value === 'people'}>
        {part && <part.WarningStrip {...place} />}
        <Conversation model={model} shell={shell} />
        {part && <part.BeforeTalk {...place} />}
        {part && <part.NamePrompt {...place} />}
        <Composer model={model} drafts={drafts} />
      </main>
      {whole && part && <part.PeoplePanel {...place} />}
      {part && <part.RoomDialogs {...place} />}
    </div>
  )
}

/** A busy page may take its time to fetch what only sharing and leaving need. */
const AHEAD_WITHIN_MS = 5_000

/** Fetches what may be wanted when the server is away. */
function loadAhead(): void {
  void qrPart.load()
  void homePart.load()
  void carePart.load()
}

/** A talk still coming up by now leaves time: the network is slow, or the server far. */
const SURROUND_AHEAD_MS = 40

/** Whether to draw what surrounds the talk: not while the talk itself is just coming up. */
function useSurroundings(model: RoomModel): boolean {
  const whole = useSignal(false)
  const arrived = model.stage.value.type !== 'joining'
  useEffect(() => {
    const show = (): void => {
      whole.value = true
    }
    if (arrived) return whenIdle(show, PASSING_MS)
    const timer = setTimeout(show, SURROUND_AHEAD_MS)
    return () => clearTimeout(timer)
  }, [arrived])
  return whole.value
}

/** Keeps the window's title in step: who is here, and how much was missed. */
function useTitle(model: RoomModel): void {
  useEffect(() => {
    const watch = (): void => {
      const unread = model.unread.value
      const title = roomTitle(model.state.value.people)
      document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · Knothole`
    }
    const offs = [model.unread.subscribe(watch), model.state.subscribe(watch)]
    return () => {
      for (const off of offs) off()
    }
  }, [model])
}
