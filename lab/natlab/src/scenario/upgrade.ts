// The path moves from a relay to a direct one in the middle of a burst of numbered messages and a long
// transfer of bytes: nothing may be lost, doubled or out of order. The line of the sender is made slow
// enough for the move to fall into it. Two who need no trick are kept apart until the transfer runs, so
// that they move in every run; where luck decides and comes too early, it is tried again.

import { setTimeout as pause } from 'node:timers/promises'

import { DIRECT_PATHS } from '../grid/grid-run.ts'
import type { PathMoment, RoomPage } from '../room-page.ts'
import { countNumbers, numbersOf, type NumbersRead } from './numbered-talk.ts'
import type { Stage } from './stage.ts'
import type { TransferHook, TransferSeen } from './transfer-sequence.ts'

/** What came of it. */
export interface UpgradeFacts {
  readonly paths: readonly (readonly PathMoment[])[]
  /** From the start of transfer and talk: when nothing kept the two apart any more. */
  readonly togetherMs: number
  /** When both pages first showed a direct path at the same time, and when all was there. */
  readonly movedMs: number | undefined
  readonly doneMs: number
  readonly sentBytes: number
  readonly received: TransferSeen
  readonly isWhole: boolean
  readonly numbers: NumbersRead
}

const SENT_BYTES = 50_000_000
const MESSAGES = 1000
const EVERY_MS = 15
/** 50 MB take 20 s. */
const LINE = 'rate 20mbit burst 64kb latency 100ms'
const READ_MS = 30_000

/** Two who were kept apart are let together so long after the transfer began: ICE still tries then. */
const APART_MS = 4_000

/** Makes the first person's line slow. */
export async function slowLine({ people }: Stage): Promise<void> {
  const [router] = people[0].host.site.routers
  if (router === undefined) throw new Error('the sender has no router')
  await router.run(['tc', 'qdisc', 'replace', 'dev', 'wan', 'root', 'tbf', ...LINE.split(' ')])
}

/** Sends and talks until all is there. */
export async function transferThroughMove(stage: Stage): Promise<UpgradeFacts> {
  const { pages, people } = stage
  const [sender, receiver] = pages
  const startMs = Date.now()
  const togetherMs = pause(APART_MS).then(async () => {
    await stage.together()
    return Date.now() - startMs
  })
  const [isWhole] = await Promise.all([
    sender.page.evaluate(
      (bytes) => (Reflect.get(globalThis, 'natlabTransfer') as TransferHook).send(bytes),
      SENT_BYTES,
    ),
    sender.page.evaluate(
      ({ name, ...about }) =>
        (Reflect.get(globalThis, 'natlabTransfer') as TransferHook).sayNumbers(name, about),
      { name: people[0].name, count: MESSAGES, everyMs: EVERY_MS },
    ),
  ])
  const shown = (page: RoomPage): number[] => numbersOf(people[0].name, page.view.messages)
  await receiver.until(() => new Set(shown(receiver)).size === MESSAGES, READ_MS)
  const received = await receiver.page.evaluate(
    () => (Reflect.get(globalThis, 'natlabTransfer') as TransferHook).seen,
  )
  const movedMs = firstBothDirect(pages.map(({ paths }) => paths))
  return {
    paths: pages.map(({ paths }) => paths),
    togetherMs: await togetherMs,
    movedMs: movedMs === undefined ? undefined : movedMs - startMs,
    doneMs: (received.endedAtMs ?? Number.NaN) - startMs,
    sentBytes: SENT_BYTES,
    received,
    isWhole,
    numbers: countNumbers(MESSAGES, shown(receiver)),
  }
}

/** Faults in words; `undefined` when the move did not fall into the transfer, which proves nothing. */
export function upgradeFaults(facts: UpgradeFacts): string[] | undefined {
  const { movedMs, doneMs, received, numbers, sentBytes, isWhole } = facts
  if (movedMs !== undefined && (movedMs <= 0 || movedMs >= doneMs)) return undefined
  const { lost, doubled, misplaced } = numbers
  return [
    ...(movedMs === undefined ? ['never direct'] : []),
    ...(isWhole && received.bytes === sentBytes ? [] : [`${received.bytes} of ${sentBytes} bytes`]),
    ...(received.firstWrong === null ? [] : [`byte ${received.firstWrong} is wrong`]),
    ...(lost + doubled + misplaced === 0
      ? []
      : [`of ${numbers.said} messages ${lost} lost, ${doubled} doubled, ${misplaced} misplaced`]),
  ]
}

/** When all first showed a direct path at the same time. */
export function firstBothDirect(pages: readonly (readonly PathMoment[])[]): number | undefined {
  const moments = pages.flatMap((paths) => paths.map(({ atMs }) => atMs))
  return moments
    .toSorted((one, other) => one - other)
    .find((atMs) => pages.every((paths) => DIRECT_PATHS.has(pathAt(paths, atMs))))
}

function pathAt(paths: readonly PathMoment[], atMs: number): string {
  return paths.findLast((moment) => moment.atMs <= atMs)?.path ?? ''
}
