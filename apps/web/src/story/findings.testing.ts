// What the doctor finds in networks of every kind, for the story book and the tests of its words.
import type { NatReport } from '@knothole/traversal/ladder'
import type { Findings, Trial } from '../doctor/findings.ts'

const passed = (tookMs?: number): Trial => ({ state: 'passed', tookMs })
const failed: Trial = { state: 'failed' }
const missing: Trial = { state: 'missing' }
const untold: Trial = { state: 'untold' }
const running: Trial = { state: 'running' }

const home: NatReport = {
  udp: 'open',
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: 'preserving',
  ipv6: false,
  addresses: ['203.0.113.7'],
  unknown: [],
}

const good: Findings = {
  server: passed(48),
  udp: passed(),
  relay: { udp: passed(63), tcp: passed(118), tls: passed(164) },
  local: passed(22),
  mdns: true,
  hairpin: failed,
  nat: home,
  isDone: true,
}

/** Findings by the kind of network. */
export const findingsOf = {
  running: {
    server: passed(48),
    udp: running,
    relay: { udp: passed(63), tcp: running, tls: running },
    local: passed(22),
    hairpin: running,
    isDone: false,
  },
  easy: good,
  tricky: {
    ...good,
    hairpin: untold,
    nat: {
      ...home,
      mapping: 'address-and-port-dependent',
      allocation: 'sequential',
      delta: 2,
      flowsPerSecond: 3,
      ipv6: true,
    },
  },
  hard: {
    ...good,
    hairpin: untold,
    nat: {
      ...home,
      mapping: 'address-dependent',
      allocation: 'block',
      range: { first: 20_480, last: 20_991 },
    },
  },
  shut: {
    ...good,
    hairpin: untold,
    nat: {
      ...home,
      mapping: 'address-and-port-dependent',
      filtering: 'unknown',
      allocation: 'unknown',
      addresses: ['203.0.113.7', '203.0.113.8'],
      unknown: ['unprobed', 'few-samples'],
    },
  },
  relayed: {
    ...good,
    udp: failed,
    relay: { udp: failed, tcp: passed(131), tls: passed(170) },
    hairpin: untold,
    nat: {
      udp: 'blocked',
      mapping: 'unknown',
      filtering: 'unknown',
      allocation: 'unknown',
      addresses: [],
      unknown: ['silent'],
    },
  },
  'web-only': {
    ...good,
    udp: failed,
    relay: { udp: failed, tcp: failed, tls: failed },
    hairpin: untold,
    nat: {
      udp: 'blocked',
      mapping: 'unknown',
      filtering: 'unknown',
      allocation: 'unknown',
      addresses: [],
      unknown: ['silent'],
    },
  },
  unknown: {
    ...good,
    udp: missing,
    relay: { udp: missing, tcp: missing, tls: missing },
    hairpin: missing,
    nat: undefined,
  },
  offline: {
    server: failed,
    udp: untold,
    relay: { udp: untold, tcp: untold, tls: untold },
    local: passed(22),
    mdns: false,
    hairpin: untold,
    isDone: true,
  },
} as const satisfies Readonly<Record<string, Findings>>
