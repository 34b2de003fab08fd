import { describe, expect, test } from 'vitest'
import {
  answerFrom,
  credentialsIn,
  fingerprintIn,
  guessedCandidate,
  newCredentials,
  withCredentials,
} from './attempt-description.ts'

const OFFER = [
  'v=0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:old+',
  'a=ice-pwd:0123456789012345678901',
  'a=fingerprint:sha-256 AA:BB',
  'a=setup:actpass',
  '',
].join('\r\n')

const fallingBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => 255 - at)

describe('descriptions of an attempt', () => {
  test('E209: chosen credentials take the place of the browser’s, and nothing else changes', () => {
    const chosen = { ufrag: 'chosen+/', password: 'abcdefghijklmnopqrstuvwx' }
    const munged = withCredentials(OFFER, chosen)
    expect(credentialsIn(munged)).toEqual(chosen)
    expect(
      munged.replace('chosen+/', 'old+').replace(chosen.password, '0123456789012345678901'),
    ).toBe(OFFER)
  })

  test('E209: reads our own description, whatever ends its lines', () => {
    expect(fingerprintIn(OFFER)).toBe('sha-256 AA:BB')
    expect(credentialsIn(OFFER.replaceAll('\r', ''))).toEqual({
      ufrag: 'old+',
      password: '0123456789012345678901',
    })
  })

  test('E209: credentials are random, of ICE’s characters, and long enough', () => {
    const { ufrag, password } = newCredentials(fallingBytes)
    expect(ufrag).toMatch(/^[\w+/]{8}$/)
    expect(password).toMatch(/^[\w+/]{24}$/)
  })

  test('E209: an answer carries the signed fingerprint and no candidate', () => {
    const sdp = answerFrom({ ufrag: 'u', password: 'p' }, 'sha-256 AA:BB', 'active')
    expect(sdp).toContain('a=fingerprint:sha-256 AA:BB\r\na=setup:active\r\n')
    expect(sdp).not.toContain('a=candidate')
  })

  test('E210: guesses rank below what browsers gather, the first above the next', () => {
    const priorities = [0, 1, 299].map((rank) =>
      Number(guessedCandidate('192.0.2.1', 5_000, rank).split(' ')[3]),
    )
    const [first = 0, second = 0, last = 0] = priorities
    expect(first).toBeGreaterThan(second)
    expect(last).toBeGreaterThan(0)
    // The lowest a browser gives to a candidate of type relay: type preference 0, RFC 8445 5.1.2.1.
    expect(first).toBeLessThan(2 ** 16)
  })

  test('E210: a guess names the address in its family', () => {
    expect(guessedCandidate('2001:db8::1', 5_000, 0)).toContain(
      '2001:db8::1 5000 typ srflx raddr ::',
    )
    expect(guessedCandidate('192.0.2.1', 5_000, 0)).toContain('raddr 0.0.0.0 rport 0')
  })
})
