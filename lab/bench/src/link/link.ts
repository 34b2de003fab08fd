/**
 * `link`: messages, round trips and a transfer over a link of Knothole, beside a raw data channel driven
 * as well as it can be, on loopback and at a distance.
 */
import type { Bench, BenchOptions, BenchResult, ContenderNote, Table } from '../bench.ts'
import { bundle } from '../bundle.ts'
import { launchChromium } from '../chromium.ts'
import { openSite } from '../site.ts'
import type { Sample } from '../statistics.ts'
import { summarise } from '../statistics.ts'
import type { Load, Place, Seen } from './meeting.ts'
import { meet } from './meeting.ts'
import { UdpDelay } from './udp-delay.ts'

const contenders: readonly ContenderNote[] = [
  {
    name: 'raw',
    what:
      'a negotiated RTCDataChannel for messages and one for the transfer, with a window of' +
      ' unacknowledged bytes that starts at 256 KiB and grows to twice what a round trip carries, asked for' +
      ' on a third: the window of our link.',
  },
  {
    name: 'knothole',
    what:
      'a link of the engine: every frame exactly once and in order over changing paths, talk before' +
      ' bulk, with the pulse that finds a dead path in a second.',
  },
]

const MIB = 1024 * 1024

const load: Load = {
  bulkBytes: [32 * MIB, 128 * MIB],
  messages: 20_000,
  messageBytes: 100,
  roundTrips: { chains: 25, length: 40 },
}

/** At a distance each round trip takes its time. */
const farLoad: Load = {
  ...load,
  bulkBytes: [8 * MIB, 32 * MIB],
  roundTrips: { chains: 8, length: 5 },
}

const conditions = [
  { name: 'loopback', title: 'loopback', roundTripMs: 0, load },
  { name: '50ms', title: '50 ms of round trip', roundTripMs: 50, load: farLoad },
]

const questions: readonly {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly read: (seen: Seen) => number
}[] = [
  {
    name: 'bulk',
    title: 'a transfer (32 MiB; at a distance 8) on a fresh connection, in megabytes per second',
    unit: 'MB/s',
    read: ({ megabytesPerSecond: [first] }) => first,
  },
  {
    name: 'next-bulk',
    title: 'a transfer that follows it (128 MiB; at a distance 32), in megabytes per second',
    unit: 'MB/s',
    read: ({ megabytesPerSecond: [, next] }) => next,
  },
  {
    name: 'messages',
    title: '20,000 messages of 100 bytes, per second',
    unit: '/s',
    read: ({ messagesPerSecond }) => messagesPerSecond,
  },
  {
    name: 'round-trip',
    title:
      'a message of 100 bytes there and back, in microseconds: median of chains of 40, at a distance of 5',
    unit: 'µs',
    read: ({ roundTripMs }) => 1000 * roundTripMs,
  },
]

export const link: Bench = {
  name: 'link',
  summary:
    'Two pages in headless Chromium, each run on fresh pages and a fresh connection; contenders take' +
    ' turns, the first round is not counted. The transfers come first, of which the first is also that of code' +
    ' nobody ran before, then the messages, then the round trips, one after the other. At 50 ms a process' +
    ' between the two holds every packet for half of that.',
  contenders,
  defaultRuns: 5,
  run,
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const script = await bundle({ entry: 'link/link-page.testing.ts', format: 'iife' })
  const html =
    '<!doctype html><meta charset="utf-8"><title>link</title><script src="/script.js"></script>'
  const site = await openSite({ html, script })
  // Without names for local addresses, which nobody outside a browser can look up.
  const browser = await launchChromium(['--disable-features=WebRtcHideLocalIpsWithMdns'])
  try {
    const tables: Table[] = []
    const pageUrl = `http://127.0.0.1:${site.port}/`
    for (const condition of conditions)
      tables.push(...(await runCondition({ browser, pageUrl }, condition, options)))
    return { tables, software: [`Chromium ${browser.version()}`] }
  } finally {
    await browser.close()
    await site.close()
  }
}

async function runCondition(
  where: Omit<Place, 'delay'>,
  condition: (typeof conditions)[number],
  options: BenchOptions,
): Promise<Table[]> {
  const samples = new Map<string, Sample[]>()
  for (let round = 0; round <= options.runs; round += 1) {
    for (const contender of options.contenders) {
      const delay = new UdpDelay(condition.roundTripMs)
      const seen = await meet({ ...where, delay }, contender, condition.load)
      await delay.close()
      for (const { name, unit, read } of questions) {
        const key = `${name}/${contender}`
        options.log(
          `${condition.name} ${round === 0 ? 'warm-up' : `${round}/${options.runs}`} ${key}: ${read(seen).toFixed(1)} ${unit}`,
        )
        if (round > 0) samples.set(key, [...(samples.get(key) ?? []), read(seen)])
      }
    }
  }
  return questions.map(({ name, title, unit }) => ({
    title: `${condition.title}: ${title}`,
    limit: 'raw',
    entries: options.contenders.map((contender) => ({
      contender,
      row: summarise(
        { name: `${condition.name}/${name}/${contender}`, unit },
        samples.get(`${name}/${contender}`) ?? [],
      ),
    })),
  }))
}
