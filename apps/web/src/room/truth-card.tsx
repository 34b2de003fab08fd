// Where the messages go, as a drawing and a sentence that are true for the links there are now.
import type { Person } from '@knothole/engine'
import type { JSX } from 'preact'
import { allStraight, connectedPeople, truthLine } from './people.ts'

/** The card. */
export function TruthCard(props: { people: readonly Person[]; hidden: boolean }): JSX.Element {
  const { people, hidden } = props
  const linked = connectedPeople(people).length > 0
  const isPassedOn = people.some(({ link }) => link.state === 'through')
  const isRelayed = isPassedOn || (linked && !allStraight(people))
  const way = isRelayed ? 'relayed' : linked ? 'straight' : 'none'
  const middle = isPassedOn ? 'members' : isRelayed ? 'relay' : 'server'
  return (
    <section class="truth" data-way={way}>
      <svg viewBox="0 0 240 64" aria-hidden="true">
        <path class="truth-introduction" d="M34 46Q70 12 120 12T206 46" />
        <path
          class="truth-way"
          d={way === 'relayed' ? 'M34 46Q70 14 120 14T206 46' : 'M34 48H206'}
        />
        <circle class="truth-server" cx="120" cy="13" r="7" />
        <circle class="truth-end" cx="28" cy="48" r="9" />
        <circle class="truth-end" cx="212" cy="48" r="9" />
        <text x="28" y="30" text-anchor="middle">
          you
        </text>
        <text x="212" y="30" text-anchor="middle">
          them
        </text>
        <text x="120" y="36" text-anchor="middle">
          {middle}
        </text>
      </svg>
      <p>{truthLine(people, hidden)}</p>
    </section>
  )
}
