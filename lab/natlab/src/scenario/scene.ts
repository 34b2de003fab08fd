// Where a talk is disturbed: two or three people in their places, each with a browser that keeps its
// profile, and a rendezvous that can be killed. Everything is taken down in the end, whatever happens.

import { launchProfile, type ProfileBrowser } from '../chromium.ts'
import type { Host } from '../host.ts'
import { createLab, type Lab } from '../lab.ts'
import { LabError } from '../lab-error.ts'
import type { Place } from '../place.ts'
import { linkedMembers, RoomPage } from '../room-page.ts'
import { requireClaims, selfTest } from '../self-test.ts'
import { makeTemporaryFolder } from '../temporary-folder.ts'
import { startWebServer, type WebServer } from '../web-server.ts'
import type { StagePlan } from './stage.ts'
import { Typist } from './typist.ts'

/** Ten numbers a second, each. */
const TYPE_EVERY_MS = 100

/** One person of a scene. */
export interface Actor {
  readonly name: string
  readonly host: Host
  readonly typist: Typist
  /** What the person has open; another one after a crash. */
  page: RoomPage
  browser: ProfileBrowser
  /** Starts the browser anew, with the same profile. */
  readonly launch: () => Promise<ProfileBrowser>
  /** What earlier pages showed. */
  readonly before: { readonly text: string; readonly atMs: number }[]
}

/** People who talk, and what can be done to them. */
export interface Scene {
  readonly lab: Lab
  readonly server: WebServer
  readonly link: string
  readonly actors: readonly Actor[]
  /** Whom a disturbance happens to. */
  readonly struck: Actor
}

/** What to set up. */
export interface ScenePlan extends StagePlan {
  /** A third person's place, where a third is wanted. */
  readonly third?: Place
  /** How much more than a number each message says. */
  readonly fillerChars?: number
}

const NAMES = ['alice', 'bob', 'carol']

/** Sets a scene, plays in it and takes it down. */
export async function inScene<Result>(
  plan: ScenePlan,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const lab = await createLab({ weather: plan.weather })
  try {
    const places = [...plan.pair, ...(plan.third === undefined ? [] : [plan.third])]
    const hosts: Host[] = []
    for (const place of places) hosts.push(await lab.addHost(place, hosts[0]?.site))
    requireClaims(await selfTest(lab, hosts))
    await lab.startNeighbours()
    const server = await startWebServer(lab, 'knothole', plan.pageFolder)
    lab.beforeClose(() => server.kill())
    const actors = await Promise.all(
      hosts.map((host, at) => enter(lab, { host, name: NAMES[at] ?? '', plan })),
    )
    const link = await meet(actors, plan.boundMs)
    const struck = actors[1]
    if (struck === undefined) throw new Error('a scene has two people')
    return await play({ lab, server, link, actors, struck })
  } finally {
    await lab.close()
  }
}

/** A person with a browser and an empty page. */
async function enter(
  lab: Lab,
  about: { host: Host; name: string; plan: ScenePlan },
): Promise<Actor> {
  const { host, name, plan } = about
  const folder = makeTemporaryFolder()
  lab.beforeClose(async () => folder.remove())
  const launch = (): Promise<ProfileBrowser> => launchProfile(host, folder.path, plan.chromiumWords)
  const browser = await launch()
  const actor: Actor = {
    name,
    host,
    typist: new Typist(name, TYPE_EVERY_MS, plan.fillerChars),
    page: await RoomPage.openIn(browser.context, name),
    browser,
    launch,
    before: [],
  }
  // Whichever it has by then.
  lab.beforeClose(() => actor.browser.close())
  return actor
}

/** The first makes a room and the others come; resolves with the room's link when all are linked. */
async function meet(actors: readonly Actor[], boundMs: number): Promise<string> {
  const [host, ...guests] = actors
  if (host === undefined) throw new Error('nobody is there')
  const link = await host.page.createRoom(boundMs)
  for (const { page } of guests) await page.join(link, boundMs)
  const met = await Promise.all(
    actors.map(({ page }) =>
      page.until((view) => linkedMembers(view).length === guests.length, boundMs),
    ),
  )
  if (!met.includes(undefined)) return link
  throw new LabError('page-failed', actors.map(({ page }) => page.explain()).join('\n'))
}
