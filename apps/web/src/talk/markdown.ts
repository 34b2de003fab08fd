// A message as blocks: paragraphs, code, quotes, lists. The part of Markdown that people type in a
// conversation; headings, images, tables, HTML and the rest stay as they were typed. Pure.
import { parseInline } from './inline.ts'
import type { Inline } from './inline.ts'

/** One item of a list; `level` is how deep it is indented. */
export interface ListItem {
  readonly level: number
  readonly children: readonly Inline[]
}

/** One block of a message. */
export type Block =
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly type: 'list'
      readonly start: number | undefined
      readonly items: readonly ListItem[]
    }

/** Quotes of quotes beyond this are text: nobody reads them, and somebody may send a thousand. */
const MAX_QUOTES = 3

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/
const QUOTE = /^ {0,3}> ?/
const ITEM = /^( {0,8})(?:[-*+•]|(\d{1,9})[.)]) +(?=\S)/
const BLANK = /^\s*$/

/** The blocks of a text. */
export function parseMarkdown(text: string, quotes = 0): readonly Block[] {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? ''
    if (BLANK.test(line)) {
      at += 1
      continue
    }
    const read = FENCE.test(line)
      ? readCode
      : quotes < MAX_QUOTES && QUOTE.test(line)
        ? readQuote
        : ITEM.test(line)
          ? readList
          : readParagraph
    const [block, next] = read(lines, at, quotes)
    blocks.push(block)
    at = next
  }
  return blocks
}

type Read = readonly [block: Block, next: number]

function readCode(lines: readonly string[], at: number): Read {
  const fence = FENCE.exec(lines[at] ?? '')?.[1] ?? ''
  const closes = (line: string): boolean => {
    const bare = line.trim()
    return bare.startsWith(fence) && bare === fence.charAt(0).repeat(bare.length)
  }
  let end = at + 1
  while (end < lines.length && !closes(lines[end] ?? '')) end += 1
  return [{ type: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1]
}

function readQuote(lines: readonly string[], at: number, quotes: number): Read {
  let end = at
  while (QUOTE.test(lines[end] ?? '')) end += 1
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ''))
  return [{ type: 'quote', blocks: parseMarkdown(inside.join('\n'), quotes + 1) }, end]
}

function readList(lines: readonly string[], at: number): Read {
  const start = ITEM.exec(lines[at] ?? '')?.[2]
  const items: ListItem[] = []
  let end = at
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? ''
    const item = ITEM.exec(line)
    const isSame = item !== null && (item[2] === undefined) === (start === undefined)
    if (!isSame) break
    const level = Math.min(2, Math.floor((item[1] ?? '').length / 2))
    items.push({ level, children: parseInline(line.slice(item[0].length)) })
  }
  return [{ type: 'list', start: start === undefined ? undefined : Number(start), items }, end]
}

function readParagraph(lines: readonly string[], at: number, quotes: number): Read {
  let end = at + 1
  while (end < lines.length && !beginsBlock(lines[end] ?? '', quotes)) end += 1
  return [{ type: 'paragraph', children: parseInline(lines.slice(at, end).join('\n')) }, end]
}

function beginsBlock(line: string, quotes: number): boolean {
  return (
    BLANK.test(line) ||
    FENCE.test(line) ||
    ITEM.test(line) ||
    (quotes < MAX_QUOTES && QUOTE.test(line))
  )
}

/** The text of a message in one line, for a quote or for those who listen. */
export function plainText(text: string): string {
  return parseMarkdown(text).map(blockText).join(' ').replaceAll(/\s+/g, ' ').trim()
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return inlineText(block.children)
    case 'code':
      return block.text
    case 'quote':
      return block.blocks.map(blockText).join(' ')
    case 'list':
      return block.items.map(({ children }) => inlineText(children)).join(', ')
  }
}

/** What is read of pieces of a line. */
export function inlineText(pieces: readonly Inline[]): string {
  return pieces
    .map((piece) => ('children' in piece ? inlineText(piece.children) : piece.text))
    .join('')
}

const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}(?:\p{EMod}|\uFE0F|\u200D\p{Extended_Pictographic})*\s*){1,3}$/u

/** Whether a message is one to three emoji and nothing else: those are drawn large. */
export function isEmojiOnly(text: string): boolean {
  return text.length <= 48 && EMOJI_ONLY.test(text.trim())
}
