// A room: header, conversation, composer, and the people in it. The people list is always in the
// page; a phone shows it as a sheet.
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { carePart } from '../care/part.ts'
import { homePart } from '../home/part.ts'
import { Dialog } from '../parts/dialog.tsx'
import { usePart } from '../parts/lazy-part.ts'
import { loadQr, Qr } from '../parts/qr.tsx'
import { ShareLink } from '../parts/share-link.tsx'
import { whenIdle } from '../parts/when-idle.ts'
import type { Shell } from '../shell.ts'
import type { KeyValue } from '../storage/key-value.ts'
import { Composer } from './composer.tsx'
import type { RoomModel } from './model.ts'
import { NamePrompt } from './name-prompt.tsx'
import { PASSING_MS } from './passing.ts'
import { roomPart } from './part.ts'
import { roomTitle } from './people.ts'
import { RoomHeader } from './room-header.tsx'
import { StageView } from './stage-view.tsx'
import { WarningStrip } from './warning-strip.tsx'

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
  const PeoplePanel = usePart(roomPart)?.PeoplePanel
  const link = model.state.value.link
  return (
    <div class="room" data-room-link={link} data-overlay={overlay.value}>
      {whole && <RoomHeader model={model} shell={shell} overlay={overlay} />}
      <main class="talk" inert={overlay.value === 'people'}>
        <WarningStrip model={model} shell={shell} />
        <StageView model={model} shell={shell} overlay={overlay} />
        <NamePrompt shell={shell} model={model} />
        <Composer model={model} drafts={drafts} />
      </main>
      {whole && PeoplePanel && <PeoplePanel model={model} shell={shell} overlay={overlay} />}
      {overlay.value === 'share' && <ShareDialog link={link} overlay={overlay} />}
      {overlay.value === 'care' && <Care model={model} shell={shell} overlay={overlay} />}
    </div>
  )
}

function ShareDialog({ link, overlay }: { link: string; overlay: Signal<Overlay> }): JSX.Element {
  return (
    <Dialog title="Invite someone" onClose={() => (overlay.value = 'none')}>
      <p>Whoever has this link can come in and read along. Send it only to people you mean.</p>
      <Qr text={link} label="QR code of the link to this room" />
      <ShareLink link={link} />
    </Dialog>
  )
}

function Care(props: {
  model: RoomModel
  shell: Shell
  overlay: Signal<Overlay>
}): JSX.Element | null {
  const { model, shell, overlay } = props
  const Dialog = usePart(carePart)?.CareDialog
  return Dialog ? (
    <Dialog model={model} shell={shell} onClose={() => (overlay.value = 'none')} />
  ) : null
}

/** A busy page may take its time to fetch what only sharing and leaving need. */
const AHEAD_WITHIN_MS = 5_000

/** Fetches what may be wanted when the server is away. */
function loadAhead(): void {
  void loadQr()
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
