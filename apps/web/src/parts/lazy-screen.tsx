// A screen whose code is a part of its own: the screen, or what there is to see until it is here.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Shell } from '../shell.ts'
import { SERVER_AWAY } from '../words.ts'
import type { LazyPart } from './lazy-part.ts'
import { Opening, Stopped } from './whole-window.tsx'

/** A part that could not be fetched is had by reading the page anew. */
const MISSING = { ...SERVER_AWAY, next: ['reload'] } as const

/** The screen, drawn by `children` once the part is here. */
export function LazyScreen<Part>(props: {
  part: LazyPart<Part>
  shell: Shell
  children: (part: Part) => JSX.Element
}): JSX.Element {
  const { part, shell, children } = props
  const state = useSignal<'loading' | 'here' | 'missing'>('loading')
  useEffect(() => {
    const load = async (): Promise<void> => {
      state.value = (await part.load()) === undefined ? 'missing' : 'here'
    }
    void load()
  }, [part])
  if (part.now !== undefined) return children(part.now)
  if (state.value === 'missing') return <Stopped notice={MISSING} shell={shell} />
  return <Opening title="One moment…" />
}
