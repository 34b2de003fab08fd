// A message's text: addresses become links that tell their target nothing, everything else stays
// exactly as written. Text nodes only; nothing a stranger writes is ever parsed as HTML.
import type { JSX } from 'preact'
import { linkify } from './linkify.ts'

/** The text. */
export function MessageText({ text }: { text: string }): JSX.Element {
  return (
    <>
      {linkify(text).map((stretch, index) =>
        stretch.href === undefined ? (
          stretch.text
        ) : (
          <a key={index} href={stretch.href} target="_blank" rel="noopener noreferrer">
            {stretch.text}
          </a>
        ),
      )}
    </>
  )
}
