// Wood, as geometry: growth rings that are never quite round, and grain that flows around a knot as
// water flows around a stone. Deterministic, so that the same seed always draws the same knot. Pure.

/** A closed, slightly irregular ring. Wobbles are fractions of the radius. */
export interface Ring {
  readonly cx: number
  readonly cy: number
  readonly rx: number
  readonly ry: number
  readonly wobble: number
  readonly phase: number
}

const RING_POINTS = 28

/** The path of a ring, smooth through its points. */
export function ringPath(ring: Ring): string {
  const points = Array.from({ length: RING_POINTS }, (_, index): Point => {
    const angle = (index / RING_POINTS) * 2 * Math.PI
    const swell =
      1 +
      ring.wobble * Math.sin(2 * angle + ring.phase) +
      ring.wobble * 0.6 * Math.sin(3 * angle - 1.7 * ring.phase) +
      ring.wobble * 0.3 * Math.sin(5 * angle + 2.3 * ring.phase)
    return [
      ring.cx + ring.rx * swell * Math.cos(angle),
      ring.cy + ring.ry * swell * Math.sin(angle),
    ]
  })
  return `${smooth([...points, ...points.slice(0, 2)])}Z`
}

/** A knot in a board: where it is, and how large it is across and along the grain. */
export interface KnotShape {
  readonly cx: number
  readonly cy: number
  readonly rx: number
  readonly ry: number
}

/** Lines of grain down a board of this size, bent around the knot. */
export function grainPaths(
  size: { readonly width: number; readonly height: number },
  knot: KnotShape,
  spacing: number,
): readonly string[] {
  const paths: string[] = []
  for (let line = -Math.ceil(knot.cx / spacing); ; line += 1) {
    const rest = (line + 0.5) * spacing
    if (knot.cx + rest > size.width + spacing) return paths
    paths.push(grainLine(size.height, knot, rest))
  }
}

const GRAIN_STEP = 14

/** One line of grain that stands `rest` away from the knot's axis far from the knot. */
function grainLine(height: number, knot: KnotShape, rest: number): string {
  const points: Point[] = []
  for (let y = -GRAIN_STEP; y <= height + GRAIN_STEP; y += GRAIN_STEP) {
    const along = (y - knot.cy) / knot.ry
    const drift =
      2.2 * Math.sin(y / 97 + rest / 41) +
      1.3 * Math.sin(y / 41 + rest / 23) +
      3 * Math.sin(y / 230)
    points.push([knot.cx + knot.rx * bent(rest / knot.rx, along) + drift, y])
  }
  return smooth(points)
}

/** Distance from the axis of the streamline `rest` around a unit circle, at height `along`. */
function bent(rest: number, along: number): number {
  const side = Math.sign(rest)
  let low = Math.sqrt(Math.max(0, 1 - along * along))
  let high = Math.abs(rest) + 2
  for (let turn = 0; turn < 18; turn += 1) {
    const middle = (low + high) / 2
    const stream = middle * (1 - 1 / (middle * middle + along * along))
    if (stream < Math.abs(rest)) low = middle
    else high = middle
  }
  return side * low
}

type Point = readonly [x: number, y: number]

/** A curve through the middles of the segments between these points. */
function smooth(points: readonly Point[]): string {
  let path = ''
  points.forEach((point, index) => {
    const next = points[index + 1]
    if (next === undefined) return
    const middle = `${short((point[0] + next[0]) / 2)} ${short((point[1] + next[1]) / 2)}`
    path += index === 0 ? `M${middle}` : `Q${short(point[0])} ${short(point[1])} ${middle}`
  })
  return path
}

const short = (value: number): string => String(Math.round(value * 10) / 10)
