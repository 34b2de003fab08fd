// Starts the page over the real engine and this browser's storage. The only file that composes.
import { browserFault, createRoom, joinRoom } from '@knothole/engine/browser'
import { render } from 'preact'
import { App } from './app.tsx'
import { readPageConfig } from './config.ts'
import { createShell } from './shell.ts'
import { keyValueOf } from './storage/key-value.ts'
import './styles/index.css'

/** Nobody waits longer than this for the first picture, however busy the join. */
const DRAW_BY_MS = 200

const root = document.getElementById('app')
if (root === null) throw new Error('the page has no #app')
const local = keyValueOf(() => localStorage)
const session = keyValueOf(() => sessionStorage)
const shell = createShell({
  engine: { createRoom, joinRoom, browserFault },
  stunUrls: readPageConfig(document).stunUrls,
  local,
  window,
})
const draw = (): void => {
  root.replaceChildren()
  render(<App shell={shell} local={local} session={session} />, root)
}
// Joining a room has begun and waits for the network, or will in a moment: that is the time to draw.
if ('requestIdleCallback' in window) requestIdleCallback(draw, { timeout: DRAW_BY_MS })
else setTimeout(draw)
