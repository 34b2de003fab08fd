import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkify } from './linkify.ts'

const links = (text: string): readonly string[] =>
  linkify(text).flatMap(({ text, href }) => (href === undefined ? [] : [text]))

describe('linkify', () => {
  it('finds web addresses among words', () => {
    expect(linkify('see https://a.example/x?y=1#z now')).toEqual([
      { text: 'see ' },
      { text: 'https://a.example/x?y=1#z', href: 'https://a.example/x?y=1#z' },
      { text: ' now' },
    ])
    expect(links('http://a.example and HTTPS://B.EXAMPLE/')).toEqual([
      'http://a.example',
      'HTTPS://B.EXAMPLE/',
    ])
  })

  it('leaves the punctuation of the sentence outside', () => {
    expect(links('Go to https://a.example/x.')).toEqual(['https://a.example/x'])
    expect(links('(https://a.example/x)')).toEqual(['https://a.example/x'])
    expect(links('really https://a.example/x?!')).toEqual(['https://a.example/x'])
    expect(links('https://a.example/Knot_(wood)')).toEqual(['https://a.example/Knot_(wood)'])
  })

  it('makes links of nothing but http and https', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'xhttps://a.example',
      'https://',
      'http://[',
      'www.example.org',
    ])
      expect(links(text)).toEqual([])
  })

  it('gives back any text whole, and only http and https links', () => {
    const parts = constantFrom(
      'https://',
      'http://a',
      '.example',
      '/',
      '(',
      ')',
      ' ',
      '"',
      '<',
      '.',
      'é',
    )
    assert(
      property(
        oneof(
          string(),
          array(parts).map((all) => all.join('')),
        ),
        (text) => {
          const stretches = linkify(text)
          expect(stretches.map((stretch) => stretch.text).join('')).toBe(text)
          for (const { href } of stretches) expect(href ?? 'https://').toMatch(/^https?:\/\//)
        },
      ),
    )
  })
})
