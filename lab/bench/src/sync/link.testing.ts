// A link of Knothole as a way of the `sync` bench: frames of talk, as rooms send their logs. A link that has
// no room for a frame does not keep it, in a room as here.
import { openKnotholePipe } from '../link/knothole-pipe.testing.ts'
import type { OpenWay } from './way.ts'

export const openWay: OpenWay = ({ onMessage, ...options }) => {
  const pipe = openKnotholePipe({
    ...options,
    onBytes: (_lane, bytes) => onMessage(new Uint8Array(bytes)),
  })
  return {
    open: pipe.open,
    hear: (signal) => pipe.hear(signal),
    send: (message) => void pipe.send('talk', new Uint8Array(message)),
  }
}
