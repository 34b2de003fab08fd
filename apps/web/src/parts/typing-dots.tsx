import type { JSX } from 'preact'

/** Three dots that stand for someone typing. Decorative: the talk says it in words. */
export function TypingDots(): JSX.Element {
  return (
    <span class="typing-dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  )
}
