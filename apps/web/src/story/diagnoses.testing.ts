// A diagnosis of each kind, for the story book and the tests of its words.
import type { Diagnosis } from '@knothole/traversal/ladder'

/** One for each reason there is. */
export const DIAGNOSES: readonly Diagnosis[] = [
  { reason: 'hidden', side: 'both', help: ['show-address'] },
  { reason: 'udp-blocked', side: 'theirs', help: ['allow-udp', 'other-network'] },
  { reason: 'trying', side: 'both', help: ['wait'] },
  { reason: 'no-hairpin', side: 'both', help: ['same-network', 'ipv6'] },
  { reason: 'pooling', side: 'mine', help: ['port-mapping', 'ipv6', 'other-network'] },
  { reason: 'random-ports', side: 'both', help: ['port-mapping', 'ipv6', 'other-network'] },
  {
    reason: 'browser-forbids',
    side: 'theirs',
    help: ['other-browser', 'port-mapping', 'ipv6', 'other-network'],
  },
  {
    reason: 'tricks-failed',
    side: 'both',
    help: ['save-data-off', 'wait', 'port-mapping', 'ipv6', 'other-network'],
  },
  { reason: 'unexplained', side: 'both', help: ['wait', 'other-network'] },
]
