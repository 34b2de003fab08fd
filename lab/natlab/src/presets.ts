// The places a host of the lab can be in: what their routers are told to do, and the behaviour they
// claim. A claim is only trusted after the self-test has measured it (self-test.ts).

import type { Allocation, Behaviour, Filtering } from './behaviour.ts'

/** How one router translates; turned into nftables rules by ruleset.ts. */
export interface RouterRules {
  /** Linux NAT maps per flow; one that keeps the port behaves as endpoint-independent mapping. */
  readonly allocation: Allocation
  readonly filtering: Filtering
  readonly hairpin: boolean
  /** Only TCP to the web ports gets out. */
  readonly webOnly: boolean
}

/** A place. */
export interface Preset {
  readonly name: PresetName
  /** One line for `--help` and the README. */
  readonly about: string
  /** Routers from the public network inwards; none means a host with a public address. */
  readonly routers: readonly RouterRules[]
  readonly claims: Behaviour
}

/** The names to use with `--pair`. */
export type PresetName =
  | 'cloud'
  | 'home-open'
  | 'home-adf'
  | 'home'
  | 'home-hairpin'
  | 'corporate'
  | 'sequential'
  | 'port-block'
  | 'cgn'
  | 'udp-blocked'

/** The ports a `port-block` router draws from, as a carrier gives them to one subscriber. */
export const PORT_BLOCK: { readonly first: number; readonly last: number } = {
  first: 20_000,
  last: 22_047,
}

/**
 * The ports a `sequential` router counts through. 4000, because nftables refuses a map of 20 000
 * elements in a user namespace.
 */
export const SEQUENTIAL_PORTS: { readonly first: number; readonly count: number } = {
  first: 40_000,
  count: 4_000,
}

const HOME_RULES: RouterRules = {
  allocation: 'preserving',
  filtering: 'address-and-port-dependent',
  hairpin: false,
  webOnly: false,
}

const HOME_CLAIMS = {
  udp: 'open',
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  allocation: 'preserving',
  hairpin: false,
  routers: 1,
  anyTcp: true,
} as const satisfies Behaviour

/** Every preset by name. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  cloud: {
    name: 'cloud',
    about: 'no NAT: a host with a public address',
    routers: [],
    claims: {
      ...HOME_CLAIMS,
      filtering: 'endpoint-independent',
      hairpin: true,
      routers: 0,
    },
  },
  'home-open': {
    name: 'home-open',
    about: 'a router that lets anyone send to a mapped port',
    routers: [{ ...HOME_RULES, filtering: 'endpoint-independent' }],
    claims: { ...HOME_CLAIMS, filtering: 'endpoint-independent' },
  },
  'home-adf': {
    name: 'home-adf',
    about: 'a router that lets only contacted addresses in, from any port',
    routers: [{ ...HOME_RULES, filtering: 'address-dependent' }],
    claims: { ...HOME_CLAIMS, filtering: 'address-dependent' },
  },
  home: {
    name: 'home',
    about: 'the common home router: one external port, only contacted address and port get in',
    routers: [HOME_RULES],
    claims: HOME_CLAIMS,
  },
  'home-hairpin': {
    name: 'home-hairpin',
    about: 'home, and hosts behind it reach each other by their external addresses',
    routers: [{ ...HOME_RULES, hairpin: true }],
    claims: { ...HOME_CLAIMS, hairpin: true },
  },
  corporate: {
    name: 'corporate',
    about: 'a firewall that draws a new random external port for each destination',
    routers: [{ ...HOME_RULES, allocation: 'random' }],
    claims: { ...HOME_CLAIMS, mapping: 'address-and-port-dependent', allocation: 'random' },
  },
  sequential: {
    name: 'sequential',
    about: 'a router that takes the next external port for each destination',
    routers: [{ ...HOME_RULES, allocation: 'sequential' }],
    claims: { ...HOME_CLAIMS, mapping: 'address-and-port-dependent', allocation: 'sequential' },
  },
  'port-block': {
    name: 'port-block',
    about: 'an operator that draws a random port per destination out of 2048',
    routers: [{ ...HOME_RULES, allocation: 'block' }],
    claims: { ...HOME_CLAIMS, mapping: 'address-and-port-dependent', allocation: 'block' },
  },
  cgn: {
    name: 'cgn',
    about: 'a home router behind an operator NAT, both as home',
    routers: [HOME_RULES, HOME_RULES],
    claims: { ...HOME_CLAIMS, routers: 2 },
  },
  'udp-blocked': {
    name: 'udp-blocked',
    about: 'a firewall that passes TCP to the web ports (443, 8080) and nothing else',
    routers: [{ ...HOME_RULES, webOnly: true }],
    claims: { udp: 'blocked', webTcp: true, anyTcp: false },
  },
}

/** The short names of classes, as docs/nat-grid.html uses them, and the places that have them. */
export const CLASS_PRESETS: ReadonlyMap<string, PresetName> = new Map([
  ['O', 'cloud'],
  ['C1', 'home-open'],
  ['C2', 'home-adf'],
  ['C3', 'home'],
  ['Ss', 'sequential'],
  ['Sb', 'port-block'],
  ['Sr', 'corporate'],
])

/** All names, in the order of the README's table. */
export const PRESET_NAMES: readonly PresetName[] = Object.values(PRESETS).map(({ name }) => name)

/** Whether a word names a preset. */
export function isPresetName(word: string): word is PresetName {
  return Object.hasOwn(PRESETS, word)
}
