// People type numbers all the time while something happens to them: how long until all read each other
// again, and what each page shows in the end.

import { setTimeout as pause } from 'node:timers/promises'

import { DIRECT_PATHS } from '../grid/grid-run.ts'
import { linkedMembers } from '../room-page.ts'
import type { FaultName } from './faults.ts'
import { FAULTS } from './faults.ts'
import {
  healMs,
  isSameOrder,
  numbersShown,
  saidNumbers,
  type NumbersShown,
  type TalkPart,
} from './healing.ts'
import { readThrough } from './read-through.ts'
import type { Actor, Scene } from './scene.ts'
import { numberIn } from './typist.ts'

/** What a fault did. */
export interface Disturbance {
  readonly fault: FaultName
  readonly isServerAlive: boolean
  /** From the end of the fault until everybody read from everybody something typed after it. */
  readonly healMs: number | undefined
  /** From then until both of a pair were on a direct path for good; of two people only. */
  readonly directAgainMs?: number | undefined
}

/** What every page shows in the end. */
export interface TalkEnd {
  readonly numbers: readonly NumbersShown[]
  /** What all show they show in one order. */
  readonly isSameOrder: boolean
}

/** Nothing that is to heal in seconds is waited for longer. */
const HEAL_BOUND_MS = 30_000
const DIRECT_BOUND_MS = 20_000
const QUIET_MS = 2000
/** A path that came back may go again. */
const AFTERWARDS_MS = 3000
/** A path that loses large packets looks healthy to small ones, and must not be gone back to. */
const NARROW_AFTERWARDS_MS = 15_000
const READ_BOUND_MS = 30_000
const POLL_MS = 50

/** Starts everybody's typing. */
export async function startTalk({ actors }: Scene): Promise<void> {
  await Promise.all(actors.map(({ typist, page }) => typist.start(page)))
}

/** Lets one fault happen and waits until its effects are over, with bounds. */
export async function disturb(
  scene: Scene,
  fault: FaultName,
  about: { lastsMs: number; isServerAlive: boolean },
): Promise<Disturbance> {
  await pause(QUIET_MS)
  const wasDirect = areDirect(scene)
  const endMs = await FAULTS[fault].strike(scene, about.lastsMs)
  const healed = (): number | undefined => healMs(partsOf(scene), endMs)
  await until(() => healed() !== undefined, HEAL_BOUND_MS)
  // Whose router drops large packets is not to be on a direct path again.
  const isPair = scene.actors.length === 2 && fault !== 'mtu'
  if (isPair && wasDirect) await until(() => areDirect(scene), endMs + DIRECT_BOUND_MS - Date.now())
  await pause(fault === 'mtu' ? NARROW_AFTERWARDS_MS : AFTERWARDS_MS)
  const { isServerAlive } = about
  const directAgain = isPair && wasDirect ? { directAgainMs: directAgainMs(scene, endMs) } : {}
  return { fault, isServerAlive, healMs: healed(), ...directAgain }
}

/** Ends the typing, gives the last words their time and reads all pages. */
export async function endTalk(scene: Scene): Promise<TalkEnd> {
  const { actors } = scene
  await Promise.all(actors.map(({ typist }) => typist.stop()))
  const isRead = (): boolean => {
    const parts = partsOf(scene)
    return parts.every((reader) => parts.every((speaker) => hasLast(reader, speaker)))
  }
  await until(isRead, READ_BOUND_MS)
  const pages = await Promise.all(
    actors.map(async ({ name, page }) => ({
      name,
      texts: (await readThrough(page)).map(({ text }) => text),
    })),
  )
  const numbers = pages.flatMap((page) =>
    partsOf(scene).map((speaker) => numbersShown(speaker, page, saidNumbers(speaker, pages))),
  )
  const spoken = pages.map(({ texts }) =>
    texts.flatMap((text) =>
      actors.flatMap(({ name }) => {
        const number = numberIn(name, text)
        return number === undefined ? [] : [`${name} ${number}`]
      }),
    ),
  )
  return { numbers, isSameOrder: isSameOrder(spoken) }
}

function partsOf({ actors }: Scene): TalkPart[] {
  return actors.map(({ name, typist, page, before }) => ({
    name,
    typed: typist.typed,
    uncertain: typist.uncertain,
    shown: [...before, ...page.shown],
  }))
}

function hasLast(reader: TalkPart, speaker: TalkPart): boolean {
  const last = speaker.typed.at(-1)?.number
  return reader.shown.some(({ text }) => numberIn(speaker.name, text) === last)
}

function areDirect({ actors }: Scene): boolean {
  return actors.every((actor) => DIRECT_PATHS.has(pathOf(actor)))
}

function pathOf({ page }: Actor): string {
  return linkedMembers(page.view)[0]?.path ?? ''
}

/** When the last of both pages came to show the direct path that it shows now. */
function directAgainMs(scene: Scene, endMs: number): number | undefined {
  if (!areDirect(scene)) return undefined
  const sinceMs = scene.actors.map(({ page }) => {
    const last = page.paths.findLastIndex(({ path }) => !DIRECT_PATHS.has(path))
    return page.paths[last + 1]?.atMs ?? 0
  })
  return Math.max(0, ...sinceMs.map((atMs) => atMs - endMs))
}

async function until(isTrue: () => boolean, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!isTrue() && performance.now() < endMs) await pause(POLL_MS)
}
