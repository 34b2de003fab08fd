// The doctor's verdicts, words and report, over findings of every kind of network.
import { describe, expect, it } from 'vitest'
import { findingsOf } from '../story/findings.testing.ts'
import type { Findings } from './findings.ts'
import { relayServers } from './relay-servers.ts'
import { verdictOf } from './verdict.ts'
import { chaptersOf, reportText, VERDICT_WORDS } from './words.ts'

const kinds = Object.entries<Findings>(findingsOf)
const linesOf = (findings: Findings) => chaptersOf(findings).flatMap(({ lines }) => lines)
const resultOf = (findings: Findings, id: string): string | undefined =>
  linesOf(findings).find((line) => line.id === id)?.result

describe('doctor', () => {
  it.each(kinds)('comes to the verdict "%s" on such a network', (kind, findings) => {
    expect(verdictOf(findings)).toBe(kind)
  })

  it('has a verdict of its own for each kind of network, in a title and a sentence', () => {
    expect(Object.keys(VERDICT_WORDS).toSorted()).toEqual(Object.keys(findingsOf).toSorted())
    const titles = Object.values(VERDICT_WORDS).map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    for (const { body } of Object.values(VERDICT_WORDS)) expect(body).toMatch(/^[A-Z].*\.$/)
  })

  it.each(kinds)(
    'says of each line what was tried, the result and what it means: %s',
    (_, found) => {
      const lines = linesOf(found)
      expect(lines).toHaveLength(11)
      expect(new Set(lines.map(({ id }) => id)).size).toBe(11)
      for (const { title, tried, result, means, tone } of lines) {
        for (const text of [title, tried, result]) expect(text).not.toBe('')
        expect(means).toMatch(tone === 'running' ? /^$/ : /^[A-Z].*\.$/)
      }
    },
  )

  it('tells times, steps and what is not offered', () => {
    expect(resultOf(findingsOf.easy, 'relay-tls')).toBe('Works · 164 ms')
    expect(resultOf(findingsOf.tricky, 'allocation')).toBe('One after the other, by 2')
    expect(resultOf(findingsOf.unknown, 'relay-udp')).toBe('Not offered here')
    expect(resultOf(findingsOf['web-only'], 'relay-tcp')).toBe('Does not pass')
  })

  it('counts IPv6 as a straight way only where the others have it too', () => {
    const { nat } = findingsOf.shut
    expect(verdictOf({ ...findingsOf.shut, nat: { ...nat, ipv6: true } })).toBe('shut')
  })

  it.each(kinds)('writes a report without addresses: %s', (_, findings) => {
    const text = reportText(findings, verdictOf(findings), 'A browser, version 1')
    expect(text).not.toMatch(/\d{1,3}(?:\.\d{1,3}){3}/)
    expect(text).not.toMatch(/(?:[\da-f]{1,4}:){2,}/i)
    expect(text).not.toContain('20480')
    expect(text).toContain('Relay over TCP: ')
    expect(text).toContain('A browser, version 1')
    expect(text.includes('RFC 4787: UDP')).toBe(findings.nat !== undefined)
  })
})

describe('relays by transport', () => {
  const told = {
    urls: [
      'turn:198.51.100.4:3478?transport=udp',
      'turn:[2001:db8::4]:3478',
      'turn:198.51.100.4:3478?transport=tcp',
      'turns:turn.example:5349?transport=tcp',
      'stun:198.51.100.4:3478',
    ],
    username: '1:a',
    credential: 'secret',
    expiresAtMs: 1,
  }

  it('takes what is reached that way, with the credential', () => {
    expect(relayServers(told, 'udp')).toEqual([
      { urls: [told.urls[0], told.urls[1]], username: '1:a', credential: 'secret' },
    ])
    expect(relayServers(told, 'tcp')?.[0]?.urls).toEqual([told.urls[2]])
    expect(relayServers(told, 'tls')?.[0]?.urls).toEqual([told.urls[3]])
  })

  it('has none where none is offered', () => {
    expect(relayServers(undefined, 'udp')).toBeUndefined()
    expect(relayServers({ ...told, urls: ['turn:a:1?transport=tcp'] }, 'tls')).toBeUndefined()
  })
})
