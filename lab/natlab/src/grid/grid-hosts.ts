// The hosts of a grid: two places of every class, one for each end of a pair, and a browser on each
// that stays open while its row is run. The places are measured before anything else.

import { launchChromium } from '../chromium.ts'
import type { Host } from '../host.ts'
import type { Lab } from '../lab.ts'
import type { Place } from '../place.ts'
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

/** Hosts by class and end. */
export class GridHosts {
  readonly #lab: Lab
  readonly #chromiumWords: readonly string[]
  readonly #seats = new Map<string, Seat>()

  private constructor(lab: Lab, chromiumWords: readonly string[]) {
    this.#lab = lab
    this.#chromiumWords = chromiumWords
  }

  /** Adds the hosts the cells need, measures their places and starts the neighbours. */
  static async open(
    lab: Lab,
    plan: { tasks: readonly CellTask[]; chromiumWords: readonly string[] },
  ): Promise<{ hosts: GridHosts; selfTests: readonly SelfTestResult[] }> {
    const hosts = new GridHosts(lab, plan.chromiumWords)
    for (const { pair } of plan.tasks) {
      await hosts.#add(pair[0], 0)
      await hosts.#add(pair[1], 1)
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

  /** The person at an end of a pair, in a browser that stays open. */
  person(place: Place, end: End): Promise<Person> {
    const seat = this.#seats.get(seatKey(place, end))
    if (seat === undefined) throw new Error(`nobody sits at ${place.label}`)
    seat.person ??= this.#seatPerson(seat, end)
    return seat.person
  }

  /** Closes the browser of an end that is not needed any more. */
  async leave(place: Place, end: End): Promise<void> {
    const seat = this.#seats.get(seatKey(place, end))
    await seat?.close()
  }

  async #add(place: Place, end: End): Promise<void> {
    const key = seatKey(place, end)
    if (this.#seats.has(key)) return
    const host = await this.#lab.addHost(place)
    this.#seats.set(key, { host, person: undefined, close: () => Promise.resolve() })
  }

  async #seatPerson(seat: Seat, end: End): Promise<Person> {
    const launched = await launchChromium(seat.host, this.#chromiumWords)
    seat.close = async () => {
      seat.person = undefined
      seat.close = () => Promise.resolve()
      await launched.close()
    }
    return { name: NAMES[end], host: seat.host, browser: launched.browser }
  }
}

function seatKey(place: Place, end: End): string {
  return `${place.label} ${end}`
}
