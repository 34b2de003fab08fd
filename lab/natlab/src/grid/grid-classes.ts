// The classes of the grid in words: what each does and which real equipment behaves so.

import type { Place } from '../place.ts'
import type { GridClass } from './grid-data.ts'

/** Real equipment by class name. */
const LIKE: Readonly<Record<string, string>> = {
  O: 'a server, a host with port forwarding, some campuses',
  F6: 'an IPv6-only or mostly-IPv6 access with the firewall of its router',
  C1: 'routers in gaming mode ("full cone"), some CGNs that keep to RFC 6888',
  C2: 'some older home routers',
  C3: 'most home routers, phones sharing their connection, Linux and pf at home',
  C3h: 'better home routers, which turn packets round',
  'C3/C3': 'a home router behind an operator NAT (CGN) that keeps ports',
  'C3/Ss': 'a home router behind an older operator NAT',
  'C3/Sb': 'a home router behind an operator NAT with port blocks (RFC 7422)',
  'C3/Sr': 'a home router behind a strict operator NAT; a phone sharing a strict mobile network',
  Ss: 'older home routers and operator NATs that count up',
  Ss2: 'the same, keeping ports even or odd',
  Sa: 'some firewalls; one port per destination address',
  Sb: 'operator NATs that give a subscriber a block of ports, mobile networks',
  Sb1024: 'the same with a smaller block',
  Sr: 'corporate firewalls, cloud NAT gateways, pf with random ports, strict mobile networks',
  M6: 'mobile networks with IPv6',
  U: 'offices and hotels that block UDP',
  H: 'locked-down offices: only the web',
}

/** A place as a class of the grid. */
export function gridClass({
  label,
  preset,
  flowsPerSecond,
  mappingTimeoutSeconds,
}: Place): GridClass {
  const special = [
    ...(flowsPerSecond > 0 ? [`others behind it open ${flowsPerSecond} flows a second`] : []),
    ...(mappingTimeoutSeconds === undefined
      ? []
      : [`mappings are forgotten after ${mappingTimeoutSeconds} s`]),
  ]
  const base = label.replace(/[+@].*$/, '')
  return { label, about: [preset.about, ...special].join('; '), like: LIKE[base] ?? '' }
}
