// Names the path of a link from the candidate pair ICE selected.
import type { PairStats } from '../../ports/index.ts'
import type { Path } from '../room-state.ts'

/** The path of a selected pair. */
export function pathOf(pair: PairStats): Path {
  if (pair.localType === 'relay' || pair.remoteType === 'relay') return 'turn'
  const { remoteAddress } = pair
  // A host candidate is reached by its mDNS name, which only neighbours resolve, or by its address,
  // which may be public. A peer-reflexive one with a private address is a neighbour without mDNS. Our own
  // host candidate counts as peer-reflexive for good where an answer came before its mDNS name was made.
  const named =
    remoteAddress === undefined || remoteAddress === '' || remoteAddress.endsWith('.local')
  const isOurs = pair.localType === 'host' || pair.localType === 'prflx'
  if (named) return isOurs && pair.remoteType === 'host' ? 'lan' : 'direct'
  return isPrivate(remoteAddress) ? 'lan' : 'direct'
}

/** Private and link-local ranges: RFC 1918, RFC 3927, RFC 4193, RFC 4291; loopback too. */
function isPrivate(address: string): boolean {
  return /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i.test(
    address,
  )
}
