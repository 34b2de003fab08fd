// The mark: a knot with its hole open to the green on the other side.
import type { JSX } from 'preact'
import { ringPath } from './knot.ts'

const OUTER = ringPath({ cx: 16, cy: 16, rx: 12.5, ry: 14, wobble: 0.025, phase: 0.4 })
const MIDDLE = ringPath({ cx: 16.5, cy: 16.3, rx: 9, ry: 10.4, wobble: 0.03, phase: 1.1 })
const HOLE = ringPath({ cx: 17, cy: 16.6, rx: 5.2, ry: 6.4, wobble: 0.035, phase: 2 })

/** The mark alone; give it a name where it stands for the product. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-ring" d={OUTER} opacity="0.4" />
      <path class="mark-ring" d={MIDDLE} opacity="0.75" />
      <path class="mark-hole" d={HOLE} />
    </svg>
  )
}
