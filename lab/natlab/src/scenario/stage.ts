// What every scenario starts from: two places, measured, a rendezvous, a browser in each place, and two
// people who have met. Everything is taken down in the end, whatever happens.

import { launchChromium } from '../chromium.ts'
import type { Weather } from '../delay-hop.ts'
import { createLab, type Lab } from '../lab.ts'
import { LabError } from '../lab-error.ts'
import { meet } from '../meeting.ts'
import type { Place } from '../place.ts'
import { RoomPage } from '../room-page.ts'
import type { Person } from '../run.ts'
import { requireClaims, selfTest } from '../self-test.ts'
import { startWebServer } from '../web-server.ts'

/** What to set up. */
export interface StagePlan {
  readonly pair: readonly [Place, Place]
  readonly weather: Weather
  readonly boundMs: number
  /** More words for Chromium's command line. */
  readonly chromiumWords: readonly string[]
  /** No datagrams pass between the two before `together`. */
  readonly isApart?: boolean
  /** Another page than the product's. */
  readonly pageFolder?: string
}

/** Two people who talk. */
export interface Stage {
  readonly lab: Lab
  readonly people: readonly [Person, Person]
  readonly pages: readonly [RoomPage, RoomPage]
  readonly boundMs: number
  /** From the second page's navigation to a message read both ways. */
  readonly chatMs: number
  /** Lets datagrams pass between two who were kept apart. */
  readonly together: () => Promise<void>
}

/** Sets the stage, plays on it and takes it down. */
export async function onStage<Result>(
  plan: StagePlan,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const lab = await createLab({ weather: plan.weather })
  try {
    const [one, other] = plan.pair
    const host = await lab.addHost(one)
    const hosts = [host, await lab.addHost(other, host.site)] as const
    requireClaims(await selfTest(lab, hosts))
    await lab.startNeighbours()
    const server = await startWebServer(lab, 'knothole', plan.pageFolder)
    lab.beforeClose(() => server.kill())
    const browsers = await Promise.all(
      hosts.map((host) => launchChromium(host, plan.chromiumWords)),
    )
    for (const browser of browsers) lab.beforeClose(() => browser.close())
    const [near, far] = hosts.map(({ site }) => site)
    const together = async (): Promise<void> => near?.keepApart([])
    if (plan.isApart === true) await near?.keepApart([far?.publicAddress ?? ''])
    const [first, second] = hosts.flatMap((host, index) => {
      const browser = browsers[index]?.browser
      return browser === undefined ? [] : [{ name: index === 0 ? 'alice' : 'bob', host, browser }]
    })
    if (first === undefined || second === undefined) throw new Error('a stage has two people')
    const about = { lab, people: [first, second] as const, boundMs: plan.boundMs, together }
    return await play(await meetOnStage(about))
  } finally {
    await lab.close()
  }
}

async function meetOnStage(about: {
  lab: Lab
  people: readonly [Person, Person]
  boundMs: number
  together: () => Promise<void>
}): Promise<Stage> {
  const [first, second] = about.people
  const pages = [
    await RoomPage.open(first.browser, first.name),
    await RoomPage.open(second.browser, second.name),
  ] as const
  const link = await pages[0].createRoom(about.boundMs)
  const meeting = await meet(pages, { link, boundMs: about.boundMs })
  if (meeting.ms === undefined) throw new LabError('page-failed', meeting.note)
  return { ...about, pages, chatMs: meeting.ms }
}
