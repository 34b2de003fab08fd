// A QR code, drawn here from its modules: the link in it goes to no service. Always dark on white,
// since some cameras read nothing else.
import type { JSX } from 'preact'
import { encode } from 'uqr'

/** Light modules around the code; ISO/IEC 18004 asks for four, the card's padding adds the rest. */
const QUIET = 2

/** The text as a QR code. */
export function Qr({ text, label }: { text: string; label: string }): JSX.Element {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={modulesPath(data)} shape-rendering="crispEdges" />
    </svg>
  )
}

/** One horizontal bar for each run of dark modules. */
export function modulesPath(rows: readonly (readonly boolean[])[]): string {
  let path = ''
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      const from = x
      while (row[x] === true) x += 1
      if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`
    }
  })
  return path
}
