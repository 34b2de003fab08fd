/**
 * `relay`: packets and bytes through our TURN server, beside coturn and a plain UDP forwarder in Node,
 * by one and the same load: how many, how many are lost, and what each costs the server.
 */
import { platform } from 'node:os'
import { execFileSync } from 'node:child_process'
import type { Bench, BenchOptions, BenchResult, Table } from '../bench.ts'
import { BenchError } from '../bench.ts'
import type { Sample } from '../statistics.ts'
import { summarise } from '../statistics.ts'
import { relayContenders } from './contenders.ts'
import type { RunOptions } from './load.ts'
import { prepareLoad } from './load.ts'
import type { Measured, RelayStage, Route } from './stage.ts'
import { openStage } from './stage.ts'

/** A table of the bench: what is done to a server, and which number of it counts. */
interface Question {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly read: (measured: Measured) => number
}

/** One way of loading, and all it answers. */
interface Phase {
  readonly route: Route
  readonly run: RunOptions
  readonly questions: readonly Question[]
}

const runMs = 2000
/** More than any of them relays: what arrives is what it can. */
const tooMany = 300_000

/** What several phases ask. */
const lost: Pick<Question, 'unit' | 'read'> = {
  unit: 'lost',
  read: ({ lostShare }) => 1_000_000 * lostShare,
}
const cpu: Pick<Question, 'unit' | 'read'> = {
  unit: 'µs',
  read: ({ cpuUsPerPacket }) => cpuUsPerPacket,
}

const phases: readonly Phase[] = [
  {
    route: 'peer',
    run: { rate: tooMany, ms: runMs, sizeBytes: 200, bunch: 4, directions: 'both' },
    questions: [
      {
        name: 'packets',
        title: 'packets per second, at 300,000 a second of 200 bytes',
        unit: '/s',
        read: ({ packetsPerSecond }) => packetsPerSecond,
      },
    ],
  },
  {
    route: 'peer',
    run: { rate: tooMany, ms: runMs, sizeBytes: 1200, bunch: 4, directions: 'both' },
    questions: [
      {
        name: 'bytes',
        title: 'megabytes of payload per second, at 300,000 packets a second of 1200 bytes',
        unit: 'MB/s',
        read: ({ packetsPerSecond }) => (packetsPerSecond * 1200) / 1_000_000,
      },
    ],
  },
  {
    route: 'peer',
    run: { rate: 25_000, ms: runMs, sizeBytes: 1000, bunch: 4, directions: 'both' },
    questions: [
      {
        name: 'loss',
        title: 'packets lost of a million, at 25,000 a second of 1000 bytes',
        ...lost,
      },
      {
        name: 'cpu',
        title: 'CPU of the server per packet, at 25,000 a second of 1000 bytes',
        ...cpu,
      },
    ],
  },
  {
    route: 'peer',
    run: { rate: 25_000, ms: runMs, sizeBytes: 1000, bunch: 200, directions: 'both' },
    questions: [
      {
        name: 'burst-loss',
        title: 'packets lost of a million, the same in bursts of 200, as files and pictures come',
        ...lost,
      },
    ],
  },
  {
    route: 'siblings',
    run: { rate: 25_000, ms: runMs, sizeBytes: 1000, bunch: 4, directions: 'up' },
    questions: [
      {
        name: 'both-relayed-loss',
        title:
          'packets lost of a million between two relayed clients, at 25,000 a second of 1000 bytes',
        ...lost,
      },
      {
        name: 'both-relayed-cpu',
        title: 'CPU per packet between two relayed clients, at 25,000 a second of 1000 bytes',
        ...cpu,
      },
    ],
  },
]

export const relay: Bench = {
  name: 'relay',
  summary:
    'What a relay carries and what it costs: 8 clients on loopback, half of the packets from them to a' +
    ' peer and half from the peer to them, except between two relayed clients. TURN servers carry' +
    ' ChannelData; the forwarder the bare payload. The same load for all, in turn, the first round not' +
    ' counted. CPU is that of the whole server process, system calls included.',
  contenders: relayContenders,
  defaultRuns: 5,
  run,
}

async function run(options: BenchOptions): Promise<BenchResult> {
  if (platform() !== 'linux') throw new BenchError('missing-part', 'the relay bench needs Linux.')
  const load = prepareLoad()
  const stages = new Map<string, RelayStage>()
  try {
    for (const contender of relayContenders) {
      if (!options.contenders.includes(contender.name)) continue
      stages.set(contender.name, await openStage(contender, load))
    }
    const samples = await measureInTurn(stages, options)
    return { tables: tablesOf(stages, samples), software: [...coturnVersion(), load.what] }
  } finally {
    await Promise.allSettled([...stages.values()].map((stage) => stage.close()))
  }
}

/** Samples by `question/contender`, in the order of the rounds. */
type Samples = Map<string, Sample[]>

async function measureInTurn(
  stages: ReadonlyMap<string, RelayStage>,
  { runs, log }: BenchOptions,
): Promise<Samples> {
  const samples: Samples = new Map()
  for (let round = 0; round <= runs; round++) {
    for (const phase of phases) {
      for (const [contender, stage] of stages) {
        if (phase.route === 'siblings' && !stage.hasSiblings) continue
        const measured = await stage.measure(phase.route, phase.run)
        for (const { name, unit, read } of phase.questions) {
          const value = read(measured)
          log(
            `${round === 0 ? 'warm-up' : `${round}/${runs}`} ${name} ${contender}: ${value.toFixed(1)} ${unit}`,
          )
          const key = `${name}/${contender}`
          if (round > 0) samples.set(key, [...(samples.get(key) ?? []), value])
        }
      }
    }
  }
  return samples
}

function tablesOf(stages: ReadonlyMap<string, RelayStage>, samples: Samples): Table[] {
  return phases.flatMap(({ route, questions }) =>
    questions.map(({ name, title, unit }) => ({
      title,
      limit: route === 'siblings' ? 'coturn' : 'node-udp',
      entries: [...stages.keys()].flatMap((contender) => {
        const values = samples.get(`${name}/${contender}`)
        const label = { name: `${name}/${contender}`, unit }
        return values === undefined ? [] : [{ contender, row: summarise(label, values) }]
      }),
    })),
  )
}

function coturnVersion(): string[] {
  try {
    return [`coturn ${execFileSync('turnserver', ['--version'], { encoding: 'utf8' }).trim()}`]
  } catch {
    return []
  }
}
