import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Inline } from './inline.ts'
import { parseInline } from './inline.ts'
import { inlineText, isEmojiOnly, parseMarkdown, plainText } from './markdown.ts'
import type { Block } from './markdown.ts'

const text = (text: string): Inline => ({ type: 'text', text })

describe('markdown', () => {
  it.each<[string, readonly Inline[]]>([
    ['plain', [text('plain')]],
    ['**bold**', [{ type: 'strong', children: [text('bold')] }]],
    ['__bold__', [{ type: 'strong', children: [text('bold')] }]],
    ['an *italic* word', [text('an '), { type: 'em', children: [text('italic')] }, text(' word')]],
    ['_italic_.', [{ type: 'em', children: [text('italic')] }, text('.')]],
    ['~~gone~~', [{ type: 'strike', children: [text('gone')] }]],
    ['***both***', [{ type: 'strong', children: [{ type: 'em', children: [text('both')] }] }]],
    [
      '**bold *and italic***',
      [
        {
          type: 'strong',
          children: [text('bold '), { type: 'em', children: [text('and italic')] }],
        },
      ],
    ],
    ['`**code**`', [{ type: 'code', text: '**code**' }]],
    ['`` ` ``', [{ type: 'code', text: '`' }]],
    ['a `b', [text('a `b')]],
  ])('reads %s', (source, pieces) => {
    expect(parseInline(source)).toEqual(pieces)
  })

  it.each([
    'snake_case_name and a_b',
    '2 * 3 * 4',
    'a ** b',
    '*',
    '****',
    '**open',
    '_open and *open too',
  ])('leaves %s as it was typed', (source) => {
    expect(parseInline(source)).toEqual([text(source)])
  })

  it('makes links of web addresses only, and lets no mark into them', () => {
    expect(parseInline('see https://example.org/a_b_c_*x* now')).toEqual([
      text('see '),
      {
        type: 'link',
        text: 'https://example.org/a_b_c_*x*',
        href: 'https://example.org/a_b_c_*x*',
      },
      text(' now'),
    ])
    const hidden = parseInline('[my bank](https://evil.example) [x](javascript:alert(1))')
    expect(inlineText(hidden)).toContain('[my bank](https://evil.example)')
    expect(hidden.filter(({ type }) => type === 'link')).toHaveLength(1)
  })

  it('reads code blocks, quotes and lists, and what stands around them', () => {
    const source =
      'Look:\n```ts\nconst a = 1 < 2\n\n**x**\n```\n> said *you*\n> twice\n\n- one\n  - two\n- three\n\n7. seven'
    const blocks = parseMarkdown(source)
    expect(blocks.map(({ type }) => type)).toEqual(['paragraph', 'code', 'quote', 'list', 'list'])
    expect(blocks[1]).toEqual({ type: 'code', text: 'const a = 1 < 2\n\n**x**' })
    expect(blocks[3]).toMatchObject({ items: [{ level: 0 }, { level: 1 }, { level: 0 }] })
    expect(blocks[4]).toMatchObject({ start: 7 })
  })

  it('keeps line breaks and indentation inside a paragraph', () => {
    const [block] = parseMarkdown('a:\n  6 × b\n  4 × c')
    expect(block).toEqual({ type: 'paragraph', children: [text('a:\n  6 × b\n  4 × c')] })
  })

  it('says a message in one line', () => {
    expect(plainText('**Hi**\n\n> quoted\n\n- a\n- b\n\n```\nx\n```')).toBe('Hi quoted a, b x')
  })

  it.each([
    ['👍', true],
    ['👩‍🚀 ❤️', true],
    ['👍👍👍👍', false],
    ['ok 👍', false],
    ['3', false],
    ['', false],
  ])('knows that %s is emoji only: %s', (source, is) => {
    expect(isEmojiOnly(source)).toBe(is)
  })

  it('never throws, loses no letter, and nests no deeper than it says', () => {
    const pieces = fc.constantFrom(
      '*',
      '**',
      '_',
      '__',
      '~~',
      '`',
      '```',
      '\n',
      '> ',
      '- ',
      '1. ',
      ' ',
      'a',
      'b',
      '<b>',
      'https://x.y/',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const source = parts.join('')
        const blocks = parseMarkdown(source)
        expect(depthOf(blocks)).toBeLessThanOrEqual(4)
        // The first line of a code block names a language, which is not shown.
        const isCode = /(```|~~~)/.test(source)
        expect(isCode || letters(blocks.map(textOf).join('')) === letters(source)).toBe(true)
      }),
    )
  })

  it.each([
    '*a '.repeat(5000),
    '`'.repeat(15_000),
    '** '.repeat(5000),
    '> '.repeat(8000),
    '_*'.repeat(8000),
    '` `` '.repeat(3000),
  ])('takes no longer for what is made to take long (%#)', (source) => {
    // The time of this process alone: others may be busy.
    const before = process.cpuUsage()
    parseMarkdown(source)
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})

const letters = (of: string): string => of.replaceAll(/[^ab]/g, '')

function depthOf(blocks: readonly Block[]): number {
  return Math.max(
    0,
    ...blocks.map((block) => (block.type === 'quote' ? depthOf(block.blocks) : 0) + 1),
  )
}

function textOf(block: Block): string {
  if (block.type === 'code') return block.text
  if (block.type === 'quote') return block.blocks.map(textOf).join('')
  if (block.type === 'list') return block.items.map((item) => inlineText(item.children)).join('')
  return inlineText(block.children)
}
