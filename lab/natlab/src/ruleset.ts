// Writes nftables rulesets as text: a router of a preset, and the packet counters of the public
// network and of hosts. Pure; nothing is run here. Interfaces are `wan` and `lan` by convention.

import { WEB_PORTS } from './addresses.ts'
import { PORT_BLOCK, SEQUENTIAL_PORTS, type RouterRules } from './presets.ts'

const TABLE = 'ip natlab'
/** As long as RFC 4787 (REQ-5) asks a mapping to live at least. */
const MAPPING_TIMEOUT = '120s'

/** The whole ruleset of a router with this external address; loading it replaces an earlier one. */
export function routerRuleset(rules: RouterRules, externalAddress: string): string {
  const { hairpin, filtering } = rules
  const remembersMappings = hairpin || filtering !== 'address-and-port-dependent'
  return replaceTable(TABLE, [
    ...(remembersMappings ? mappingMemory() : []),
    ...block('chain prerouting', [
      'type nat hook prerouting priority -100',
      ...inboundTranslation(filtering),
      ...(hairpin
        ? [
            `iifname "lan" ip daddr ${externalAddress} meta l4proto udp dnat ip to udp dport map @mappings`,
          ]
        : []),
    ]),
    ...block('chain postrouting', [
      'type nat hook postrouting priority 100',
      ...(hairpin
        ? [
            `iifname "lan" oifname "lan" ct status dnat meta l4proto udp snat ip to ${externalAddress}`,
          ]
        : []),
      ...outboundTranslation(rules, externalAddress),
    ]),
    // A router that accepted (or rejected) unasked packets would keep a conntrack entry of the
    // peer's early check, which then takes the port of our own outgoing one.
    ...block('chain input', [
      'type filter hook input priority 0',
      'iifname "wan" ct state established,related accept',
      'iifname "wan" drop',
    ]),
    ...block('chain forward', [
      'type filter hook forward priority 0; policy drop',
      // Invalid packets are not translated and would leave with their private source.
      'ct state invalid drop',
      ...(rules.webOnly ? webOnly() : []),
      'ct state established,related accept',
      'iifname "lan" oifname "wan" accept',
      'ct status dnat accept',
    ]),
  ])
}

/** Counts what enters the public network, per flow, TCP openings apart. `uncounted` is skipped. */
export function coreCounterRuleset(uncountedInterface: string): string {
  return counterRuleset([
    'type filter hook prerouting priority -300',
    `iifname "${uncountedInterface}" return`,
  ])
}

/** Counts what a host sends, per flow, TCP openings apart. */
export function hostCounterRuleset(): string {
  return counterRuleset(['type filter hook output priority 0'])
}

/** The table of the counters, for those who read it. */
export const COUNTER_TABLE = 'ip natlab_counters'

function counterRuleset(head: readonly string[]): string {
  const set = (name: string, type: string): string[] =>
    block(`set ${name}`, [`type ${type}`, 'flags dynamic', 'counter', 'size 65535'])
  return replaceTable(COUNTER_TABLE, [
    ...set('flows', 'ipv4_addr . ipv4_addr . inet_proto . inet_service'),
    ...set('openings', 'ipv4_addr . ipv4_addr . inet_service'),
    ...set('others', 'ipv4_addr . ipv4_addr . inet_proto'),
    ...block('chain count', [
      ...head,
      'meta l4proto { tcp, udp } update @flows { ip saddr . ip daddr . meta l4proto . th dport }',
      'tcp flags & (syn | ack) == syn update @openings { ip saddr . ip daddr . tcp dport }',
      'meta l4proto != { tcp, udp } update @others { ip saddr . ip daddr . meta l4proto }',
    ]),
  ])
}

/**
 * External port to inner address and port, and the outside addresses contacted from each external
 * port. Filled after translation, on every packet, so that traffic keeps an entry alive.
 */
function mappingMemory(): string[] {
  const dynamic = ['flags dynamic,timeout', `timeout ${MAPPING_TIMEOUT}`, 'size 65535']
  return [
    ...block('map mappings', ['type inet_service : ipv4_addr . inet_service', ...dynamic]),
    ...block('set contacted', ['type ipv4_addr . inet_service', ...dynamic]),
    ...block('chain remember', [
      'type filter hook postrouting priority 110',
      remember('original'),
      remember('reply'),
      'oifname "wan" meta l4proto udp update @contacted { ip daddr . udp sport }',
    ]),
  ]
}

function remember(direction: 'original' | 'reply'): string {
  const inner = `ct ${direction} ip saddr . ct ${direction} proto-src`
  const packets = `oifname "wan" meta l4proto udp ct direction ${direction}`
  return `${packets} update @mappings { udp sport : ${inner} }`
}

function inboundTranslation(filtering: RouterRules['filtering']): string[] {
  switch (filtering) {
    case 'endpoint-independent':
      return ['iifname "wan" meta l4proto udp dnat ip to udp dport map @mappings']
    case 'address-dependent':
      return ['iifname "wan" ip saddr . udp dport @contacted dnat ip to udp dport map @mappings']
    case 'address-and-port-dependent':
      return []
  }
}

function outboundTranslation(rules: RouterRules, externalAddress: string): string[] {
  const udp = 'oifname "wan" meta l4proto udp'
  const rest = 'oifname "wan" masquerade'
  switch (rules.allocation) {
    case 'preserving':
      return [rest]
    case 'random':
      return [`${udp} masquerade fully-random`, rest]
    case 'block':
      return [`${udp} masquerade to :${PORT_BLOCK.first}-${PORT_BLOCK.last} fully-random`, rest]
    case 'sequential':
      return [`${udp} snat ip to ${externalAddress}:${nextPortExpression()}`, rest]
  }
}

/** `numgen inc mod N offset P` steps by 256 (a byte order fault of nftables); a map steps by one. */
function nextPortExpression(): string {
  const { first, count } = SEQUENTIAL_PORTS
  const elements = Array.from({ length: count }, (_, index) => `${index} : ${first + index}`)
  return `numgen inc mod ${count} map { ${elements.join(', ')} }`
}

function webOnly(): string[] {
  return ['meta l4proto != tcp drop', `oifname "wan" tcp dport != { ${WEB_PORTS.join(', ')} } drop`]
}

function replaceTable(name: string, body: readonly string[]): string {
  return [`table ${name}`, `delete table ${name}`, ...block(`table ${name}`, body), ''].join('\n')
}

// nft 1.0.6 wants a newline before each closing brace.
function block(head: string, body: readonly string[]): string[] {
  return [`${head} {`, ...body.map((line) => `  ${line}`), '}']
}
