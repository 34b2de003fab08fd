// A small modal thing beside what it is about; on a phone, a sheet from below. The browser's own dialog
// keeps the focus inside, closes on Escape or Back, and gives the focus back.
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Place } from './desk.ts'

/** Distance kept from the window's edges, in CSS pixels. */
const EDGE_PX = 8

/** Shows its children while mounted; asks to be unmounted by `onClose`. */
export function Floating(props: {
  label: string
  name: string
  place: Place
  onClose: () => void
  children: ComponentChildren
}): JSX.Element {
  const { label, name, place, onClose, children } = props
  const ref = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const { current } = ref
    if (current === null) return
    current.showModal()
    const { width, height } = current.getBoundingClientRect()
    const top = place.y + height + EDGE_PX > innerHeight ? place.y - height : place.y
    const left = Math.min(place.x, innerWidth - width - EDGE_PX)
    current.style.setProperty('--top', `${Math.max(EDGE_PX, top)}px`)
    current.style.setProperty('--left', `${Math.max(EDGE_PX, left)}px`)
  }, [])
  return (
    <dialog
      ref={ref}
      class={`floating ${name}`}
      aria-label={label}
      onClose={onClose}
      onPointerDown={(event) => {
        // Not a click: the finger that opened it by resting is only lifted now.
        if (event.target === ref.current) ref.current?.close()
      }}
    >
      <div class="floating-body">{children}</div>
    </dialog>
  )
}
