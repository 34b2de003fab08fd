// For who hides its address: takes every address that is not a relay's out of what is signalled. The
// browser leaves them out by itself (iceTransportPolicy); a promise of this kind is held twice.
import type { Signal } from '@knothole/wire'

/** The signal as it may go out; undefined when nothing is left of it. */
export function withoutAddresses(signal: Signal): Signal | undefined {
  switch (signal.type) {
    case 'offer':
    case 'answer':
      return { ...signal, sdp: signal.sdp.split('\r\n').flatMap(lineOf).join('\r\n') }
    case 'candidates': {
      const candidates = signal.candidates.flatMap(({ candidate, ufrag }) =>
        candidate === '' || isRelay(candidate) ? [{ candidate: bare(candidate), ufrag }] : [],
      )
      return candidates.length === 0 ? undefined : { ...signal, candidates }
    }
    case 'note':
      return undefined
    case 'mesh':
      return signal
  }
}

/** A line of a description: candidates but relays' are left out, addresses elsewhere blanked (RFC 8866). */
function lineOf(line: string): string[] {
  if (line.startsWith('a=candidate:')) return isRelay(line) ? [bare(line)] : []
  if (line.startsWith('a=rtcp:') || line.startsWith('a=remote-candidates:')) return []
  return [line.replace(/^c=IN IP[46] \S+/, 'c=IN IP4 0.0.0.0')]
}

function isRelay(candidate: string): boolean {
  return / typ relay( |$)/.test(candidate)
}

/** A relay candidate also names the address it was asked from (RFC 8839, section 5.1). */
function bare(candidate: string): string {
  return candidate.replace(/ raddr \S+ rport \d+/, ' raddr 0.0.0.0 rport 0')
}
