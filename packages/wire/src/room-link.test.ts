import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ROOM, counting } from './golden.testing.ts'
import { formatRoomLink, parseRoomLink } from './room-link.ts'
import type { RoomLink } from './room-link.ts'

const SECRET = 'EBESExQVFhcYGRobHB0eHw'
const link = (origin: string): string => `${origin}/r/${ROOM}#${SECRET}`
const originOf = (text: string): string => {
  const parsed = parseRoomLink(text)
  return typeof parsed === 'string' ? parsed : parsed.origin
}
import { character } from './structures.testing.ts'

describe('room links', () => {
  it('W9 has a host, a room and a secret', () => {
    const parts: RoomLink = { origin: 'https://k.example', room: ROOM, secret: counting(16, 16) }
    expect(formatRoomLink(parts)).toBe(link('https://k.example'))
    expect(parseRoomLink(link('https://k.example'))).toEqual(parts)
  })

  it('W91 has other places of the room behind the secret', () => {
    const parts: RoomLink = {
      origin: 'https://k.example',
      room: ROOM,
      secret: counting(16, 16),
      also: [
        { origin: 'https://b.example:8443', room: ROOM },
        { origin: 'http://[::1]:8080', room: ROOM },
      ],
    }
    const text = `${link('https://k.example')}/b.example:8443/${ROOM}/http:[::1]:8080/${ROOM}`
    expect(formatRoomLink(parts)).toBe(text)
    expect(parseRoomLink(text)).toEqual(parts)
  })

  it.each([
    ['no room', '/b.example'],
    ['an empty room', '/b.example/'],
    ['a room cut short', `/b.example/${ROOM.slice(1)}`],
    ['no host', `//${ROOM}`],
    ['a host that is none', `/a@b.example/${ROOM}`],
    ['a scheme that is none', `/ftp:b.example/${ROOM}`],
    ['something behind it', `/b.example/${ROOM}/`],
    ['too many', `/b.example/${ROOM}`.repeat(4)],
  ])('W91 is cut short when another place has %s', (_what, also) => {
    expect(parseRoomLink(link('https://k.example') + also)).toBe('no-secret')
  })

  it('W9 reads back every link it writes', () => {
    const origin = fc
      .tuple(
        fc.constantFrom('http', 'https'),
        fc.constantFrom(
          'k.example',
          'localhost',
          '192.0.2.1',
          '[2001:db8::1]',
          'xn--bcher-kva.example',
        ),
        fc.integer({ min: 1, max: 65535 }),
      )
      .map(([scheme, host, port]) => new URL(`${scheme}://${host}:${port}`).origin)
    fc.assert(
      fc.property(origin, fc.uint8Array({ minLength: 16, maxLength: 16 }), (origin, secret) => {
        const parts = { origin, room: ROOM, secret: Uint8Array.from(secret) }
        expect(parseRoomLink(formatRoomLink(parts))).toEqual(parts)
      }),
    )
  })

  it.each([
    ['space around it', `\n  ${link('https://k.example')} \t`],
    ['a slash after the room', `https://k.example/r/${ROOM}/#${SECRET}`],
    ['a query, which it drops', `https://k.example/r/${ROOM}?utm_source=mail&x=%20#${SECRET}`],
    ['an upper-case scheme', link('HTTPS://k.example')],
    ['an upper-case host', link('https://K.Example')],
    ["the scheme's own port", link('https://k.example:443')],
  ])('W10 takes a link with %s', (_what, text) => {
    expect(originOf(text)).toBe('https://k.example')
  })

  it.each([
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1', 'http://127.0.0.1'],
    ['http://K.example:80', 'http://k.example'],
    ['https://k.example:80', 'https://k.example:80'],
    ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['https://bücher.example', 'https://bücher.example'],
  ])('W10 writes the origin of %s as %s', (given, origin) => {
    expect(originOf(link(given))).toBe(origin)
  })

  it.each([
    ['no text', ''],
    ['no scheme', link('k.example')],
    ['another scheme', link('ftp://k.example')],
    ['a script', `javascript:alert(1)//r/${ROOM}#${SECRET}`],
    ['no host', link('https://')],
    ['only a port', link('https://:443')],
    ['a user name that looks like a host', link('https://k.example@evil.example')],
    ['a user name and password', link('https://k:p@evil.example')],
    ['a backslash', link('https://evil.example\\.k.example')],
    ['a percent sign in the host', link('https://k%2eexample')],
    ['a space in the host', link('https://k .example')],
    ['an invisible character in the host', link('https://k\u200b.example')],
    ['a direction mark in the host', link('https://\u202ek.example')],
    ['a control character in the host', link('https://k\u0000.example')],
    ['half a pair of brackets', link('https://[::1')],
    ['brackets around a name', link('https://[k.example]')],
    ['port 0', link('https://k.example:0')],
    ['a port too large', link('https://k.example:65536')],
    ['a port that is no number', link('https://k.example:x')],
    ['a port of 20 digits', link(`https://k.example:${'4'.repeat(20)}`)],
    ['a line break inside', `https://k.example/r/${ROOM}\n#${SECRET}`],
    ['two lines', `${link('https://k.example')}\n${link('https://k.example')}`],
    ['more than 2048 characters', link('https://k.example') + ' '.repeat(2048)],
  ])('W10 is no link with %s', (_what, text) => {
    expect(parseRoomLink(text)).toBe('not-a-link')
  })

  it.each([
    ['no path', `https://k.example#${SECRET}`],
    ['another path', `https://k.example/x/${ROOM}#${SECRET}`],
    ['an upper-case path', `https://k.example/R/${ROOM}#${SECRET}`],
    ['a longer path', `https://k.example/r/${ROOM}/x#${SECRET}`],
    ['an empty room', `https://k.example/r/#${SECRET}`],
    ['a room cut short', `https://k.example/r/${ROOM.slice(0, -1)}#${SECRET}`],
    ['a room in another alphabet', `https://k.example/r/${'+'.repeat(22)}#${SECRET}`],
    ['a climbing path', `https://k.example/r/../r/${ROOM}#${SECRET}`],
  ])('W11 names no room with %s', (_what, text) => {
    expect(parseRoomLink(text)).toBe('no-room')
  })

  it.each([
    ['no fragment', `https://k.example/r/${ROOM}`],
    ['an empty fragment', `https://k.example/r/${ROOM}#`],
    ['a secret cut short', link('https://k.example').slice(0, -1)],
    ['a full stop after it', `${link('https://k.example')}.`],
    ['a secret too long', `${link('https://k.example')}AA`],
    ['a secret with stray bits', `https://k.example/r/${ROOM}#${'_'.repeat(22)}`],
    ['a second fragment', `${link('https://k.example')}#x`],
    ['an escaped secret', `https://k.example/r/${ROOM}#%45${SECRET.slice(1)}`],
  ])('W11 has no secret with %s', (_what, text) => {
    expect(parseRoomLink(text)).toBe('no-secret')
  })

  it('W10 agrees with the URL standard on the host, whatever the text', () => {
    const piece = fc.constantFrom(
      'https://',
      'k.example',
      '@',
      '\\',
      ':',
      '443',
      '/r/',
      ROOM,
      '#',
      SECRET,
      '?',
      '[',
      ']',
      '%',
      '.',
      '\u3002',
      ' ',
      'é',
    )
    const near = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    const host = fc
      .array(piece, { maxLength: 4 })
      .map((pieces) => link(`https://k${pieces.join('')}`))
    fc.assert(
      fc.property(fc.oneof(near, host, fc.string({ unit: character })), (text) => {
        const parsed = parseRoomLink(text)
        // A host that no browser takes leads nowhere, so it cannot lead astray.
        if (typeof parsed === 'string' || !URL.canParse(text.trim())) return
        const url = new URL(text.trim())
        expect(new URL(parsed.origin).origin).toBe(url.origin)
        expect(url.pathname.startsWith(`/r/${parsed.room}`)).toBe(true)
        expect(parseRoomLink(formatRoomLink(parsed))).toEqual(parsed)
      }),
      { numRuns: 2000 },
    )
  })
})
