// A QR code's modules as the path of a drawing. Fetched when a code is shown first: a guest, who comes
// by a link, needs none.
import { encode } from 'uqr'

/** Light modules around the code; ISO/IEC 18004 asks for four, the card's padding adds the rest. */
const QUIET = 2

export interface QrCode {
  /** Modules from edge to edge. */
  readonly size: number
  readonly path: string
}

/** The code of a text. */
export function qrCodeOf(text: string): QrCode {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  return { size, path: modulesPath(data) }
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
