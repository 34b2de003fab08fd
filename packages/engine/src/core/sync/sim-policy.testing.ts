// A simulated room that keeps for a day or a month and lives longer: people write in any weather, stay for
// hours or come back after days, and each lets go by its own clock, which may be wrong. What is young enough
// by everybody's clock must stay, what is too old by one's own must go there.
import { letGoBeforeMs } from '../talk/agreement.ts'
import type { Gap } from './gap-report.ts'
import { SKIP_AFTER_MS, SUMMARY_PAUSE_MS } from './limits.ts'
import { demand } from './sim-oracle.testing.ts'
import type { SimPeer } from './sim-peer.testing.ts'
import type { Storm } from './sim-storm.testing.ts'
import type { SimWorld } from './sim-world.testing.ts'

const HOUR_MS = 3_600_000

/** The longest time for which nobody is there: some of what was said, or all, is too old then. */
const POLICIES = {
  day: { awayMs: 30 * HOUR_MS },
  month: { awayMs: 900 * HOUR_MS },
} as const

export type SimKeep = keyof typeof POLICIES

/** The longest silence of people who stay: hundreds of beats. */
const SILENCE_MS = 2 * HOUR_MS

/** Until the report of gaps follows what is there: whoever lets go tells so in its next summary. */
const GAPS_MS = SUMMARY_PAUSE_MS + 2_000

/** Until who has nothing of a feed takes what a neighbour kept of it: that may say so late, and is waited for. */
const HOP_MS = SUMMARY_PAUSE_MS + SKIP_AFTER_MS + 2_000

/** Turns of a gathering. */
const TURNS = 8

export class PolicyRoom {
  readonly world: SimWorld
  readonly #storm: Storm
  readonly #keep: SimKeep

  constructor(storm: Storm, keep: SimKeep) {
    this.#storm = storm
    this.world = storm.world
    this.#keep = keep
  }

  /** So many times people gather and talk; between them they are silent, or all away. */
  live(gatherings: number): void {
    const { world } = this
    const { random } = world
    for (let at = 0; at < gatherings; at++) {
      this.#gather()
      if (random.chance(0.4)) {
        const untilMs = world.clock.nowMs() + random.between(0, SILENCE_MS)
        while (world.clock.nowMs() < untilMs) this.#pass(untilMs - world.clock.nowMs())
      } else {
        for (const person of world.present) world.leave(person)
        world.pass(random.between(0, POLICIES[this.#keep].awayMs))
      }
    }
    this.#gather()
  }

  /** Some let go. */
  letGo(): void {
    for (const page of this.world.pages) if (this.world.random.chance(0.5)) this.#letGo(page)
  }

  /** After calm: what was promised and is young enough for everybody is here; what is too old for one is not. */
  check(): void {
    const { pages, oracle } = this.world
    oracle.youngStay(pages, Math.max(...pages.map((page) => this.#horizonMs(page))))
    for (const page of pages) {
      this.#letGo(page)
      oracle.orderly(page)
      const oldest = page.replica.log.order.at(0)
      const isYoung = oldest === undefined || oldest.atMs >= this.#horizonMs(page)
      demand(isYoung, `${page.peer} still has the old ${oldest?.id}`)
    }
    this.#gapsClose()
  }

  /** What was let go and nobody has is not missing; and what somebody still has, though others let it go, comes. */
  #gapsClose(): void {
    const { world } = this
    const { pages, oracle } = world
    const isGone = ({ feed, from }: Gap): boolean => {
      const isHere = pages.some(({ replica }) => replica.log.entry(feed, from) !== undefined)
      return !isHere && from <= oracle.letGo(feed)
    }
    const isOld = ({ feed, from, count }: Gap): boolean => from + count - 1 <= oracle.letGo(feed)
    world.pass(GAPS_MS)
    for (const page of pages) demandNone(page, isGone)
    // By what is passed over (E346), from one to the next.
    for (let hop = 0; hop < pages.length; hop++)
      if (pages.some(({ replica }) => replica.gaps.some(isOld))) world.pass(HOP_MS)
    for (const page of pages) demandNone(page, isOld)
  }

  #gather(): void {
    const { world } = this
    for (const person of world.people)
      if (person.page === undefined && world.random.chance(0.8)) world.arrive(person)
    for (let turn = 0; turn < TURNS; turn++) {
      this.#storm.turn()
      this.#pass(2_000)
    }
  }

  /** Time passes, some minutes at most, and some let go. */
  #pass(mostMs: number): void {
    const { world } = this
    world.pass(world.random.between(0, Math.min(mostMs, HOUR_MS / 4) + 1))
    this.letGo()
  }

  #letGo(page: SimPeer): void {
    // As the talk does, which learns of the agreement when the store is open.
    if (page.isRestored) page.give({ type: 'prune', beforeMs: this.#horizonMs(page) })
  }

  #horizonMs(page: SimPeer): number {
    return letGoBeforeMs(this.#keep, page.nowMs()) ?? -Infinity
  }
}

function demandNone({ peer, replica }: SimPeer, isWrong: (gap: Gap) => boolean): void {
  const gap = replica.gaps.find(isWrong)
  demand(gap === undefined, `${peer} misses what was let go: ${JSON.stringify(gap)}`)
}
