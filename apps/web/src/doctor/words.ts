// The doctor in words: each finding as what was tried, what came of it and what that means for talking
// directly; the verdict; the report to copy. Typed over the findings, so that none goes without words.
// Nothing here names an address.
import type { Allocation, Dependence, NatReport } from '@knothole/traversal/ladder'
import type { Findings, RelayTransport, Trial } from './findings.ts'
import { RELAY_TRANSPORTS } from './relay-servers.ts'
import type { Verdict } from './verdict.ts'

/** How a line looks. `plain`: neither good nor bad. */
export type Tone = 'running' | 'good' | 'fair' | 'bad' | 'plain'

/** One thing tried. */
export interface Line {
  readonly id: string
  readonly title: string
  readonly tried: string
  readonly result: string
  readonly means: string
  readonly tone: Tone
}

/** Lines that belong together. */
export interface Chapter {
  readonly title: string
  readonly lines: readonly Line[]
}

export const VERDICT_WORDS: Readonly<Record<Verdict, { title: string; body: string; tone: Tone }>> =
  {
    running: {
      title: 'Listening at the fence…',
      body: 'Each way out of your network is being tried. This takes a few seconds.',
      tone: 'running',
    },
    easy: {
      title: 'You can talk directly with almost everyone',
      body: 'Your network keeps one open door for all: a straight way is usually found at once.',
      tone: 'good',
    },
    tricky: {
      title: 'You can talk directly with most people',
      body: 'Your router opens a new door for each conversation, but in order: Knothole foresees the next one.',
      tone: 'good',
    },
    hard: {
      title: 'You can talk directly with many people',
      body: 'Your router picks its doors at random. Knothole tries many at once, which takes seconds; meanwhile, and where it fails, a relay carries your words, sealed.',
      tone: 'fair',
    },
    shut: {
      title: 'A relay will often carry your words',
      body: 'Your router cannot be foreseen. You talk with everyone all the same: a relay carries your words, sealed, and cannot read them.',
      tone: 'fair',
    },
    relayed: {
      title: 'A relay will carry your words',
      body: 'Your network lets no UDP out, so there is no straight way. You talk with everyone all the same, a little slower: the relay cannot read what it carries.',
      tone: 'fair',
    },
    'web-only': {
      title: 'The server will carry your words',
      body: 'Your network lets little more than web pages through. You talk with everyone all the same, a little slower: the server cannot read what it carries.',
      tone: 'fair',
    },
    unknown: {
      title: 'Nothing found stands against talking directly',
      body: 'This server cannot tell how your router behaves, so it is not certain either. Open a room and see.',
      tone: 'plain',
    },
    offline: {
      title: 'The server cannot be reached',
      body: 'Little can be tested without it. Check your connection, then test again.',
      tone: 'bad',
    },
  }

/** Everything found, in chapters. */
export function chaptersOf(findings: Findings): readonly Chapter[] {
  return [
    { title: 'Ways out', lines: waysOut(findings) },
    { title: 'Your router', lines: router(findings) },
    { title: 'Close by', lines: closeBy(findings) },
  ]
}

/** What is said of a line whatever comes of it. */
type Asked = Pick<Line, 'id' | 'title' | 'tried'>

/** What a trial means when it passes and when it does not. */
interface Meaning {
  readonly passed: string
  readonly failed: string
}

function waysOut({ server, udp, relay }: Findings): readonly Line[] {
  const websocket = {
    id: 'websocket',
    title: 'The server',
    tried: 'A room of its own, by WebSocket',
  }
  const stun = { id: 'udp', title: 'UDP', tried: 'A question to the server, by STUN' }
  return [
    trialLine(websocket, server, {
      passed: 'You can be introduced to others, and where nothing else passes, your words can.',
      failed: 'Nobody can be introduced to you until it answers.',
    }),
    trialLine(stun, udp, {
      passed: 'What straight ways are made of gets out.',
      failed: 'Straight ways are made of it: all your conversations will be relayed.',
    }),
    ...RELAY_TRANSPORTS.map((transport) => relayLine(transport, relay[transport])),
  ]
}

const RELAY_MEANS: Readonly<Record<RelayTransport, string>> = {
  udp: 'The quickest way round where no straight one exists.',
  tcp: 'The way round on networks that let no UDP out.',
  tls: 'The way round on networks that look into what they let out.',
}

function relayLine(transport: RelayTransport, trial: Trial): Line {
  const title = `Relay over ${transport.toUpperCase()}`
  const tried = 'A word there and back, by TURN'
  return trialLine({ id: `relay-${transport}`, title, tried }, trial, {
    passed: RELAY_MEANS[transport],
    failed: 'This way round is closed on your network; others may be open.',
  })
}

function closeBy({ local, mdns, hairpin }: Findings): readonly Line[] {
  const names = mdns === true ? ' Names stand in for your local addresses (mDNS).' : ''
  const near = { id: 'local', title: 'Same network', tried: 'Two connections here, no server' }
  return [
    trialLine(near, local, {
      passed: `People on your Wi-Fi are reached without leaving it.${names}`,
      failed: 'This browser, or an extension, keeps to itself: even neighbours go round.',
    }),
    hairpinLine(hairpin),
  ]
}

function hairpinLine(trial: Trial): Line {
  const title = 'Back through the router'
  const tried = 'From one public port of yours to another'
  const told = trialLine({ id: 'hairpin', title, tried }, trial, {
    passed: 'Someone behind the same router or provider can be reached directly.',
    failed: 'As with most routers. Someone behind the same one is met on its local network.',
  })
  return trial.state === 'failed' ? { ...told, result: 'No', tone: 'plain' } : told
}

const TRIAL_WORDS: Readonly<Record<Trial['state'], string>> = {
  running: 'Trying…',
  passed: 'Works',
  failed: 'Does not pass',
  missing: 'Not offered here',
  untold: 'Cannot be told',
}

const TRIAL_TONES: Readonly<Record<Trial['state'], Tone>> = {
  running: 'running',
  passed: 'good',
  failed: 'bad',
  missing: 'plain',
  untold: 'plain',
}

function trialLine(asked: Asked, trial: Trial, meaning: Meaning): Line {
  const { state } = trial
  const told: Readonly<Record<Trial['state'], string>> = {
    ...meaning,
    running: '',
    missing: 'This server does not offer it.',
    untold: 'There was nothing to tell it by.',
  }
  const tookMs = state === 'passed' ? trial.tookMs : undefined
  const time = tookMs === undefined ? '' : ` · ${Math.max(1, Math.round(tookMs))} ms`
  return {
    ...asked,
    result: TRIAL_WORDS[state] + time,
    means: told[state],
    tone: TRIAL_TONES[state],
  }
}

type Told = readonly [result: string, means: string, tone: Tone]

const MAPPING_WORDS: Readonly<Record<Dependence, Told>> = {
  'endpoint-independent': ['One for all', 'Others reach the door the server saw.', 'good'],
  'port-independent': [
    'One for all, as far as one server address can tell',
    'Others will probably reach the door the server saw.',
    'good',
  ],
  'address-dependent': [
    'A new one for each address',
    'The door the server saw is not the one others need: it has to be foreseen.',
    'fair',
  ],
  'address-and-port-dependent': [
    'A new one for each destination',
    'The door the server saw is not the one others need: it has to be foreseen.',
    'fair',
  ],
  unknown: ['Cannot be told', 'The server has too few addresses and ports to tell.', 'plain'],
}

const FILTERING_WORDS: Readonly<Record<Dependence, Told>> = {
  'endpoint-independent': ['Anyone', 'Whoever knows your door comes in.', 'good'],
  'address-dependent': [
    'Whom you called on, from any port',
    'Even hard routers reach you.',
    'good',
  ],
  'port-independent': ['Whom you called on, from any port', 'Even hard routers reach you.', 'good'],
  'address-and-port-dependent': [
    'Only exactly whom you called on',
    'As in most homes: both sides call at once, and meet.',
    'good',
  ],
  unknown: ['Cannot be told', 'The server could not knock on its own.', 'plain'],
}

const ALLOCATION_WORDS: Readonly<Record<Allocation, Told>> = {
  preserving: ['Kept as they are', 'Nothing to guess.', 'good'],
  sequential: ['One after the other', 'The next one is foreseen in a tenth of a second.', 'good'],
  block: ['At random, from a small block', 'Found by trying many at once, in seconds.', 'fair'],
  random: ['At random', 'Found by trying very many at once, if at all.', 'fair'],
  unknown: ['Cannot be told', 'Of no matter while there is one door for all.', 'plain'],
}

function router({ nat, isDone }: Findings): readonly Line[] {
  return ROUTER_LINES.map(({ tell, ...asked }) => {
    const [result, means, tone] = nat === undefined ? untold(isDone) : tell(nat)
    return { ...asked, result, means, tone }
  })
}

function untold(isDone: boolean): Told {
  return isDone
    ? ['Cannot be told', 'No STUN server answered.', 'plain']
    : ['Trying…', '', 'running']
}

const mappingOf = ({ mapping }: NatReport): Told => MAPPING_WORDS[mapping]

const filteringOf = ({ filtering }: NatReport): Told => FILTERING_WORDS[filtering]

function allocationOf({ allocation, delta }: NatReport): Told {
  const [result, means, tone] = ALLOCATION_WORDS[allocation]
  return delta === undefined ? [result, means, tone] : [`${result}, by ${delta}`, means, tone]
}

function ipv6Of({ ipv6 }: NatReport): Told {
  if (ipv6 === undefined) return ['Not offered here', 'This server has no IPv6 to ask.', 'plain']
  if (ipv6) return ['Works', 'With others who have it there is no router to get past.', 'good']
  return ['Not here', 'With it, on both sides, there would be no router to get past.', 'plain']
}

const ROUTER_LINES: readonly (Asked & { readonly tell: (nat: NatReport) => Told })[] = [
  {
    id: 'mapping',
    title: 'Your door',
    tried: 'Several servers were asked what they saw',
    tell: mappingOf,
  },
  {
    id: 'filtering',
    title: 'Who may come in',
    tried: 'The server knocked from elsewhere',
    tell: filteringOf,
  },
  {
    id: 'allocation',
    title: 'Its numbers',
    tried: 'Ports, in the order they came',
    tell: allocationOf,
  },
  { id: 'ipv6', title: 'IPv6', tried: 'A question to the server, by IPv6', tell: ipv6Of },
]

/** The findings as text to hand to someone who can help. Without addresses, names and keys. */
export function reportText(findings: Findings, verdict: Verdict, browser: string): string {
  const rows = chaptersOf(findings).flatMap(({ title, lines }) => [
    '',
    title,
    ...lines.map((line) => `  ${line.title}: ${line.result}`),
  ])
  const { nat } = findings
  const report = nat === undefined ? [] : ['', `RFC 4787: ${rfcWords(nat)}`]
  return [
    `Knothole, test of a network: ${VERDICT_WORDS[verdict].title}`,
    ...rows,
    ...report,
    browser,
    '',
  ].join('\n')
}

function rfcWords(nat: NatReport): string {
  const { udp, mapping, filtering, allocation, delta, flowsPerSecond, unknown } = nat
  const steps = delta === undefined ? '' : ` by ${delta}, ${flowsPerSecond ?? 0} other flows/s`
  const missing = unknown.length > 0 ? `; unknown: ${unknown.join(', ')}` : ''
  return `UDP ${udp}; mapping ${mapping}; filtering ${filtering}; allocation ${allocation}${steps}${missing}`
}
