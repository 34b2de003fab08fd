// Grain around an empty place, for a room nobody is in yet. Decorative.
import type { JSX } from 'preact'
import { grainPaths } from './knot.ts'

const SIZE = { width: 640, height: 640 }
const EMPTY = { cx: 320, cy: 320, rx: 205, ry: 185 }
let grain: readonly string[] | undefined

/** Grain around an empty place, for a room nobody is in yet. */
export function Clearing(): JSX.Element {
  grain ??= grainPaths(SIZE, EMPTY, 22)
  return (
    <div class="clearing" aria-hidden="true">
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}>
        <g class="grain">
          {grain.map((path) => (
            <path key={path} d={path} />
          ))}
        </g>
      </svg>
    </div>
  )
}
