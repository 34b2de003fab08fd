// A modal dialog over the browser's own, which keeps focus inside, closes on Escape and gives focus
// back. Refuses to do any of that itself.
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'

/** Shows its children while mounted; asks to be unmounted by `onClose`. */
export function Dialog(props: {
  title: string
  onClose: () => void
  children: ComponentChildren
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => ref.current?.showModal(), [])
  const closeOnBackdrop = (event: MouseEvent): void => {
    if (event.target === ref.current) ref.current?.close()
  }
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby="dialog-title"
      onClose={props.onClose}
      onClick={closeOnBackdrop}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="dialog-title">{props.title}</h2>
          <button
            class="button button-quiet button-icon"
            aria-label="Close"
            onClick={() => ref.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  )
}
