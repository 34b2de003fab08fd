// A scenario in which something happens to people who talk, and what of its outcome is a fault.

import { disturb, endTalk, startTalk, type Disturbance, type TalkEnd } from './disturbance.ts'
import type { FaultName } from './faults.ts'
import type { NumbersShown } from './healing.ts'
import { ALL_FAULTS, type ScenarioName, type ScenarioPlan } from './scenario-plan.ts'
import { inScene, type Scene } from './scene.ts'

/** All of it, as the JSON file has it. */
export interface DisturbedFacts extends TalkEnd {
  readonly disturbances: readonly Disturbance[]
}

/** Everybody must have read from everybody by then: with the server, and by members alone. */
const HEAL_MS = { served: 3000, alone: 6000 }
/** That large packets are lost has to be found out first, and small ones go on. */
const WIDE_AGAIN_MS = 6000
/** What fills a packet, and half of another. */
const LARGE_CHARS = 1800
/** After a flush both must be on a direct path again by then. */
const DIRECT_AGAIN_MS = 10_000

/** What happens to three once the server is dead: somebody else must introduce. */
const WITHOUT_SERVER: readonly FaultName[] = ['new-address', 'flush', 'reroute']

/** Whether a scenario is one of these. */
export function isDisturbed(name: ScenarioName): name is FaultName {
  return ALL_FAULTS.some((fault) => fault === name)
}

/** Plays it. */
export async function disturbed(
  plan: ScenarioPlan,
  fault: FaultName,
): Promise<{ facts: Record<string, unknown>; faults: string[] }> {
  const talk = fault === 'mtu' ? { ...plan, fillerChars: LARGE_CHARS } : plan
  const facts = await inScene(talk, (scene) => play(scene, { fault, lastsMs: plan.faultMs }))
  return { facts: { ...facts }, faults: faultsOf(facts) }
}

async function play(
  scene: Scene,
  about: { fault: FaultName; lastsMs: number },
): Promise<DisturbedFacts> {
  const { fault, lastsMs } = about
  await startTalk(scene)
  const isServerAlive = fault !== 'kill-rendezvous'
  const faults = isServerAlive ? [fault] : [fault, ...WITHOUT_SERVER]
  const disturbances: Disturbance[] = []
  for (const each of faults) {
    const disturbance = await disturb(scene, each, { lastsMs, isServerAlive })
    disturbances.push(disturbance)
    // What comes after a fault that does not heal tells nothing.
    if (disturbance.healMs === undefined) break
  }
  return { disturbances, ...(await endTalk(scene)) }
}

/** What is not as promised, in words. */
export function faultsOf({ disturbances, numbers, isSameOrder }: DisturbedFacts): string[] {
  return [
    ...disturbances.flatMap((disturbance) => slowness(disturbance)),
    ...numbers.flatMap((shown) => wrongNumbers(shown)),
    ...(isSameOrder ? [] : ['the pages show the talk in different orders']),
  ]
}

function slowness({ fault, isServerAlive, healMs, directAgainMs }: Disturbance): string[] {
  const where = isServerAlive ? fault : `${fault} without the server`
  const usualMs = isServerAlive ? HEAL_MS.served : HEAL_MS.alone
  const boundMs = fault === 'mtu' ? WIDE_AGAIN_MS : usualMs
  if (healMs === undefined) return [`${where}: not healed`]
  return [
    ...(healMs <= boundMs ? [] : [`${where}: healed after ${Math.round(healMs)} ms`]),
    ...(fault === 'flush' && (directAgainMs ?? 0) > DIRECT_AGAIN_MS
      ? [`${where}: direct again after ${Math.round(directAgainMs ?? 0)} ms`]
      : []),
  ]
}

function wrongNumbers({ reader, speaker, typed, ...wrong }: NumbersShown): string[] {
  return Object.entries(wrong)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `of ${typed} of ${speaker}'s messages ${count} ${word} at ${reader}`)
}
