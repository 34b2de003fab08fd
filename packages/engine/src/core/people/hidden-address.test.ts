import { describe, expect, test } from 'vitest'
import { withoutAddresses } from './hidden-address.ts'

const host = 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0'
const srflx =
  'candidate:2 1 udp 1686052607 198.51.100.1 50001 typ srflx raddr 192.0.2.1 rport 50000'
const relay =
  'candidate:3 1 udp 41885439 203.0.113.1 60000 typ relay raddr 198.51.100.1 rport 50001'
const bare = 'candidate:3 1 udp 41885439 203.0.113.1 60000 typ relay raddr 0.0.0.0 rport 0'
const steps = { sequence: 1, attempt: 1 }

describe('what is signalled by who hides', () => {
  test('E118: of candidates those of relays, without the address they were asked from', () => {
    const candidates = [host, srflx, relay, ''].map((candidate) => ({ candidate, ufrag: 'u' }))
    expect(withoutAddresses({ type: 'candidates', ...steps, candidates })).toEqual({
      type: 'candidates',
      ...steps,
      candidates: [
        { candidate: bare, ufrag: 'u' },
        { candidate: '', ufrag: 'u' },
      ],
    })
  })

  test('E118: nothing when nothing is left, and no note of the ladder', () => {
    const candidates = [{ candidate: host, ufrag: 'u' }]
    expect(withoutAddresses({ type: 'candidates', ...steps, candidates })).toBe(undefined)
    expect(withoutAddresses({ type: 'note', ...steps, note: new Uint8Array(1) })).toBe(undefined)
  })

  test.each(['offer', 'answer'] as const)('E118: of an %s everything but addresses', (type) => {
    const lines = [
      'v=0',
      'o=- 1 2 IN IP4 127.0.0.1',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 198.51.100.1',
      'a=rtcp:9 IN IP4 198.51.100.1',
      `a=${host}`,
      `a=${srflx}`,
      `a=${relay}`,
      'a=ice-ufrag:abcd',
      '',
    ]
    const rest = { fresh: true, offer: 1 }
    const signal = { type, ...steps, ...rest, sdp: lines.join('\r\n') }
    const told = withoutAddresses(signal)
    expect(told).toMatchObject({ type, ...steps })
    expect(told !== undefined && 'sdp' in told ? told.sdp.split('\r\n') : []).toEqual([
      'v=0',
      'o=- 1 2 IN IP4 127.0.0.1',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      `a=${bare}`,
      'a=ice-ufrag:abcd',
      '',
    ])
  })
})
