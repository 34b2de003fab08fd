import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { ALICE, PAPERS, counting } from './golden.testing.ts'
import { MAX_CARD_BYTES, MAX_PAPER_CANDIDATES } from './limits.ts'
import { decodePaper, encodePaper, formatPaper, parsePaper } from './paper.ts'

const invite = PAPERS['invite']
const spot = { kind: 'host', address: '192.0.2.1', port: 1 }

describe('invitations on paper', () => {
  it.each(Object.entries(PAPERS))('W92 reads back %s', (_name, paper) => {
    expect(decodePaper(encodePaper(paper))).toEqual({ ok: true, value: paper })
  })

  it.each<[string, object]>([
    ['another kind', { type: 'note' }],
    ['a short number', { id: counting(7) }],
    ['a card too large', { card: counting(MAX_CARD_BYTES + 1) }],
    ['a line break in the name of the connection', { ufrag: 'abcd\r\na=x' }],
    ['a short password', { password: 'abcdefghijklmnopqrstu' }],
    ['another hash', { fingerprint: counting(20) }],
    ['another role', { setup: 'holdconn' }],
    ['a port that is none', { candidates: [{ ...spot, port: 0 }] }],
    ['a space in an address', { candidates: [{ ...spot, address: '192.0.2.1 typ' }] }],
    ['another kind of address', { candidates: [{ ...spot, kind: 'prflx' }] }],
    [
      'too many addresses',
      { candidates: Array.from({ length: MAX_PAPER_CANDIDATES + 1 }, () => spot) },
    ],
  ])('W92 refuses %s', (_what, change) => {
    expect(decodePaper(encodeCbor({ ...invite, ...change }))).toEqual({
      ok: false,
      fault: 'wrong-shape',
    })
  })

  it('W92 is a text, in which white space does not count', () => {
    const text = formatPaper(ALICE, counting(40))
    expect(text).toMatch(/^knothole\.[\w-]{22}[\w-]{54}$/)
    expect(parsePaper(text)).toEqual({ from: ALICE, sealed: counting(40) })
    const wrapped = ` ${text.slice(0, 20)}\n${text.slice(20, 50)} \t${text.slice(50)}\r\n`
    expect(parsePaper(wrapped)).toEqual({ from: ALICE, sealed: counting(40) })
  })

  it.each([
    ['nothing', ''],
    ['another text', 'hello'],
    ['a link', 'https://k.example/r/AAAAAAAAAAAAAAAAAAAAAA#AAAAAAAAAAAAAAAAAAAAAA'],
    ['one cut short', formatPaper(ALICE, counting(40)).slice(0, 30)],
    ['one without its end', formatPaper(ALICE, counting(40)).slice(0, -1)],
    ['one with something behind it', `${formatPaper(ALICE, counting(40))}.`],
    ['a long text', 'knothole.'.padEnd(20_000, 'A')],
  ])('W92 takes %s for no paper', (_what, text) => {
    expect(parsePaper(text)).toBeUndefined()
  })
})
