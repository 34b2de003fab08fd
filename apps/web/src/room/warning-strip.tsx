// One strip above a running conversation: the most pressing thing that is not as it should be.
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import type { Shell } from '../shell.ts'
import { nameList } from '../words.ts'
import { REFUSAL_WORDS, unreachableLine } from './room-words.ts'
import type { RoomModel } from './model.ts'
import { distinctNames } from './people.ts'
import { warningOf } from './stage.ts'
import type { Warning } from './stage.ts'

/** The strip, while there is something to warn of. */
export function WarningStrip({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  const warning = useComputed(() =>
    model.stage.value.type === 'talk' ? warningOf(model.state.value) : undefined,
  )
  const current = warning.value
  return (
    <div class="warning-place" role="status">
      {current && (
        <div class="warning" data-warning={current.type}>
          <Icon name={current.type === 'alone' ? 'people' : 'warning'} />
          <p>
            <WarningWords warning={current} />
          </p>
          {current.type === 'refused' && (
            <button class="button button-quiet" onClick={() => shell.rejoin()}>
              Join again
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function WarningWords({ warning }: { warning: Warning }): JSX.Element {
  switch (warning.type) {
    case 'refused':
      return <>{REFUSAL_WORDS[warning.reason].title}. Those linked to you can still hear you.</>
    case 'server-away':
      return (
        <>
          {warning.linked
            ? 'The server is away. You can keep talking; nobody new can come in until it is back.'
            : 'The server is away, and nobody is linked to you right now.'}{' '}
          <Countdown toMs={warning.retryAtMs} />
        </>
      )
    case 'reconnecting':
      return <>Lost the line to {nameList(distinctNames(warning.who))}. Reconnecting…</>
    case 'unreachable':
      return <>{unreachableLine(nameList(distinctNames(warning.who)))}</>
    case 'alone':
      return <>Everyone has left. The room stays open: the same link brings them back.</>
  }
}

/** Seconds until the next attempt. Hidden from screen readers, which would read every second. */
function Countdown({ toMs }: { toMs: number | undefined }): JSX.Element | null {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  if (toMs === undefined) return null
  const seconds = Math.ceil((toMs - now.value) / 1000)
  return <span aria-hidden="true">{seconds > 0 ? `Next try in ${seconds} s.` : 'Trying now.'}</span>
}
