// The room's link to hand on: shown, copied, or given to the system's share sheet.
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { announce } from './announcer.tsx'
import { Icon } from './icons.tsx'

const COPIED_MS = 2000

/** The link and what can be done with it. */
export function ShareLink({ link }: { link: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  const copied = useSignal(false)
  useEffect(() => {
    if (!copied.value) return undefined
    const timer = setTimeout(() => (copied.value = false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied.value])
  const copy = async (): Promise<void> => {
    copied.value = await copyText(link, field.current)
    announce(copied.value ? 'Link copied' : 'Press Ctrl+C to copy the selected link')
  }
  return (
    <div class="share-link">
      <div class="link-field">
        <input
          ref={field}
          readOnly
          value={link}
          aria-label="Link to this room"
          onFocus={(event) => event.currentTarget.select()}
        />
        <button class="button button-accent" data-action="copy-link" onClick={() => void copy()}>
          <Icon name={copied.value ? 'check' : 'copy'} />
          {copied.value ? 'Copied' : 'Copy link'}
        </button>
      </div>
      {'share' in navigator && (
        <button class="button button-wide" onClick={() => void systemShare(link)}>
          <Icon name="share" />
          Share…
        </button>
      )}
    </div>
  )
}

/** Copies, or at least selects where the browser forbids it; says whether it copied. */
async function copyText(text: string, field: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    field?.focus()
    field?.select()
    return false
  }
}

async function systemShare(url: string): Promise<void> {
  try {
    await navigator.share({ title: 'Talk to me on Knothole', url })
  } catch (error) {
    // Closing the share sheet is an answer, not a failure.
    if (!(error instanceof DOMException)) throw error
  }
}
