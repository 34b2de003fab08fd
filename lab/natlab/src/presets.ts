// The places a host of the lab can be in: what their routers are told to do, and the behaviour they
// claim. A claim is only trusted after the self-test has measured it (self-test.ts).

import type { Allocation, Behaviour, Filtering, OpenBehaviour } from './behaviour.ts'

/** A run of consecutive ports. */
export interface PortRange {
  readonly first: number
  readonly count: number
}

/** How one router translates; turned into nftables rules by ruleset.ts. */
export interface RouterRules {
  /**
   * Linux NAT maps per flow: `preserving` behaves as endpoint-independent mapping, the others give
   * each destination a port of its own, `per-address` each destination address.
   */
  readonly ports:
    | { readonly type: 'preserving' | 'random' | 'per-address' }
    | { readonly type: 'sequential'; readonly step: number }
    | { readonly type: 'block'; readonly block: PortRange }
  readonly filtering: Filtering
  readonly hairpin: boolean
  /** What gets out: everything, any TCP, or TCP to these ports. */
  readonly passes: 'everything' | 'tcp' | readonly number[]
}

/** A place. */
export interface Preset {
  readonly name: PresetName
  /** One line for `--help` and the README. */
  readonly about: string
  /** The short name docs/nat-grid.html has for it. */
  readonly className?: string
  /** Routers from the public network inwards; none means a host with a public address. */
  readonly routers: readonly RouterRules[]
  /** Its hosts have public IPv6 addresses behind a stateful firewall. */
  readonly ipv6?: boolean
  readonly claims: Behaviour
}

/** The names to use with `--pair`. */
export type PresetName =
  | 'cloud'
  | 'ipv6'
  | 'home-open'
  | 'home-adf'
  | 'home'
  | 'home-hairpin'
  | 'sequential'
  | 'sequential-by-2'
  | 'port-block'
  | 'port-block-1024'
  | 'per-address'
  | 'corporate'
  | 'mobile'
  | 'cgn'
  | 'tcp-only'
  | 'udp-blocked'
  | 'https-only'

/**
 * The ports a `sequential` router counts through. 4000, because nftables refuses a map of 20 000
 * elements in a user namespace.
 */
export const SEQUENTIAL_PORTS: PortRange = { first: 30_000, count: 4_000 }

const BLOCK_FIRST = 20_000

const HOME: RouterRules = {
  ports: { type: 'preserving' },
  filtering: 'address-and-port-dependent',
  hairpin: false,
  passes: 'everything',
}

const HOME_CLAIMS = {
  udp: 'open',
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: 'preserving',
  hairpin: false,
  routers: 1,
  anyTcp: true,
  ipv6: 'none',
} as const satisfies Behaviour

function behind(rules: Partial<RouterRules>): Pick<Preset, 'routers'> {
  return { routers: [{ ...HOME, ...rules }] }
}

/** Behind a router that maps each destination apart. */
function symmetric(ports: RouterRules['ports'], claims: SymmetricClaims): PlaceRules {
  const mapping = 'address-and-port-dependent'
  return { ...behind({ ports }), claims: { ...HOME_CLAIMS, mapping, ...claims } }
}

type PlaceRules = Pick<Preset, 'routers' | 'claims'>
type SymmetricClaims = Partial<OpenBehaviour> & { readonly allocation: Allocation }

function portBlock(count: number): PlaceRules {
  const block = { first: BLOCK_FIRST, count }
  return symmetric({ type: 'block', block }, { allocation: 'block', blockPorts: count })
}

function sequential(step: number): PlaceRules {
  return symmetric({ type: 'sequential', step }, { allocation: 'sequential', step })
}

/** No UDP gets out. */
function blocked(passes: RouterRules['passes'], claims: { anyTcp: boolean }): PlaceRules {
  return {
    ...behind({ passes }),
    claims: { udp: 'blocked', webTcp: true, ipv6: 'none', ...claims },
  }
}

/** Every preset by name, in the order of the README's table. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  cloud: {
    name: 'cloud',
    className: 'O',
    about: 'no NAT: a host with a public address',
    routers: [],
    claims: { ...HOME_CLAIMS, filtering: 'endpoint-independent', hairpin: true, routers: 0 },
  },
  ipv6: {
    name: 'ipv6',
    className: 'F6',
    about: 'public IPv6 behind a stateful firewall; of IPv4 only TCP, as through a translator',
    ...behind({ passes: 'tcp' }),
    ipv6: true,
    claims: { udp: 'blocked', webTcp: true, anyTcp: true, ipv6: 'address-and-port-dependent' },
  },
  'home-open': {
    name: 'home-open',
    className: 'C1',
    about: 'a router that lets anyone send to a mapped port',
    ...behind({ filtering: 'endpoint-independent' }),
    claims: { ...HOME_CLAIMS, filtering: 'endpoint-independent' },
  },
  'home-adf': {
    name: 'home-adf',
    className: 'C2',
    about: 'a router that lets only contacted addresses in, from any port',
    ...behind({ filtering: 'address-dependent' }),
    claims: { ...HOME_CLAIMS, filtering: 'address-dependent' },
  },
  home: {
    name: 'home',
    className: 'C3',
    about: 'the common home router: one external port, only contacted address and port get in',
    ...behind({}),
    claims: HOME_CLAIMS,
  },
  'home-hairpin': {
    name: 'home-hairpin',
    className: 'C3h',
    about: 'home, and hosts behind it reach each other by their external addresses',
    ...behind({ hairpin: true }),
    claims: { ...HOME_CLAIMS, hairpin: true },
  },
  sequential: {
    name: 'sequential',
    className: 'Ss',
    about: 'a router that takes the next external port for each destination',
    ...sequential(1),
  },
  'sequential-by-2': {
    name: 'sequential-by-2',
    className: 'Ss2',
    about: 'a router that takes the next external port but one',
    ...sequential(2),
  },
  'port-block': {
    name: 'port-block',
    className: 'Sb',
    about: 'an operator that draws a random port per destination out of 2048',
    ...portBlock(2048),
  },
  'port-block-1024': {
    name: 'port-block-1024',
    className: 'Sb1024',
    about: 'the same out of 1024',
    ...portBlock(1024),
  },
  'per-address': {
    name: 'per-address',
    className: 'Sa',
    about: 'a router with a random external port for each destination address',
    ...symmetric({ type: 'per-address' }, { mapping: 'address-dependent', allocation: 'random' }),
  },
  corporate: {
    name: 'corporate',
    className: 'Sr',
    about: 'a firewall that draws a new random external port for each destination',
    ...symmetric({ type: 'random' }, { allocation: 'random' }),
  },
  mobile: {
    name: 'mobile',
    className: 'M6',
    about: 'public IPv6 behind a stateful firewall, and IPv4 as corporate: a mobile network',
    ...behind({ ports: { type: 'random' } }),
    ipv6: true,
    claims: {
      ...HOME_CLAIMS,
      mapping: 'address-and-port-dependent',
      allocation: 'random',
      ipv6: 'address-and-port-dependent',
    },
  },
  cgn: {
    name: 'cgn',
    about: 'a home router behind an operator NAT, both as home',
    routers: [HOME, HOME],
    claims: { ...HOME_CLAIMS, routers: 2 },
  },
  'tcp-only': {
    name: 'tcp-only',
    className: 'U',
    about: 'a firewall that passes TCP and no UDP',
    ...blocked('tcp', { anyTcp: true }),
  },
  'udp-blocked': {
    name: 'udp-blocked',
    about: 'a firewall that passes TCP to the web ports (443, 8080) and nothing else',
    ...blocked([443, 8080], { anyTcp: false }),
  },
  'https-only': {
    name: 'https-only',
    className: 'H',
    about: 'a firewall that passes TCP to port 443 and nothing else',
    ...blocked([443], { anyTcp: false }),
  },
}

/** All names, in the order of the README's table. */
export const PRESET_NAMES: readonly PresetName[] = Object.values(PRESETS).map(({ name }) => name)

/** The short names of classes, as docs/nat-grid.html uses them, and the places that have them. */
export const CLASS_PRESETS: ReadonlyMap<string, PresetName> = new Map(
  Object.values(PRESETS).flatMap(({ className, name }) =>
    className === undefined ? [] : [[className, name] as const],
  ),
)

/** Whether a word names a preset. */
export function isPresetName(word: string): word is PresetName {
  return Object.hasOwn(PRESETS, word)
}

/** A place whose routers stand behind another place's: a subscriber of that operator. */
export function presetBehind(inner: Preset, operator: Preset): Preset | undefined {
  const { claims } = inner
  if (claims.udp === 'blocked' || operator.claims.udp === 'blocked') return undefined
  if (inner.routers.length === 0 || operator.routers.length === 0) return undefined
  return {
    name: inner.name,
    about: `${inner.name} behind ${operator.name}`,
    routers: [...operator.routers, ...inner.routers],
    claims: claimsBehind(claims, operator.claims),
  }
}

const NARROWNESS: readonly Filtering[] = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
]

function narrower(one: Filtering, other: Filtering): Filtering {
  return NARROWNESS.indexOf(one) > NARROWNESS.indexOf(other) ? one : other
}

function claimsBehind(inner: OpenBehaviour, operator: OpenBehaviour): OpenBehaviour {
  const mapping = narrower(inner.mapping, operator.mapping)
  const common = {
    udp: 'open' as const,
    mapping,
    filtering: narrower(inner.filtering, operator.filtering),
    // Only the operator knows the public address, so only it can turn packets round.
    hairpin: operator.hairpin,
    routers: inner.routers + operator.routers,
    anyTcp: inner.anyTcp && operator.anyTcp,
    ipv6: 'none' as const,
  }
  const { allocation, step, blockPorts } = operator.allocation === 'preserving' ? inner : operator
  return {
    ...common,
    allocation,
    ...(step === undefined ? {} : { step }),
    ...(blockPorts === undefined ? {} : { blockPorts }),
  }
}
