// Finds web addresses in a message. Only http and https become links: nothing a stranger writes may
// run or open anything else. Pure; draws nothing.

/** A stretch of a message: plain text, or a link to itself. */
export interface Stretch {
  readonly text: string
  readonly href?: string | undefined
}

const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`]+/gi

// A sentence's own punctuation after an address is not part of it.
const TRAILING = /[.,;:!?…]+$/

/** The text cut into stretches; joined, they are the text again. */
export function linkify(text: string): readonly Stretch[] {
  const stretches: Stretch[] = []
  let at = 0
  for (const match of text.matchAll(CANDIDATE)) {
    const address = trimmed(match[0])
    const href = webAddress(address)
    if (href === undefined) continue
    if (match.index > at) stretches.push({ text: text.slice(at, match.index) })
    stretches.push({ text: address, href })
    at = match.index + address.length
  }
  if (at < text.length) stretches.push({ text: text.slice(at) })
  return stretches
}

/** Drops punctuation, and closing brackets that were opened before the address began. */
function trimmed(candidate: string): string {
  let address = candidate.replace(TRAILING, '')
  while (/[)\]}]$/.test(address) && unbalanced(address))
    address = address.slice(0, -1).replace(TRAILING, '')
  return address
}

function unbalanced(address: string): boolean {
  const closing = address.at(-1) ?? ''
  const opening = '([{'.charAt(')]}'.indexOf(closing))
  return address.split(closing).length > address.split(opening).length
}

function webAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
    ? url.href
    : undefined
}
