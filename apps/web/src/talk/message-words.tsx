// What a message says: Markdown as elements. Text nodes and links made here only; nothing a stranger
// writes is ever parsed as HTML.
import type { ComponentChildren, JSX } from 'preact'
import type { Inline } from './inline.ts'
import { isEmojiOnly, parseMarkdown } from './markdown.ts'
import type { Block } from './markdown.ts'

/** The text of a message. */
export function MessageWords({ text }: { text: string }): JSX.Element {
  if (isEmojiOnly(text)) return <p class="big-emoji">{text}</p>
  return <>{parseMarkdown(text).map(blockView)}</>
}

function blockView(block: Block, key: number): JSX.Element {
  switch (block.type) {
    case 'paragraph':
      return <p key={key}>{block.children.map(inlineView)}</p>
    case 'code':
      return (
        <pre key={key}>
          <code>{block.text}</code>
        </pre>
      )
    case 'quote':
      return <blockquote key={key}>{block.blocks.map(blockView)}</blockquote>
    case 'list': {
      const items = block.items.map((item, at) => (
        <li key={at} data-level={item.level || undefined}>
          {item.children.map(inlineView)}
        </li>
      ))
      return block.start === undefined ? (
        <ul key={key}>{items}</ul>
      ) : (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      )
    }
  }
}

function inlineView(piece: Inline, key: number): ComponentChildren {
  switch (piece.type) {
    case 'text':
      return piece.text
    case 'code':
      return <code key={key}>{piece.text}</code>
    case 'link':
      return (
        <a key={key} href={piece.href} target="_blank" rel="noopener noreferrer">
          {piece.text}
        </a>
      )
    case 'strong':
      return <strong key={key}>{piece.children.map(inlineView)}</strong>
    case 'em':
      return <em key={key}>{piece.children.map(inlineView)}</em>
    case 'strike':
      return <s key={key}>{piece.children.map(inlineView)}</s>
  }
}
