// Starts the page over the engine, which came before it, and this browser's storage. The only file
// that composes.
import { effect } from '@preact/signals'
import { render } from 'preact'
import { App } from './app.tsx'
import type { EngineFirst } from './engine-first.ts'
import { whenIdle } from './parts/when-idle.ts'
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

/** Whether a screen will be another one before it is read: a join that is under way and going well. */
function isPassing(screen: Screen): boolean {
  return (
    screen.type === 'joining' ||
    (screen.type === 'room' && screen.model.stage.value.type === 'joining')
  )
}

// A room that comes up at once is shown once, when it has; it is built, unseen, while the network works.
let isLate = false
// Ends itself with the first screen that stays; a microtask later, since `show` is not there at once.
const show = effect(() => {
  const unseen = !isLate && isPassing(shell.screen.value)
  root.classList.toggle('unseen', unseen)
  if (!unseen) queueMicrotask(() => show())
})
setTimeout(() => {
  isLate = true
  root.classList.remove('unseen')
}, PASSING_MS)

const draw = (): void => {
  root.replaceChildren()
  render(<App shell={shell} local={local} session={session} />, root)
}
whenIdle(draw, PASSING_MS)
