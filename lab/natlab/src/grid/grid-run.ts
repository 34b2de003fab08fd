// One run of one cell with one driver: two people meet, go on talking while better paths are sought,
// and then the lab looks which way the bytes go. A path counts only when both pages say so and the
// counters of hosts and network agree, with traffic.

import { judgePath, type PathVerdict } from '../judge-path.ts'
import type { Lab } from '../lab.ts'
import { meet } from '../meeting.ts'
import { linkedMembers, RoomPage } from '../room-page.ts'
import type { Person, RunPlan } from '../run.ts'
import type { GridRun } from './grid-data.ts'

/** What to do. */
export interface GridRunPlan {
  readonly lab: Lab
  readonly people: readonly [Person, Person]
  readonly origin: string
  /** Without a talk by then the run has failed. */
  readonly chatBoundMs: number
  /** How long a direct path may take; 0: none is expected, and only a moment is watched for one. */
  readonly directBoundMs: number
}

/** Paths that cross no server and no other member. */
export const DIRECT_PATHS: ReadonlySet<string> = new Set(['lan', 'direct', 'predicted', 'birthday'])

/** People say something so often while a better path is sought: traffic moves both sides to it. */
const TICK_MS = 250
/** A pair for which nothing better is expected is watched so long. */
const WATCH_MS = 1500
/** A path may change between the proof and the verdict. */
const VERDICTS = 3

/** Does one run, in fresh browser contexts. */
export async function gridRun(plan: GridRunPlan): Promise<GridRun> {
  const [first, second] = plan.people
  const opened: RoomPage[] = []
  const open = async (person: Person): Promise<RoomPage> => {
    const room = await RoomPage.open(person.browser, person.name)
    opened.push(room)
    return room
  }
  try {
    const pages = [await open(first), await open(second)] as const
    const link = await pages[0].createRoom(plan.chatBoundMs, plan.origin)
    const meeting = await meet(pages, { link, boundMs: plan.chatBoundMs })
    if (meeting.ms === undefined) {
      return { path: 'failed', chatMs: null, pathMs: null, note: meeting.note }
    }
    const firstPath = pages[1].paths.find(({ path }) => path !== '')?.path ?? ''
    await talkUntilDirect(pages, plan.directBoundMs === 0 ? WATCH_MS : plan.directBoundMs)
    const verdict = await verdictOf({ ...plan, boundMs: plan.chatBoundMs }, pages)
    const moments = pages.map((room) => room.paths.at(-1)?.atMs ?? Number.NaN)
    const pathMs = Math.max(...moments) - pages[1].view.navigationMs
    return { ...verdict, chatMs: meeting.ms, pathMs, firstPath }
  } catch (error) {
    // One broken page must not cost the other cells.
    const said = error instanceof Error ? error.message : String(error)
    return { path: 'failed', chatMs: null, pathMs: null, note: said }
  } finally {
    await Promise.all(opened.map((room) => room.close()))
  }
}

async function talkUntilDirect(pages: readonly [RoomPage, RoomPage], ms: number): Promise<void> {
  const endMs = performance.now() + ms
  const areDirect = (): boolean => pages.every((room) => DIRECT_PATHS.has(pathOf(room)))
  for (let tick = 1; !areDirect() && performance.now() < endMs; tick += 1) {
    await Promise.all(pages.map((room) => room.sayAtOnce(`tick ${tick}`)))
    await Promise.race(pages.map((room) => room.until(areDirect, TICK_MS)))
  }
}

async function verdictOf(
  plan: RunPlan,
  pages: readonly [RoomPage, RoomPage],
): Promise<PathVerdict> {
  let verdict = await judgePath(plan, pages)
  for (let left = VERDICTS - 1; verdict.path === 'disputed' && left > 0; left -= 1) {
    verdict = await judgePath(plan, pages)
  }
  return verdict
}

function pathOf({ view }: RoomPage): string {
  return linkedMembers(view)[0]?.path ?? ''
}
