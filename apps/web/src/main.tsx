// Starts the page over the engine, which came before it, and this browser's storage. The only file
// that composes.
import { effect, signal, untracked } from '@preact/signals'
import { render } from 'preact'
import { App } from './app.tsx'
import type { EngineFirst } from './engine-first.ts'
import { PASSING_MS } from './room/passing.ts'
import { createShell } from './shell.ts'
import type { Screen } from './shell.ts'
import { keyValueOf } from './storage/key-value.ts'
import './styles/index.css'

const root = document.getElementById('app')
const engineFirst: EngineFirst | undefined = globalThis.knotholeEngine
if (root === null || engineFirst === undefined) throw new Error('this is not the page of the build')
const local = keyValueOf(() => localStorage)
const session = keyValueOf(() => sessionStorage)
const shell = createShell({ ...engineFirst, local, window })

/** A link between neighbours is up by then; any other leaves time to draw. */
const DRAW_AHEAD_MS = 120

/** Whether a screen will be another one before it is read: a join that is under way and going well. */
function isPassing(screen: Screen): boolean {
  return (
    screen.type === 'joining' ||
    (screen.type === 'room' && screen.model.stage.value.type === 'joining')
  )
}

// A room that comes up at once is shown once, when it has. Where the network takes its time, the page is
// built meanwhile, unseen, and shown when it has something to say or the wait deserves words.
let isDrawn = false
const draw = (): void => {
  if (!isDrawn) render(<App shell={shell} local={local} session={session} />, root)
  isDrawn = true
}
const isLate = signal(false)
root.replaceChildren()
effect(() => {
  const unseen = !isLate.value && isPassing(shell.screen.value)
  root.classList.toggle('unseen', unseen)
  if (!unseen) untracked(draw)
})
setTimeout(draw, DRAW_AHEAD_MS)
setTimeout(() => {
  isLate.value = true
}, PASSING_MS)
