// The hosts of a grid: two places of every class, one for each end of a pair, and a browser on each
// that stays open while its row is run. The places are measured before anything else.

import type { Browser } from 'playwright-core'

import { launchChromium } from '../chromium.ts'
import type { Host } from '../host.ts'
import type { Lab } from '../lab.ts'
import type { Person } from '../run.ts'
import { requireClaims, selfTest, type SelfTestResult } from '../self-test.ts'
import type { CellTask } from './grid-plan.ts'

/** Which end of a pair: the one who makes the room, or the one who opens the link. */
export type End = 0 | 1

const NAMES = ['alice', 'bob'] as const

interface Seat {
  readonly host: Host
  person: Promise<Person> | undefined
  close: () => Promise<void>
}

/** Who is needed, and how. */
export interface HostsPlan {
  readonly tasks: readonly CellTask[]
  readonly chromiumWords: readonly string[]
  /** Pages that every browser opens once before it is used. */
  readonly origins: readonly string[]
}

/** Hosts by class and end. */
export class GridHosts {
  readonly #lab: Lab
  readonly #chromiumWords: readonly string[]
  readonly #origins: readonly string[]
  readonly #seats = new Map<string, Seat>()

  private constructor(lab: Lab, plan: HostsPlan) {
    this.#lab = lab
    this.#chromiumWords = plan.chromiumWords
    this.#origins = plan.origins
  }

  /** Adds the hosts the cells need, measures their places and starts the neighbours. */
  static async open(
    lab: Lab,
    plan: HostsPlan,
  ): Promise<{ hosts: GridHosts; selfTests: readonly SelfTestResult[] }> {
    const hosts = new GridHosts(lab, plan)
    for (const { pair } of plan.tasks) {
      for (const end of [0, 1] as const) await hosts.#add(pair, end)
    }
    const seats = [...hosts.#seats.values()]
    const selfTests = await selfTest(
      lab,
      seats.map(({ host }) => host),
    )
    requireClaims(selfTests)
    await lab.startNeighbours()
    lab.beforeClose(async () => {
      await Promise.all(seats.map((seat) => seat.close()))
    })
    return { hosts, selfTests }
  }

  /** The person at an end of a pair, in a browser that stays open; one that has crashed is replaced. */
  async person(pair: CellTask['pair'], end: End): Promise<Person> {
    const seat = this.#seats.get(seatKey(pair, end))
    if (seat === undefined) throw new Error(`nobody sits at ${pair[end].label}`)
    const seated = await seat.person
    if (seated?.browser.isConnected() === true) return seated
    await seat.close()
    seat.person = this.#seatPerson(seat, end)
    return seat.person
  }

  /** Closes the browser of an end that is not needed any more. */
  async leave(pair: CellTask['pair'], end: End): Promise<void> {
    await this.#seats.get(seatKey(pair, end))?.close()
  }

  async #add(pair: CellTask['pair'], end: End): Promise<void> {
    const key = seatKey(pair, end)
    if (this.#seats.has(key)) return
    const beside = this.#seats.get(seatKey(pair, 0))?.host.site
    const host = await this.#lab.addHost(pair[end], beside)
    this.#seats.set(key, { host, person: undefined, close: () => Promise.resolve() })
  }

  async #seatPerson(seat: Seat, end: End): Promise<Person> {
    const launched = await launchChromium(seat.host, this.#chromiumWords)
    seat.close = async () => {
      seat.person = undefined
      seat.close = () => Promise.resolve()
      await launched.close()
    }
    await warmUp(launched.browser, this.#origins)
    return { name: NAMES[end], host: seat.host, browser: launched.browser }
  }
}

/** The first page a browser opens takes seconds longer than the next; that is not what is measured. */
async function warmUp(browser: Browser, origins: readonly string[]): Promise<void> {
  const context = await browser.newContext()
  const page = await context.newPage()
  for (const origin of origins) await page.goto(`${origin}/`)
  await context.close()
}

/** Who shares a router sits beside the other one of the pair, and nowhere else. */
function seatKey(pair: CellTask['pair'], end: End): string {
  const place = pair[end]
  return place.isShared === true ? `beside ${pair[0].label}` : `${place.label} ${end}`
}
