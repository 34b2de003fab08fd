// One run of a cell: a room is made, the second person opens the link, both talk; then the lab looks
// at its own counters to see which way the bytes went. Everything is bounded in time and nothing is
// concluded from silence before the bound.

import type { Browser } from 'playwright-core'

import type { Host } from './host.ts'
import { judgePath } from './judge-path.ts'
import type { Lab } from './lab.ts'
import { meet } from './meeting.ts'
import { linkedMembers, RoomPage, showsMessage } from './room-page.ts'
import { chatWithoutServer, type AfterKill } from './server-death.ts'
import type { WirePath } from './wire-path.ts'
import type { WebServer } from './web-server.ts'

/** A host and the browser that stays open on it. */
export interface Person {
  readonly name: string
  readonly host: Host
  readonly browser: Browser
}

/** What to do in a run. */
export interface RunPlan {
  readonly lab: Lab
  readonly people: readonly [Person, Person]
  readonly third?: Person
  readonly boundMs: number
  /** Given when the server is to be killed once all are linked. */
  readonly death?: { readonly server: WebServer; readonly watchSeconds: number }
}

/** What a run gave. `path` is a page's word, `failed` or `disputed`. */
export interface RunResult {
  readonly path: string
  /** From the second page's navigation to both linked and a message seen both ways. */
  readonly ms: number | undefined
  /** From the same moment to both pages showing the link. */
  readonly connectedMs?: number
  readonly wire?: WirePath
  /** From the third page's navigation to all three having read each other. */
  readonly thirdMs?: number
  readonly afterKill?: AfterKill
  /** From the same moment to both pages saying that they cannot reach each other. */
  readonly gaveUpMs?: number
  /** Why a run failed or is disputed, with the page's own words. */
  readonly note?: string
}

/** Does one run, in fresh browser contexts. */
export async function doRun(plan: RunPlan): Promise<RunResult> {
  const opened: RoomPage[] = []
  const open = async (person: Person): Promise<RoomPage> => {
    const room = await RoomPage.open(person.browser, person.name)
    opened.push(room)
    return room
  }
  try {
    const [first, second] = plan.people
    const pages = [await open(first), await open(second)] as const
    const link = await pages[0].createRoom(plan.boundMs)
    const meeting = await meet(pages, { link, boundMs: plan.boundMs })
    if (meeting.ms === undefined) {
      const { gaveUpMs, note } = meeting
      const gaveUp = Number.isNaN(gaveUpMs) ? {} : { gaveUpMs }
      return { path: 'failed', ms: undefined, note, ...gaveUp }
    }
    const verdict = await judgePath(plan, pages)
    const base = { ...verdict, ms: meeting.ms, connectedMs: meeting.connectedMs }
    if (verdict.path === 'disputed') return base
    const third = plan.third === undefined ? undefined : await open(plan.third)
    const thirdMs = third && (await joinThird([...pages, third], { link, boundMs: plan.boundMs }))
    const afterKill =
      plan.death && (await chatWithoutServer(plan.lab, { ...plan.death, pages: opened }))
    return {
      ...base,
      ...(thirdMs === undefined ? {} : { thirdMs }),
      ...(afterKill === undefined ? {} : { afterKill }),
      ...(third !== undefined && thirdMs === undefined ? { note: third.explain() } : {}),
    }
  } finally {
    await Promise.all(opened.map((room) => room.close()))
  }
}

/** The third opens the link; all three greet and read each other. */
async function joinThird(
  pages: readonly RoomPage[],
  about: { link: string; boundMs: number },
): Promise<number | undefined> {
  const third = pages.at(-1)
  if (third === undefined) return undefined
  const endMs = performance.now() + about.boundMs
  const left = (): number => Math.max(0, endMs - performance.now())
  await third.join(about.link, about.boundMs)
  const views = await Promise.all(
    pages.map((room) =>
      room.until((view) => linkedMembers(view).length === pages.length - 1, left()),
    ),
  )
  if (views.includes(undefined)) return undefined
  await Promise.all(pages.map((room) => room.say(`three: ${room.name}`)))
  const heard = await Promise.all(
    pages.map((room) =>
      room.until((view) => pages.every(({ name }) => showsMessage(view, `three: ${name}`)), left()),
    ),
  )
  const moments = heard.map((view) => view?.atMs ?? Number.NaN)
  const ms = Math.max(...moments) - third.view.navigationMs
  return Number.isNaN(ms) ? undefined : ms
}
