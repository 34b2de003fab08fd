// Writes nftables rulesets as text: a router of a preset, and the packet counters of the public
// network and of hosts. Pure; nothing is run here. Interfaces are `wan` and `lan` by convention.

import { SEQUENTIAL_PORTS, type RouterRules } from './presets.ts'

const TABLE = 'ip natlab'
/** As long as RFC 4787 (REQ-5) asks a mapping to live at least. */
const MAPPING_TIMEOUT_SECONDS = 120

/** What a router's ruleset depends on besides its rules. */
export interface RouterSituation {
  readonly externalAddress: string
  readonly mappingTimeoutSeconds?: number
}

/** The whole ruleset of a router; loading it replaces an earlier one. */
export function routerRuleset(rules: RouterRules, situation: RouterSituation): string {
  const { externalAddress } = situation
  const { hairpin, filtering, passes } = rules
  const remembersMappings = hairpin || filtering !== 'address-and-port-dependent'
  return replaceTable(TABLE, [
    ...(remembersMappings ? mappingMemory(situation.mappingTimeoutSeconds) : []),
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
      ...(passes === 'everything' ? [] : onlyTcp(passes)),
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

function counterRuleset(head: readonly string[]): string {
  return counterTable('ip', head) + counterTable('ip6', head)
}

function counterTable(family: 'ip' | 'ip6', head: readonly string[]): string {
  const address = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'
  const ends = `${family} saddr . ${family} daddr`
  const set = (name: string, type: string): string[] =>
    block(`set ${name}`, [`type ${type}`, 'flags dynamic', 'counter', 'size 65535'])
  return replaceTable(`${family} natlab_counters`, [
    ...set('flows', `${address} . ${address} . inet_proto . inet_service`),
    ...set('openings', `${address} . ${address} . inet_service`),
    ...set('others', `${address} . ${address} . inet_proto`),
    ...block('chain count', [
      ...head,
      `meta l4proto { tcp, udp } update @flows { ${ends} . meta l4proto . th dport }`,
      `tcp flags & (syn | ack) == syn update @openings { ${ends} . tcp dport }`,
      `meta l4proto != { tcp, udp } update @others { ${ends} . meta l4proto }`,
    ]),
  ])
}

/**
 * External port to inner address and port, and the outside addresses contacted from each external
 * port. Filled after translation, on every packet, so that traffic keeps an entry alive.
 */
function mappingMemory(timeoutSeconds = MAPPING_TIMEOUT_SECONDS): string[] {
  const dynamic = ['flags dynamic,timeout', `timeout ${timeoutSeconds}s`, 'size 65535']
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
  switch (rules.ports.type) {
    case 'preserving':
      return [rest]
    case 'random':
      return [`${udp} masquerade fully-random`, rest]
    case 'block': {
      const { first, count } = rules.ports.block
      return [`${udp} masquerade to :${first}-${first + count - 1} fully-random`, rest]
    }
    case 'sequential': {
      const { first, count } = SEQUENTIAL_PORTS
      const next = `numgen inc mod ${count} ${portMap({ first, count, step: rules.ports.step })}`
      return [`${udp} snat ip to ${externalAddress}:${next}`, rest]
    }
    case 'per-address': {
      const hash = `jhash ip saddr . udp sport . ip daddr mod ${HASHED_PORTS.count}`
      return [`${udp} snat ip to ${externalAddress}:${hash} ${portMap(HASHED_PORTS)}`, rest]
    }
  }
}

/**
 * Spread over all ports, in as few elements as a user namespace allows. The kernel draws the hash's
 * seed when the rules are loaded.
 */
const HASHED_PORTS = { first: 1100, count: 4000, step: 16 }

/** `numgen inc mod N offset P` steps by 256 (a byte order fault of nftables); a map is exact. */
function portMap(ports: { first: number; count: number; step: number }): string {
  const elements = Array.from(
    { length: ports.count },
    (_, index) => `${index} : ${ports.first + ports.step * index}`,
  )
  return `map { ${elements.join(', ')} }`
}

function onlyTcp(passes: 'tcp' | readonly number[]): string[] {
  const ports = passes === 'tcp' ? [] : [`oifname "wan" tcp dport != { ${passes.join(', ')} } drop`]
  return ['meta l4proto != tcp drop', ...ports]
}

/** A router that lets nothing through in silence, beside its other rules; or does no longer. */
export function cutRuleset(isCut: boolean): string {
  return replaceTable(
    'inet natlab_cut',
    isCut ? block('chain forward', ['type filter hook forward priority -300; policy drop']) : [],
  )
}

/** A router that passes no UDP to or from these addresses, in silence; or does again, for none. */
export function apartRuleset(addresses: readonly string[]): string {
  const lines = addresses.flatMap((address) =>
    ['saddr', 'daddr'].map((end) => `ip ${end} ${address} meta l4proto udp drop`),
  )
  const chain = block('chain forward', ['type filter hook forward priority -300', ...lines])
  return replaceTable('inet natlab_apart', addresses.length === 0 ? [] : chain)
}

/** A router that drops UDP packets of more than so many bytes of payload, in silence. */
export function narrowRuleset(payloadBytes: number): string {
  const UDP_HEADER_BYTES = 8
  return replaceTable(
    'inet natlab_narrow',
    block('chain forward', [
      'type filter hook forward priority -300',
      `udp length > ${payloadBytes + UDP_HEADER_BYTES} drop`,
    ]),
  )
}

/** A stateful firewall for hosts with public IPv6 addresses: nothing comes in unasked. */
export function firewallRuleset(): string {
  return replaceTable('ip6 natlab', [
    ...block('chain input', [
      'type filter hook input priority 0',
      'meta l4proto ipv6-icmp accept',
      'iifname "wan" drop',
    ]),
    ...block('chain forward', [
      'type filter hook forward priority 0; policy drop',
      'ct state invalid drop',
      'ct state established,related accept',
      'iifname "lan" oifname "wan" accept',
    ]),
  ])
}

function replaceTable(name: string, body: readonly string[]): string {
  return [`table ${name}`, `delete table ${name}`, ...block(`table ${name}`, body), ''].join('\n')
}

// nft 1.0.6 wants a newline before each closing brace.
function block(head: string, body: readonly string[]): string[] {
  return [`${head} {`, ...body.map((line) => `  ${line}`), '}']
}
