// How it works and what the server sees, for people who want to know before they type.
import type { JSX } from 'preact'
import { HideAddress } from '../parts/hide-address.tsx'
import type { Shell } from '../shell.ts'

const STEPS = [
  {
    title: 'Open a room',
    body: 'Your browser makes a key and puts it after the # in the link. That part is never sent to any server.',
  },
  {
    title: 'Send the link',
    body: 'By any way you trust. Whoever has it can come in with nothing but a browser: no account, no app.',
  },
  {
    title: 'Talk directly',
    body: 'The server introduces you and steps aside. From then on messages go from browser to browser, even if it is switched off.',
  },
] as const

const SEES = [
  'that a room exists, and when it is used',
  'the network addresses of those in it, while they are there',
  'sealed introductions it cannot open',
] as const

const NEVER_SEES = [
  'a single message, or who wrote it',
  'your name',
  'the key in the link, so it cannot come in',
  'any history: there is none to keep',
] as const

/** The section at the end of the first screen. */
export function HowItWorks({ shell }: { shell: Shell }): JSX.Element {
  return (
    <section class="how" id="how" aria-labelledby="how-title">
      <h2 id="how-title">How it works</h2>
      <ol class="steps">
        {STEPS.map((step) => (
          <li key={step.title}>
            <h3>{step.title}</h3>
            <p>{step.body}</p>
          </li>
        ))}
      </ol>
      <div class="sees">
        <section aria-labelledby="sees-title">
          <h3 id="sees-title">The server sees</h3>
          <List items={SEES} />
        </section>
        <section class="sees-never" aria-labelledby="never-title">
          <h3 id="never-title">The server never sees</h3>
          <List items={NEVER_SEES} />
        </section>
      </div>
      <p class="fine">
        People in a room see each other’s network address, as in any direct call, unless they hide
        it. The page itself comes from the server: if you trust nobody’s, run your own.
      </p>
      <HideAddress shell={shell} />
    </section>
  )
}

function List({ items }: { items: readonly string[] }): JSX.Element {
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  )
}
