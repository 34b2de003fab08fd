// What stands inside a line of a message: emphasis, code, web addresses. A subset of CommonMark, read
// in one pass whose time grows with the length of the text alone; whatever does not match stays as it
// was typed. Knows no HTML, and no link that says another address than it leads to. Pure.
import { linkify } from '../room/linkify.ts'

/** A piece of a line. */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly href: string }
  | { readonly type: 'strong' | 'em' | 'strike'; readonly children: readonly Inline[] }

type Mark = '**' | '__' | '*' | '_' | '~~'

const MARKED = { '**': 'strong', __: 'strong', '*': 'em', _: 'em', '~~': 'strike' } as const

const MARKS = /[*_]+|~~/g
const WORD = /[\p{L}\p{N}]/u

/** The pieces of a line or of several. */
export function parseInline(text: string): readonly Inline[] {
  const emphasis = new Emphasis()
  for (const piece of codePieces(text)) {
    if (piece.type === 'code') emphasis.add(piece)
    else
      for (const { text, href } of linkify(piece.text))
        if (href === undefined) emphasis.read(text)
        else emphasis.add({ type: 'link', text, href })
  }
  return emphasis.end()
}

/** Cuts at code spans (CommonMark 6.1): a run of backticks up to the next run of the same length. */
function codePieces(text: string): readonly { type: 'text' | 'code'; text: string }[] {
  const runs = [...text.matchAll(/`+/g)]
  const next = nextOfSameLength(runs.map(([run]) => run.length))
  const pieces: { type: 'text' | 'code'; text: string }[] = []
  let from = 0
  for (let at = 0; at < runs.length; at += 1) {
    const [open, close] = [runs[at], runs[next[at] ?? -1]]
    if (open === undefined || close === undefined) continue
    const begin = open.index + open[0].length
    pieces.push({ type: 'text', text: text.slice(from, open.index) })
    pieces.push({ type: 'code', text: codeText(text.slice(begin, close.index)) })
    from = close.index + close[0].length
    at = next[at] ?? at
  }
  pieces.push({ type: 'text', text: text.slice(from) })
  return pieces.filter((piece) => piece.text !== '')
}

function nextOfSameLength(lengths: readonly number[]): readonly (number | undefined)[] {
  const seen = new Map<number, number>()
  const next: (number | undefined)[] = []
  for (let at = lengths.length - 1; at >= 0; at -= 1) {
    const length = lengths[at] ?? 0
    next[at] = seen.get(length)
    seen.set(length, at)
  }
  return next
}

/** A space on both sides lets a span begin or end with a backtick. */
function codeText(text: string): string {
  return /^ .*[^ ].* $/s.test(text) ? text.slice(1, -1) : text
}

interface Open {
  readonly mark: Mark | undefined
  readonly children: Inline[]
}

/** Nests pieces between marks. Each mark is open at most once, so the nesting is bounded. */
class Emphasis {
  readonly #open: Open[] = [{ mark: undefined, children: [] }]

  add(piece: Inline): void {
    const children = this.#open.at(-1)?.children
    const last = children?.at(-1)
    if (piece.type === 'text' && last?.type === 'text')
      children?.splice(-1, 1, { type: 'text', text: last.text + piece.text })
    else children?.push(piece)
  }

  read(text: string): void {
    let from = 0
    for (const match of text.matchAll(MARKS)) {
      const [run] = match
      if (match.index > from) this.add({ type: 'text', text: text.slice(from, match.index) })
      const before = text.charAt(match.index - 1)
      const after = text.charAt(match.index + run.length)
      this.#mark(run, before, after)
      from = match.index + run.length
    }
    if (from < text.length) this.add({ type: 'text', text: text.slice(from) })
  }

  end(): readonly Inline[] {
    while (this.#open.length > 1) this.#giveUp()
    return this.#open[0]?.children ?? []
  }

  #mark(run: string, before: string, after: string): void {
    // Underscores inside a word are part of it, unlike asterisks (CommonMark 6.2).
    const [canOpen, canClose] = run.startsWith('_')
      ? [!WORD.test(before), !WORD.test(after)]
      : [true, true]
    let rest = run
    if (run.length <= 3) {
      if (canClose && isSolid(before)) rest = this.#close(rest)
      if (canOpen && isSolid(after)) rest = this.#begin(rest)
    }
    if (rest !== '') this.add({ type: 'text', text: rest })
  }

  /** Closes what a run closes, innermost first; the answer is what is left of it. */
  #close(run: string): string {
    let rest = run
    for (;;) {
      const mark = this.#open.at(-1)?.mark
      const closes = mark !== undefined && rest.startsWith(mark) ? mark : this.#outer(rest)
      if (closes === undefined) return rest
      while (this.#open.at(-1)?.mark !== closes) this.#giveUp()
      const { children } = this.#open.pop() ?? { children: [] }
      this.add({ type: MARKED[closes], children })
      rest = rest.slice(closes.length)
    }
  }

  /** A mark further out that the whole run closes. */
  #outer(run: string): Mark | undefined {
    return this.#open.find(({ mark }) => mark === run)?.mark
  }

  #begin(run: string): string {
    let rest = run
    for (const mark of rest.length === 3 ? [rest.slice(0, 2), rest.slice(0, 1)] : [rest]) {
      if (!(mark in MARKED) || this.#open.some((open) => open.mark === mark)) break
      this.#open.push({ mark: mark as Mark, children: [] })
      rest = rest.slice(mark.length)
    }
    return rest
  }

  /** The innermost mark was none: it stays as it was typed. */
  #giveUp(): void {
    const open = this.#open.pop()
    if (open?.mark !== undefined) this.add({ type: 'text', text: open.mark })
    for (const piece of open?.children ?? []) this.add(piece)
  }
}

function isSolid(character: string): boolean {
  return character !== '' && !/\s/.test(character)
}
