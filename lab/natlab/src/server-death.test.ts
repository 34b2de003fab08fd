import { expect, test } from 'vitest'

import type { Counters, Flow } from './counters.ts'
import { countServerPackets } from './server-death.ts'

function flow(to: string, about: { protocol: string; port: number; packets: number }): Flow {
  return { from: '203.0.113.20', to, bytes: about.packets * 60, ...about }
}

test('sorts packets to the dead server: attempts to come back, STUN, everything else', () => {
  const before: Counters = {
    flows: [flow('203.0.113.10', { protocol: 'tcp', port: 8080, packets: 100 })],
    openings: [],
  }
  const after: Counters = {
    flows: [
      flow('203.0.113.10', { protocol: 'tcp', port: 8080, packets: 105 }),
      flow('203.0.113.11', { protocol: 'udp', port: 3478, packets: 4 }),
      flow('203.0.113.11', { protocol: 'udp', port: 9999, packets: 1 }),
      flow('203.0.113.21', { protocol: 'udp', port: 40_000, packets: 500 }),
    ],
    openings: [flow('203.0.113.10', { protocol: 'tcp', port: 8080, packets: 3 })],
  }
  const counted = countServerPackets(before, after)
  expect(counted).toMatchObject({ reconnectAttempts: 3, stunPackets: 4, otherPackets: 3 })
  expect(counted.flows).toHaveLength(3)
})
