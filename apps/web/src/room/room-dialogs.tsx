// What opens over a room: its link to hand on, and the care for its conversation.
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { carePart } from '../care/part.ts'
import { Dialog } from '../parts/dialog.tsx'
import { usePart } from '../parts/lazy-part.ts'
import { paperPart } from '../paper/part.ts'
import { Qr } from '../parts/qr.tsx'
import { ShareLink } from '../parts/share-link.tsx'
import type { Shell } from '../shell.ts'
import type { RoomModel } from './model.ts'
import type { Overlay } from './room-screen.tsx'

interface DialogProps {
  readonly model: RoomModel
  readonly shell: Shell
  readonly overlay: Signal<Overlay>
}

/** The dialog that is open, if one is. */
export function RoomDialogs(props: DialogProps): JSX.Element | null {
  const { model, overlay } = props
  if (overlay.value === 'share') return <ShareDialog model={model} overlay={overlay} />
  return overlay.value === 'care' ? <Care {...props} /> : null
}

function ShareDialog({ model, overlay }: Omit<DialogProps, 'shell'>): JSX.Element {
  const { link } = model.state.value
  const isOnPaper = useSignal(false)
  const close = (): void => {
    overlay.value = 'none'
  }
  if (isOnPaper.value)
    return (
      <Dialog title="Invite without a server" onClose={close}>
        <Paper model={model} link={link} />
      </Dialog>
    )
  return (
    <Dialog title="Invite someone" onClose={close}>
      <p>Whoever has this link can come in and read along. Send it only to people you mean.</p>
      <Qr text={link} label="QR code of the link to this room" />
      <ShareLink link={link} />
      <button
        class="button button-quiet button-wide"
        data-action="on-paper"
        onClick={() => (isOnPaper.value = true)}
      >
        No server answers? Invite without one
      </button>
    </Dialog>
  )
}

function Paper({ model, link }: { model: RoomModel; link: string }): JSX.Element | null {
  const Panel = usePart(paperPart)?.PaperPanel
  return Panel ? <Panel paper={model.room.paper} link={link} /> : null
}

function Care(props: DialogProps): JSX.Element | null {
  const { model, shell, overlay } = props
  const Dialog = usePart(carePart)?.CareDialog
  return Dialog ? (
    <Dialog model={model} shell={shell} onClose={() => (overlay.value = 'none')} />
  ) : null
}
