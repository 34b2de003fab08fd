// Starts the page over the engine, which came before it, and this browser's storage. The only file
// that composes.
import { render } from 'preact'
import { App } from './app.tsx'
import type { EngineFirst } from './engine-first.ts'
import { keepCopyLater } from './offline/register.ts'
import { createShell } from './shell.ts'
import { keyValueOf } from './storage/key-value.ts'
import { keepChoice, readChoice } from './storage/choices.ts'
import { keepOwnName } from './storage/own-name.ts'
import './styles/index.css'

const root = document.getElementById('app')
const engineFirst: EngineFirst | undefined = globalThis.knotholeEngine
if (root === null || engineFirst === undefined) throw new Error('this is not the page of the build')
const local = keyValueOf(() => localStorage)
const session = keyValueOf(() => sessionStorage)
const { names } = engineFirst
const tellsRead = readChoice(names, 'tells-read')
await engineFirst.ready
const shell = createShell({
  ...engineFirst,
  ownName: await engineFirst.ownName,
  hidesAddress: await engineFirst.hidesAddress,
  tellsRead: await tellsRead,
  keepName: (chosen) => keepOwnName(names, chosen),
  keepChoice: (choice, isOn) => keepChoice(names, choice, isOn),
  local,
  window,
})

root.replaceChildren()
keepCopyLater()
render(<App shell={shell} local={local} session={session} />, root)
