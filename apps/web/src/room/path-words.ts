// What the list of people says of a link: how it stands, which way its bytes travel, why not straight, and
// what would help. Typed over the unions of the engine, as words.ts is; comes with the list.
import type { Hindrance, LinkState, LinkStatus, Path, Person } from '@knothole/engine'
import type { Diagnosis, DoctorHelp, DoctorReason, DoctorSide } from '@knothole/traversal/ladder'
import { PATH_IS_STRAIGHT } from '../words.ts'

/** How a person is linked to us, for the people list. */
export const LINK_STATE_WORDS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  unreachable: 'No path yet',
  through: 'Through others',
}

/** How bytes travel: a label for the list and a sentence for those who want to know. */
export const PATH_WORDS: Readonly<Record<Path, { label: string; detail: string }>> = {
  lan: {
    label: 'Same network',
    detail: 'Messages stay inside your network and never touch the internet.',
  },
  direct: {
    label: 'Direct',
    detail: 'Messages go straight from your browser to theirs over the internet.',
  },
  predicted: {
    label: 'Direct',
    detail: 'Messages go straight between you, through a router that was hard to get past.',
  },
  birthday: {
    label: 'Direct',
    detail: 'Messages go straight between you, through two routers that were hard to get past.',
  },
  'member-relay': {
    label: 'Through a member',
    detail: 'Someone else in this room carries your messages, sealed: they cannot read them.',
  },
  turn: {
    label: 'Through a relay',
    detail: 'A relay carries your messages, sealed: it cannot read them.',
  },
  'ws-relay': {
    label: 'Through the server',
    detail: 'The server carries your messages, sealed: it cannot read them.',
  },
}

/** Who carries the bytes of a link that is not straight; `carrier` is the member's name, if it is one. */
export function carriedWords(path: Path, carrier: string | undefined): string {
  return carrier === undefined
    ? PATH_WORDS[path].detail
    : `${carrier} carries your messages, sealed: they cannot read them.`
}

/** Of somebody in a large room with whom there is no link; by whom word of them came last. */
export const THROUGH_WORDS = {
  label: (name: string | undefined): string =>
    name === undefined ? LINK_STATE_WORDS.through : `Through ${name} and others`,
  detail: 'The room is large: everyone is linked to a few, and messages pass from one to the next.',
}

export const DEVICE_WORDS: Readonly<Record<Person['device'], string>> = {
  desktop: 'on a computer',
  phone: 'on a phone',
  node: 'in a terminal',
}

type Told = (name: string) => string

/** Why a link is not straight, by whose network or choice it is. */
const REASON_WORDS: Readonly<Record<DoctorReason, Readonly<Record<DoctorSide, Told>>>> = {
  hidden: {
    mine: () => 'You hide your address.',
    theirs: (name) => `${name} hides their address.`,
    both: () => 'You both hide your addresses.',
  },
  'udp-blocked': {
    mine: () => 'Your network lets little more than web pages through.',
    theirs: (name) => `The network of ${name} lets little more than web pages through.`,
    both: () => 'Both your networks let little more than web pages through.',
  },
  trying: forAll(() => 'A straight way between your networks is still being looked for.'),
  'no-hairpin': forAll(
    () => 'You are behind the same router, and it does not lead back to itself.',
  ),
  pooling: {
    mine: () => 'Your network changes its public address from one moment to the next.',
    theirs: (name) => `The network of ${name} changes its public address all the time.`,
    both: () => 'Both your networks change their public addresses all the time.',
  },
  'random-ports': {
    mine: (name) => `Your router picks its ports at random, and that of ${name} lets no one guess.`,
    theirs: (name) =>
      `The router of ${name} picks its ports at random, and yours lets no one guess.`,
    both: () => 'Both your routers pick their ports at random, too many to guess.',
  },
  'browser-forbids': forAll(
    () => 'Your routers could be got past, but this browser forbids what it takes.',
  ),
  'large-packets': forAll(
    () => 'Something between your networks lets small packets through and loses large ones.',
  ),
  'tricks-failed': forAll(() => 'Your two routers are hard to get past; all tricks failed so far.'),
  unexplained: forAll(() => 'Something between your networks, perhaps a firewall, is in the way.'),
}

function forAll(told: Told): Readonly<Record<DoctorSide, Told>> {
  return { mine: told, theirs: told, both: told }
}

/** What would help, to be put into a sentence; `wait` is a sentence of its own. */
const HELP_WORDS: Readonly<Record<Exclude<DoctorHelp, 'wait'>, string>> = {
  'show-address': 'showing it',
  'allow-udp': 'letting UDP through the firewall',
  'same-network': 'joining the same Wi-Fi',
  'other-network': 'another network, such as a phone’s hotspot',
  'port-mapping': 'UPnP or “full cone NAT” in the router',
  ipv6: 'IPv6 on both sides',
  'other-browser': 'another browser, such as Firefox',
  'save-data-off': 'switching data saving off',
}

const DIAGNOSIS_OF: Readonly<Record<Hindrance, Diagnosis>> = {
  trying: { reason: 'trying', side: 'both', help: ['wait'] },
  hiding: { reason: 'hidden', side: 'mine', help: ['show-address'] },
  'they-hide': { reason: 'hidden', side: 'theirs', help: ['show-address'] },
  'no-path': { reason: 'unexplained', side: 'both', help: ['wait', 'other-network'] },
}

/** More than these are not read; the likeliest to help come first. */
const MAX_HELPS = 2

/** Why a link is not straight and what would help, in a sentence each; undefined where it is. */
export function whyWords(link: LinkStatus, name: string): string | undefined {
  if (link.state === 'connected' && link.path !== undefined && PATH_IS_STRAIGHT[link.path])
    return undefined
  const diagnosis = link.diagnosis ?? (link.hindrance && DIAGNOSIS_OF[link.hindrance])
  if (diagnosis === undefined) return undefined
  const why = REASON_WORDS[diagnosis.reason][diagnosis.side](name)
  const helps = diagnosis.help
    .flatMap((help) => (help === 'wait' ? [] : HELP_WORDS[help]))
    .slice(0, MAX_HELPS)
  const waits = diagnosis.help.includes('wait') && diagnosis.reason !== 'trying'
  const helpful = helps.length > 0 ? ` What would help: ${anyOf(helps)}.` : ''
  return `${why}${waits ? ' It is tried again by itself.' : ''}${helpful}`
}

function anyOf(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} or ${last}`
}
