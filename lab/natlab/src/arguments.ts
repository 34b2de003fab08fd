// The command line of the laboratory. Pure: words in, a plan or a complaint out.

import { parseArgs } from 'node:util'

import type { CellPlan } from './cell.ts'
import type { Weather } from './delay-hop.ts'
import type { ExperimentPlan } from './experiment/experiment.ts'
import { GRID_CLASSES, GRID_SPECIAL_PAIRS, type GridPlan } from './grid/grid-plan.ts'
import { LabError } from './lab-error.ts'
import { parsePlace, plainPlace, sharedPlace, type Place } from './place.ts'
import { CLASS_PRESETS, PRESET_NAMES, PRESETS } from './presets.ts'
import {
  ALL_FAULTS,
  SCENARIO_PLACES,
  type ScenarioName,
  type ScenarioPlan,
} from './scenario/scenario-plan.ts'

/** What the command line asks for. */
export type LabCommand =
  | { readonly type: 'help' }
  | { readonly type: 'clean' }
  | {
      readonly type: 'self-test'
      readonly places: readonly Place[]
      readonly weather: Weather
    }
  | {
      readonly type: 'scenario'
      readonly plans: readonly ScenarioPlan[]
      readonly jsonPath: string | undefined
    }
  | {
      readonly type: 'grid'
      readonly plan: GridPlan
      readonly jsonPath: string
      readonly htmlPath: string
      /** Put the cells into the file's, instead of writing it anew. */
      readonly merge: boolean
    }
  | {
      readonly type: 'experiment'
      readonly plan: ExperimentPlan
      readonly jsonPath: string | undefined
    }
  | {
      readonly type: 'cells'
      readonly cells: readonly CellPlan[]
      readonly jsonPath: string | undefined
      /** The path every run must have. */
      readonly expectedPath: string | undefined
      /** Packets to a killed server's STUN ports are no fault. */
      readonly allowStun: boolean
    }

/** The field trial by which Chromium refuses chosen ICE credentials. */
const NO_MUNGING = 'WebRTC-NoSdpMangleUfrag'

/** Plain ICE and prediction take a second; nobody waits longer for them. */
const PLAIN_BOUND_MS = 10_000

/** The text of `--help`. */
export const HELP: string = `npm run lab -- [options]

What to do (default: one run of home,home)
  --pair A,B          run a cell: one browser in place A makes a room, one in B opens the link;
                      repeat for several cells
  --same-lan          put both behind one router: --pair home,home --same-lan
  --third PLACE       a third joins the two, and all three talk
  --runs N            runs per cell (1)
  --page FILE         open a page of your own in both places of --pair, and print what each answers:
                      the promise window.labResult. Its query has role (a, b), run, stun (four STUN
                      URLs with commas between) and signal, a WebSocket that carries every text
                      message to the other page. Files beside FILE are served too
  --grid              every pair of classes, Knothole beside stock WebRTC with the same STUN and
                      TURN servers: a table, docs/nat-grid.json and .html
                        --classes A,B,C  which classes       --rows A,B  only pairs that begin with these
                        --pair A,B       only these pairs    --driver    only this one
                        --special        pairs with something special instead
                        --runs N         runs per cell (1)   --trials N  where chance decides (20)
                        --bound SECONDS  how long luck gets  --merge     keep other cells of the files
                        --json FILE, --html FILE             other files
  --scenario NAME     what happens to two people who talk, with --pair if another one is wanted:
                        upgrade   from relay to direct in the middle of 1000 messages and 50 MB;
                                  without a move it has failed. Of a pair that needs no trick the
                                  two are let together in the middle; --pair C3,Sr moves by luck
                        idle      nobody says anything for --minutes N (10) behind a router that
                                  forgets after 30 s; they must still be direct
                        only-443  one gets out by TCP to port 443 only; they must still talk
                      what happens while both type ten messages a second: every page must show every
                      message once and in order, and new ones within 3 s (without the server 6 s):
                        new-address      the public address of one router changes
                        flush            routers forget all mappings; also direct again within 10 s
                        reroute          one's default route moves to another router
                        blackout         one's router passes nothing for --seconds N (60)
                        freeze           one's page is frozen for --seconds N (60)
                        reload           one's page is loaded again
                        kill-browser     one's browser is killed and started again
                        kill-rendezvous  the server is killed for good, in a room of three; then each of
                                         new-address, flush and reroute, one after the other
                        all              each of these; --runs N for several of each
  --self-test         only measure what every place (or those of --classes A,B,C) does to packets
  --clean             only remove what dead runs have left behind

How
  --driver NAME       knothole (default), or stock: plain RTCPeerConnection, same STUN servers
  --delay MS          round trip between any two places on the public network (0); needs root
  --jitter MS         up to so much more for each packet, so that some overtake others (0); needs root
  --loss PERCENT      packets lost in each direction (0); needs root
  --bound SECONDS     a run without a link and messages both ways by then is 'failed' (20)
  --kill-rendezvous   kill -9 the server once linked, go on talking, count what still goes to it
  --watch SECONDS     how long to talk and count after the kill (10)
  --allow-stun        do not count the browser's STUN keep-alives to a killed server as a fault
  --chromium=WORD     one more word for Chromium's command line; repeat for several (with --page)
  --expect PATH       exit with 1 unless every run has this path (lan, direct, turn, ..., failed)

Output
  --json FILE         {cells: [{pair: [a, b], runs: [{path, ms}]}]}
  --pcap FILE         capture the public network
  --help

Places
  A class name stands for its place: ${[...CLASS_PRESETS].map(([name, preset]) => `${name} ${preset}`).join(', ')}.
  PLACE/OPERATOR  a place behind an operator's NAT, as in C3/Sr
  PLACE+N         other people behind the same router open N flows a second, as in Ss+20
  same            behind the outermost router of the first of the pair, as in C3/C3,same
  PLACE@SECONDS   routers forget a mapping that is silent so long, as in C3@30

${PRESET_NAMES.map((name) => `  ${name.padEnd(17)}${PRESETS[name].about}`).join('\n')}

Needs Linux with iproute2, nftables, conntrack and chromium, as root or where user namespaces are
allowed. Exit code 1: a place does not do what it claims, pages and counters disagree, a message was
lost, or packets went to a killed server.`

const OPTIONS = {
  pair: { type: 'string', multiple: true },
  'same-lan': { type: 'boolean', default: false },
  third: { type: 'string' },
  page: { type: 'string' },
  scenario: { type: 'string' },
  minutes: { type: 'string', default: '10' },
  seconds: { type: 'string', default: '60' },
  grid: { type: 'boolean', default: false },
  rows: { type: 'string' },
  special: { type: 'boolean', default: false },
  trials: { type: 'string', default: '20' },
  merge: { type: 'boolean', default: false },
  html: { type: 'string' },
  chromium: { type: 'string', multiple: true },
  runs: { type: 'string', default: '1' },
  'self-test': { type: 'boolean', default: false },
  clean: { type: 'boolean', default: false },
  driver: { type: 'string' },
  delay: { type: 'string', default: '0' },
  jitter: { type: 'string', default: '0' },
  loss: { type: 'string', default: '0' },
  classes: { type: 'string' },
  bound: { type: 'string', default: '20' },
  'kill-rendezvous': { type: 'boolean', default: false },
  watch: { type: 'string', default: '10' },
  'allow-stun': { type: 'boolean', default: false },
  expect: { type: 'string' },
  json: { type: 'string' },
  pcap: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Reads the command line; throws `bad-arguments` with words to act on. */
export function parseLabArguments(argv: readonly string[]): LabCommand {
  const values = parseWords(argv)
  if (values.help) return { type: 'help' }
  if (values.clean) return { type: 'clean' }
  const weather = weatherOf(values)
  if (values.grid) return grid(values, weather)
  if (values.scenario !== undefined) return scenario(values, values.scenario)
  if (values['self-test']) return { type: 'self-test', places: selfTestPlaces(values), weather }
  const shared = {
    sameLan: values['same-lan'],
    third: values.third === undefined ? undefined : place(values.third),
    runs: wholeNumber('--runs', values.runs, 1),
    driver: driver(values.driver ?? 'knothole'),
    weather,
    boundMs: wholeNumber('--bound', values.bound, 1) * 1000,
    killRendezvous: values['kill-rendezvous'],
    watchSeconds: wholeNumber('--watch', values.watch, 1),
  }
  if (values.page !== undefined) return experiment(values, values.page)
  const pairs = (values.pair ?? ['home,home']).map((words) => pair(words, shared.sameLan))
  if (values.pcap !== undefined && pairs.length > 1) {
    throw new LabError('bad-arguments', '--pcap takes one --pair')
  }
  return {
    type: 'cells',
    cells: pairs.map((pair) => ({ ...shared, pair, pcapPath: values.pcap })),
    jsonPath: values.json,
    expectedPath: values.expect,
    allowStun: values['allow-stun'],
  }
}

function parseWords(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new LabError('bad-arguments', `${words} (see --help)`, { cause })
  }
}

function grid(
  values: ReturnType<typeof parseWords>,
  weather: Weather,
): Extract<LabCommand, { type: 'grid' }> {
  const { classes, rows, json = 'docs/nat-grid.json' } = values
  const plan: GridPlan = {
    classes: (classes?.split(',') ?? GRID_CLASSES).map((word) => place(word)),
    rows: rows?.split(','),
    pairs: gridPairs(values),
    drivers: values.driver === undefined ? ['knothole', 'stock'] : [driver(values.driver)],
    runs: wholeNumber('--runs', values.runs, 1),
    trials: wholeNumber('--trials', values.trials, 1),
    boundMs: PLAIN_BOUND_MS,
    luckBoundMs: wholeNumber('--bound', values.bound, 1) * 1000,
    weather,
    chromiumWords: values.chromium ?? [],
    munging: !(values.chromium ?? []).some((word) => word.includes(NO_MUNGING)),
  }
  const htmlPath = values.html ?? json.replace(/(\.json)?$/, '.html')
  return { type: 'grid', plan, jsonPath: json, htmlPath, merge: values.merge }
}

/** Those asked for, the special ones, or none: all pairs of the classes. */
function gridPairs({ pair: words, special }: ReturnType<typeof parseWords>): GridPlan['pairs'] {
  const pairs = words ?? (special ? GRID_SPECIAL_PAIRS.map((labels) => labels.join(',')) : [])
  return pairs.map((words) => pair(words, false))
}

function scenario(
  values: ReturnType<typeof parseWords>,
  name: string,
): Extract<LabCommand, { type: 'scenario' }> {
  const names = scenarioNames(name)
  const plan = (name: ScenarioName): ScenarioPlan => ({
    name,
    ...scenarioPlaces(values, name),
    chromiumWords: values.chromium ?? [],
    idleMs: wholeNumber('--minutes', values.minutes, 1) * 60_000,
    faultMs: wholeNumber('--seconds', values.seconds, 1) * 1000,
    weather: weatherOf(values),
    boundMs: wholeNumber('--bound', values.bound, 1) * 1000,
  })
  const runs = wholeNumber('--runs', values.runs, 1)
  const plans = names.flatMap((name) => Array.from({ length: runs }, () => plan(name)))
  return { type: 'scenario', plans, jsonPath: values.json }
}

function scenarioNames(word: string): readonly ScenarioName[] {
  if (word === 'all') return ALL_FAULTS
  if (isScenarioName(word)) return [word]
  const names = [...Object.keys(SCENARIO_PLACES), 'all'].join(', ')
  throw new LabError('bad-arguments', `no scenario is called ${word}: ${names}`)
}

function scenarioPlaces(
  values: ReturnType<typeof parseWords>,
  name: ScenarioName,
): Pick<ScenarioPlan, 'pair' | 'third'> {
  const [one, other, usual] = SCENARIO_PLACES[name]
  const third = values.third ?? usual
  return {
    pair: pair(values.pair?.[0] ?? `${one},${other}`, false),
    ...(third === undefined ? {} : { third: place(third) }),
  }
}

function isScenarioName(word: string): word is ScenarioName {
  return Object.hasOwn(SCENARIO_PLACES, word)
}

function experiment(
  values: ReturnType<typeof parseWords>,
  pageFile: string,
): Extract<LabCommand, { type: 'experiment' }> {
  const plan = {
    pageFile,
    pair: pair(values.pair?.[0] ?? 'home,home', false),
    runs: wholeNumber('--runs', values.runs, 1),
    boundMs: wholeNumber('--bound', values.bound, 1) * 1000,
    weather: weatherOf(values),
    chromiumWords: values.chromium ?? [],
    pcapPath: values.pcap,
  }
  return { type: 'experiment', plan, jsonPath: values.json }
}

function weatherOf(values: ReturnType<typeof parseWords>): Weather {
  return {
    delayMs: wholeNumber('--delay', values.delay, 0),
    jitterMs: wholeNumber('--jitter', values.jitter, 0),
    lossPercent: wholeNumber('--loss', values.loss, 0),
  }
}

function selfTestPlaces({ classes }: ReturnType<typeof parseWords>): readonly Place[] {
  if (classes === undefined) return PRESET_NAMES.map((name) => plainPlace(name))
  return classes.split(',').map((word) => place(word))
}

function pair(words: string, sameLan: boolean): readonly [Place, Place] {
  const [one, other, ...rest] = words.split(',')
  if (one === undefined || other === undefined || rest.length > 0) {
    throw new LabError('bad-arguments', `--pair takes two places, as in home,home: not ${words}`)
  }
  const first = place(one)
  const second = other === 'same' ? sharedPlace(first) : place(other)
  if (second === undefined) {
    throw new LabError('bad-arguments', `${one} has no router to share`)
  }
  const places = [first, second] as const
  const [{ label, preset }] = places
  if (sameLan && (label !== places[1].label || preset.routers.length === 0)) {
    throw new LabError('bad-arguments', '--same-lan takes twice the same place with a router')
  }
  return places
}

function place(word: string): Place {
  const found = parsePlace(word)
  if (found === undefined) {
    const names = [...CLASS_PRESETS.keys(), ...PRESET_NAMES].join(', ')
    throw new LabError('bad-arguments', `no place is called ${word}: ${names}`)
  }
  return found
}

function driver(word: string): CellPlan['driver'] {
  if (word === 'knothole' || word === 'stock') return word
  throw new LabError('bad-arguments', `--driver is knothole or stock, not ${word}`)
}

function wholeNumber(option: string, word: string, least: number): number {
  const value = Number(word)
  if (Number.isInteger(value) && value >= least) return value
  throw new LabError('bad-arguments', `${option} takes a whole number from ${least}: not ${word}`)
}
