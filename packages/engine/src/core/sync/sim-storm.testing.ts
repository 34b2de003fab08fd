// What befalls a simulated room, drawn from its seed: people write, come and go; links, disks and pages
// fail; the room falls apart and comes together; somebody lies. Then calm.
import { ARRIVAL_SHAPES, SESSIONS, drawMs } from './churn.testing.ts'
import { SimVillain, VICES } from './sim-villain.testing.ts'
import type { Vice } from './sim-villain.testing.ts'
import { SimWorld } from './sim-world.testing.ts'
import type { Person, WorldOptions } from './sim-world.testing.ts'

/** How likely each misfortune is at each turn. */
export interface Fortune {
  readonly turns: number
  /** Longest pause between two turns. */
  readonly pauseMs: number
  readonly link: number
  readonly partition: number
  readonly crash: number
  /** Share of crashes that take the disk along. */
  readonly losesDisk: number
  readonly fullDisk: number
  readonly deletes: number
}

export const ROUGH: Fortune = {
  turns: 60,
  pauseMs: 1_500,
  link: 0.1,
  partition: 0.04,
  crash: 0.05,
  losesDisk: 0.3,
  fullDisk: 0.005,
  deletes: 0.03,
}

/** A minute of the paper is a second here: a simulated quarter of an hour sees many sessions. */
const CHURN_SPEED = 60

/** Nobody is away or here for longer than this, or the run would see nobody. */
const LONGEST_MS = 120_000

export class Storm {
  readonly world: SimWorld
  readonly #fortune: Fortune
  readonly #villains = new Map<Person, SimVillain>()

  constructor(options: WorldOptions & { readonly villains?: number }, fortune: Fortune) {
    const villains = this.#villains
    this.world = new SimWorld({
      ...options,
      tamper: (from, _to, data) => villains.get(from)?.tamper(data) ?? [data],
    })
    this.#fortune = fortune
    const { random, people } = this.world
    for (const person of people.slice(0, options.villains ?? 0)) {
      const vices = random.shuffle(VICES).slice(0, 1 + random.below(3))
      villains.set(person, new SimVillain(vices, random.fork('villain')))
      person.isVillain = true
    }
  }

  /** All villains have this one vice. */
  corrupt(vice: Vice): void {
    for (const person of this.#villains.keys())
      this.#villains.set(person, new SimVillain([vice], this.world.random.fork('vice')))
  }

  /** Two pages of one villain write one feed, each its own way. */
  addTwins(): void {
    const { world } = this
    const author = world.random.bytes(32)
    const nonce = world.random.bytes(8)
    for (let twin = 0; twin < 2; twin++) {
      const person = world.addPerson()
      Object.assign(person, { author, nonce, isVillain: true })
    }
  }

  run(): void {
    const { world } = this
    for (const person of world.people) if (world.random.chance(0.8)) world.arrive(person)
    for (let turn = 0; turn < this.#fortune.turns; turn++) {
      this.turn()
      world.pass(world.random.between(0, this.#fortune.pauseMs))
    }
  }

  /** People come and go as the paper measured, and write while they are there. */
  churn(ms: number): void {
    const { world } = this
    const { random } = world
    const which = random.below(SESSIONS.length)
    for (const person of world.people) this.#live(person, which)
    const untilMs = world.clock.nowMs() + ms
    while (world.clock.nowMs() < untilMs) {
      const { present } = world
      if (present.length > 0) world.say(random.pick(present))
      world.pass(random.between(0, 2 * this.#fortune.pauseMs))
    }
  }

  #live(person: Person, which: number): void {
    const { world } = this
    const { random, clock } = world
    const session = SESSIONS[which] ?? { shape: 1, scaleMinutes: 1 }
    const pause = { shape: ARRIVAL_SHAPES[which] ?? 1, scaleMinutes: session.scaleMinutes / 2 }
    const wait = person.page === undefined ? pause : session
    const ms = Math.min(drawMs(wait, random) / CHURN_SPEED, LONGEST_MS)
    clock.schedule(clock.nowMs() + ms, () => {
      if (world.isCalm) return
      if (person.page === undefined) world.arrive(person)
      else world.leave(person)
      this.#live(person, which)
    })
  }

  /** What befalls the room now. */
  turn(): void {
    const { world } = this
    const { random, present } = world
    const fortune = this.#fortune
    if (present.length > 0 && random.chance(0.6))
      world.say(random.pick(present), 1 + random.below(4))
    if (random.chance(fortune.link)) this.breakLink()
    if (random.chance(fortune.partition)) this.#partition()
    if (random.chance(fortune.crash)) this.#crash()
    if (random.chance(fortune.fullDisk)) this.#fillDisk()
    if (random.chance(fortune.deletes)) this.#delete()
    for (const [person, villain] of this.#villains) this.#mischief(person, villain)
    if (random.chance(0.3)) world.wire()
    if (random.chance(0.1)) this.#return()
  }

  /** A link of somebody ends. */
  breakLink(): void {
    const { links, random, pages } = this.world
    if (pages.length === 0) return
    const { peer } = random.pick(pages)
    const others = links.neighbours(peer)
    if (others.length > 0) links.down(peer, random.pick(others))
  }

  #partition(): void {
    const { world } = this
    const isWhole = world.sides.size === 0
    world.sides.clear()
    if (isWhole) for (const { name } of world.people) world.sides.set(name, world.random.below(2))
    world.wire()
  }

  #crash(): void {
    const { world } = this
    const { random, present } = world
    if (present.length === 0) return
    const person = random.pick(present)
    world.leave(person, { losesDisk: random.chance(this.#fortune.losesDisk) })
    if (random.chance(0.5)) world.arrive(person)
  }

  /** Everyone who was away comes back. */
  #return(): void {
    const { world } = this
    for (const person of world.people) if (person.page === undefined) world.arrive(person)
  }

  #fillDisk(): void {
    const { present, random } = this.world
    const disk = present.length > 0 ? random.pick(present).disk : undefined
    if (disk !== undefined) disk.isFull = true
  }

  #delete(): void {
    const { pages, random } = this.world
    if (pages.length === 0) return
    const { log } = random.pick(pages).replica
    if (log.order.length === 0) return
    const entry = log.order.at(random.below(log.order.length))
    if (entry === undefined) return
    const entries = [[entry.feed.id, entry.sequence]] as const
    for (const page of pages) page.give({ type: 'drop', entries })
  }

  #mischief(person: Person, villain: SimVillain): void {
    const { page } = person
    const { links, random } = this.world
    if (page === undefined || random.chance(0.5)) return
    const others = links.neighbours(page.peer)
    if (others.length === 0) return
    const to = random.pick(others)
    for (const frame of villain.mischief(page)) links.send(page.peer, to, frame)
  }
}
