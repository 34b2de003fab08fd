// The picture on the first screen: a board, its grain, and a knothole with two neighbours talking
// through it. Decorative; the words beside it say the same.
import type { JSX } from 'preact'
import { grainPaths, ringPath } from './knot.ts'

const SIZE = { width: 640, height: 640 }
const KNOT = { cx: 320, cy: 320, rx: 178, ry: 206 }
const RINGS = [1, 0.93, 0.85, 0.78, 0.705].map((share, index) =>
  ringPath({
    cx: KNOT.cx + (1 - share) * 18,
    cy: KNOT.cy + (1 - share) * 26,
    rx: KNOT.rx * share,
    ry: KNOT.ry * share,
    wobble: 0.014 + index * 0.004,
    phase: 0.7 + index * 0.35,
  }),
)
const HOLE = ringPath({ cx: 326, cy: 328, rx: 116, ry: 136, wobble: 0.026, phase: 2.3 })
const EDGE = ringPath({ cx: 316, cy: 317, rx: 119, ry: 139, wobble: 0.026, phase: 2.3 })

/** The picture. */
export function Fence(): JSX.Element {
  return (
    <div class="fence" aria-hidden="true">
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}>
        <clipPath id="hole">
          <path d={HOLE} />
        </clipPath>
        <g class="grain">
          {grainPaths(SIZE, KNOT, 15).map((path) => (
            <path key={path} d={path} />
          ))}
        </g>
        <g class="rings">
          {RINGS.map((path) => (
            <path key={path} d={path} />
          ))}
        </g>
        <g clip-path="url(#hole)">
          <Garden />
          <path class="board-edge" d={`M0 0H640V640H0Z${EDGE}`} fill-rule="evenodd" />
        </g>
        <path class="hole-rim" d={HOLE} />
      </svg>
      <p class="through through-there">Psst. Anyone there?</p>
      <p class="through through-here">Right here. Just us.</p>
    </div>
  )
}

/** What is on the other side: a sky, two hills and a hedge. */
function Garden(): JSX.Element {
  return (
    <>
      <rect class="sky" x="190" y="170" width="280" height="320" />
      <circle class="sun" cx="272" cy="240" r="22" />
      <path class="hill-far" d="M180 350Q260 290 330 330T480 305V500H180Z" />
      <path class="hill-near" d="M180 400Q270 340 350 388T480 372V500H180Z" />
      <path class="hedge" d="M180 452Q250 410 320 440T480 424V500H180Z" />
    </>
  )
}
