// Measures what each place really does, with a probe of our own inside its namespace, and compares it
// with the preset's claim. Nothing in the lab is trusted before this agrees.

import { fileURLToPath } from 'node:url'

import { SERVER_ADDRESSES, SERVER_ADDRESSES6, WEB_PORT } from './addresses.ts'
import { behaviourDifferences, type Behaviour } from './behaviour.ts'
import type { Weather } from './delay-hop.ts'
import type { Host } from './host.ts'
import type { Lab } from './lab.ts'
import { LabError } from './lab-error.ts'
import { classify, type Observations } from './probe.ts'

/** What the probe and its far end are told. */
export interface ProbePlan {
  readonly addresses: readonly [string, string]
  readonly addresses6: readonly [string, string]
  readonly ports: readonly [number, number]
  readonly webPort: number
  /** A TCP port that is not a web port. */
  readonly otherPort: number
  /** How long a mapping is said to live without packets, to be measured; it takes a little longer. */
  readonly mappingTimeoutMs?: number
  /** How long to wait for an answer that should come; only a busy machine needs so much. */
  readonly answerMs: number
  /** How long silence must last to mean no. */
  readonly silenceMs: number
}

/** One place's result. */
export interface SelfTestResult {
  /** The place as it was written. */
  readonly place: string
  readonly measured: Behaviour
  /** Smallest round trip to the server: the others wait for a core. Undefined where UDP is blocked. */
  readonly roundTripMs: number | undefined
  /** Empty when the place does what its preset claims. */
  readonly differences: readonly string[]
}

/** Not the product's ports, so that both can run at once. */
const PROBE_PORTS: readonly [number, number] = [33478, 33479]
const OTHER_TCP_PORT = 8081
const ANSWER_MS = 2000
/** Answers come within 20 ms on two busy cores; the rest is margin. */
const SILENCE_MS = 300
/** A starved machine can make an answer late; a place that is wrong is wrong every time. */
const ATTEMPTS = 3
/** The delay hop may let each of the two packets go half a millisecond early. */
const DELAY_LEAD_MS = 1.5
/** More than a probe ever takes. */
const PROBE_MS = 60_000
const LONGEST_MEASURED_SECONDS = 60
/** The way itself, two timers and two busy cores; a hop that holds wrongly is off by far more. */
const DELAY_EXCESS_MS = 10

/** Measures the place of each host, all at once; the web port must be free. */
export async function selfTest(lab: Lab, hosts: readonly Host[]): Promise<SelfTestResult[]> {
  const { delayMs, jitterMs } = lab.core.weather
  const plan: ProbePlan = {
    addresses: SERVER_ADDRESSES,
    addresses6: SERVER_ADDRESSES6,
    ports: PROBE_PORTS,
    webPort: WEB_PORT,
    otherPort: OTHER_TCP_PORT,
    answerMs: ANSWER_MS + 3 * (delayMs + 2 * jitterMs),
    silenceMs: SILENCE_MS + 3 * (delayMs + 2 * jitterMs),
  }
  const responder = lab.server.start(programWords('responder-main.js', plan))
  try {
    await responder.said((text) => text.includes('responder ready'))
    return await Promise.all(hosts.map((host) => testHost(lab, { host, plan })))
  } finally {
    await responder.kill()
  }
}

/** Throws `self-test-failed` unless every place does what it claims. */
export function requireClaims(results: readonly SelfTestResult[]): void {
  const wrong = results.filter(({ differences }) => differences.length > 0)
  if (wrong.length === 0) return
  const words = wrong.map(({ place, differences }) => `${place}: ${differences.join('; ')}`)
  throw new LabError('self-test-failed', words.join('\n'))
}

async function testHost(lab: Lab, about: { host: Host; plan: ProbePlan }): Promise<SelfTestResult> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    const result = await testHostOnce(lab, about)
    if (result.differences.length === 0 || left === 0) return result
  }
}

async function testHostOnce(
  lab: Lab,
  about: { host: Host; plan: ProbePlan },
): Promise<SelfTestResult> {
  const { mappingTimeoutSeconds } = about.host.site.place
  const mappingTimeoutMs = measuredTimeoutMs(mappingTimeoutSeconds)
  const plan = { ...about.plan, ...(mappingTimeoutMs === undefined ? {} : { mappingTimeoutMs }) }
  const printed = await about.host.run(programWords('probe-main.js', plan), {
    timeoutMs: PROBE_MS + (mappingTimeoutMs ?? 0),
  })
  const seen = JSON.parse(printed) as Observations
  const measured = classify(seen, lab.core.hops)
  const { place, preset } = about.host.site
  const roundTripMs = measured.udp === 'open' ? Math.min(...seen.roundTripsMs) : undefined
  const differences = [
    ...behaviourDifferences(preset.claims, measured),
    ...delayDifferences(lab.core.weather, roundTripMs),
    ...timeoutDifferences(mappingTimeoutSeconds, seen.lateAnswers),
  ]
  return { place: place.label, measured, roundTripMs, differences }
}

/** A longer life than this is believed: nobody waits minutes for a self-test. */
function measuredTimeoutMs(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds > LONGEST_MEASURED_SECONDS ? undefined : seconds * 1000
}

function timeoutDifferences(
  seconds: number | undefined,
  late: Observations['lateAnswers'],
): string[] {
  if (late === undefined || (late.within && !late.beyond)) return []
  const words = late.within ? 'more' : 'less'
  return [`mappings live ${words} than the ${seconds} s they should`]
}

function delayDifferences(weather: Weather, roundTripMs: number | undefined): string[] {
  if (roundTripMs === undefined) return []
  const { delayMs, jitterMs } = weather
  const excessMs = roundTripMs - delayMs
  if (excessMs > -DELAY_LEAD_MS && excessMs < DELAY_EXCESS_MS + 2 * jitterMs) return []
  return [`round trip: ${delayMs} ms asked, ${roundTripMs.toFixed(1)} ms measured`]
}

/** Programs run from `dist` even when this file runs from source: Node 20 does not read TypeScript. */
function programWords(file: string, plan: ProbePlan): string[] {
  const path = fileURLToPath(new URL(`../dist/${file}`, import.meta.url))
  return [process.execPath, path, JSON.stringify(plan)]
}
