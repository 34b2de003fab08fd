// A simulated room: people with replicas, disks and clocks; links that the topology wants among those who
// are there; and what befalls them. The same seed gives the same run.
import { SeededRandom, VirtualClock } from '@knothole/testkit'
import type { Bytes, FeedId, PeerId } from '@knothole/wire'
import type { Gap } from './gap-report.ts'
import { SimDisk } from './sim-disk.testing.ts'
import { FAIR, SimLinks } from './sim-links.testing.ts'
import type { Weather } from './sim-links.testing.ts'
import { SimOracle, demand } from './sim-oracle.testing.ts'
import { HASH_SIGNER, SimPeer } from './sim-peer.testing.ts'
import type { SimSigner, Skew } from './sim-peer.testing.ts'

/** Who is to be linked with whom. */
export type Topology = 'full' | 'mesh' | 'chain' | 'star'

/** Somebody with an identity and a device; the page open on it comes and goes. */
export interface Person {
  readonly name: string
  readonly author: Bytes
  readonly skew: Skew
  readonly diskMs: number
  disk: SimDisk | undefined
  page: SimPeer | undefined
  pages: number
  isVillain: boolean
  /** The same for each of its pages, where it is a clone. */
  nonce: Bytes | undefined
}

export interface WorldOptions {
  readonly seed: string
  readonly people: number
  readonly topology: Topology
  readonly signer?: SimSigner
  /** Share of people without a disk. */
  readonly diskless?: number
  /** Clocks are off by up to this. */
  readonly skewMs?: number
  /** What stands between an honest page and the network; for malice. */
  readonly tamper?: Tamper
}

/** Sees what somebody sends, and says what goes instead. */
export type Tamper = (from: Person, to: PeerId, data: Bytes) => readonly Bytes[]

/** Until the report of gaps follows what is there. */
const GAPS_CLOSE_MS = 5_000

/** Pause before a link that is wanted comes up again. */
const LINK_AFTER_MS = 3_000

export class SimWorld {
  readonly clock = new VirtualClock({ startMs: 1_800_000_000_000, maxSteps: 3_000_000 })
  readonly random: SeededRandom
  readonly oracle = new SimOracle()
  readonly links: SimLinks
  readonly people: Person[] = []
  readonly logId: Bytes
  topology: Topology
  weather: Weather = FAIR
  /** Whether misfortunes are over. */
  isCalm = false
  /** Which side of a partition somebody is on. */
  readonly sides = new Map<string, number>()
  readonly #options: WorldOptions
  readonly #pages = new Map<PeerId, { readonly page: SimPeer; readonly person: Person }>()
  #texts = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = new SeededRandom(options.seed)
    this.topology = options.topology
    this.logId = this.random.bytes(16)
    this.oracle.keeperOf = (peer) => this.#keeperOf(peer)
    this.links = new SimLinks(this.clock, this.random.fork('links'), {
      up: (of, to) => {
        const other = this.#pages.get(to as PeerId)
        if (other === undefined) return
        const isEager = this.topology !== 'full'
        const { member } = other.page
        this.#page(of)?.give({ type: 'link-up', peer: to as PeerId, member, isEager })
      },
      down: (of, to) => this.#page(of)?.give({ type: 'link-down', peer: to as PeerId }),
      frame: (of, from, data) =>
        this.#page(of)?.give({ type: 'frame', peer: from as PeerId, data }),
    })
    for (let at = 0; at < options.people; at++) this.addPerson()
  }

  addPerson(): Person {
    const person = this.#person(this.people.length)
    this.people.push(person)
    return person
  }

  /** People whose pages are open. */
  get present(): Person[] {
    return this.people.filter(({ page }) => page !== undefined)
  }

  /** Pages of honest people. */
  get pages(): SimPeer[] {
    return this.people.flatMap(({ page, isVillain }) => (isVillain ? [] : (page ?? [])))
  }

  /** A page of somebody opens. */
  arrive(person: Person): SimPeer {
    const peer = `${person.name}${++person.pages}` as PeerId
    const page = new SimPeer(
      {
        clock: this.clock,
        random: this.random.fork(peer),
        logId: this.logId,
        author: person.author,
        peer,
        nonce: person.nonce ?? this.random.bytes(8),
        skew: person.skew,
        disk: person.disk,
        diskMs: person.diskMs,
        signer: this.#options.signer ?? HASH_SIGNER,
        send: (to, data) => this.#send(person, to, data),
      },
      this.oracle,
    )
    person.page = page
    this.#pages.set(peer, { page, person })
    if (person.isVillain) this.oracle.expectLies(peer)
    else this.oracle.honest(page)
    page.start()
    this.wire()
    return page
  }

  /** The page of somebody is gone without a word. */
  leave(person: Person, { losesDisk = false }: { readonly losesDisk?: boolean } = {}): void {
    const { page } = person
    if (page === undefined) return
    const keeper = this.#keeperOf(page)
    page.crash()
    person.page = undefined
    this.links.cut(page.peer)
    this.#pages.delete(page.peer)
    if (losesDisk && person.disk !== undefined) person.disk = new SimDisk()
    if (losesDisk || person.disk === undefined || person.disk.wasFull) this.oracle.forgets(keeper)
    this.wire()
  }

  /** Somebody writes so many entries together, of a length that is drawn or given. */
  say(person: Person, count = 1, bytes?: number): void {
    const bodies = Array.from({ length: count }, () => this.#body(bytes))
    person.page?.write(bodies)
  }

  /** Brings up the links that are wanted, each after a while, and ends those that cannot be. */
  wire(): void {
    for (const [a, b] of this.#wanted()) {
      const [one, other] = [a.page?.peer, b.page?.peer]
      if (one === undefined || other === undefined || this.links.isUp(one, other)) continue
      this.#later(this.random.between(0, LINK_AFTER_MS), () => {
        const still = a.page?.peer === one && b.page?.peer === other && this.#mayLink(a, b)
        if (still) this.links.up(one, other, this.weather)
      })
    }
    for (const { page, person } of this.#pages.values()) {
      for (const other of this.links.neighbours(page.peer)) {
        const there = this.#pages.get(other as PeerId)?.person
        if (there !== undefined && !this.#mayLink(person, there)) this.links.down(page.peer, other)
      }
    }
  }

  /** Ends every link and begins again in this weather. */
  rewire(weather: Weather): void {
    this.weather = weather
    for (const peer of this.#pages.keys()) this.links.cut(peer)
    this.wire()
  }

  /** Lets time pass, and looks at somebody from time to time. */
  pass(ms: number): void {
    const untilMs = this.clock.nowMs() + ms
    let steps = 0
    while (this.clock.step(untilMs)) if (++steps % 64 === 0) this.glance()
    this.clock.runUntil(untilMs)
  }

  /** Looks whether somebody's conversation is in order, and the same as another's. */
  glance(): void {
    const { pages } = this
    if (pages.length < 2) return
    const [one, other] = [this.random.pick(pages), this.random.pick(pages)]
    this.oracle.orderly(one)
    this.oracle.agree(one, other)
  }

  /** Misfortunes are over, everyone is there, and links are well. */
  calm(): void {
    this.isCalm = true
    this.sides.clear()
    // A liar in the middle of a chain can keep its ends apart; nobody can help that.
    if (this.people.some(({ isVillain }) => isVillain)) this.topology = 'full'
    for (const person of this.people) if (person.page === undefined) this.arrive(person)
    this.rewire(FAIR)
  }

  /** Calm: all must come to have the same. `meanwhile` is done every second. */
  heal(withinMs: number, meanwhile?: () => void): void {
    this.calm()
    const untilMs = this.clock.nowMs() + withinMs
    while (this.clock.nowMs() < untilMs && this.difference() !== undefined) {
      this.pass(1_000)
      meanwhile?.()
    }
    const difference = this.difference()
    demand(difference === undefined, difference ?? '')
    for (const page of this.pages) {
      this.oracle.orderly(page)
      this.#gapsClose(page)
    }
    this.oracle.nothingLost(this.pages)
  }

  /** In what two pages differ; undefined when all are the same. */
  difference(): string | undefined {
    const { pages } = this
    const first = pages[0]
    if (first === undefined) return undefined
    for (const page of pages) {
      if (!page.isRestored) return `${page.peer} has not opened its disk yet`
      if (page.replica.queuedWrites > 0) return `${page.peer} has not written yet`
      const letGo = (feed: FeedId): number => this.oracle.letGo(feed)
      const difference = differ(first, page, letGo) ?? differ(page, first, letGo)
      if (difference !== undefined) return difference
    }
    return undefined
  }

  /** What is there is not missing. A liar can make us believe in entries that nobody has, and look for them. */
  #gapsClose({ peer, replica }: SimPeer): void {
    if (this.people.some(({ isVillain }) => isVillain)) return
    const asked = (): Gap[] => replica.gaps.filter((gap) => gap.asked.length > 0)
    for (let waits = 0; asked().length > 0 && waits < GAPS_CLOSE_MS / 1_000; waits++)
      this.pass(1_000)
    demand(asked().length === 0, `${peer} sees gaps: ${JSON.stringify(asked())}`)
  }

  #send(from: Person, to: PeerId, data: Bytes): void {
    const peer = from.page?.peer
    if (peer === undefined) return
    for (const frame of this.#options.tamper?.(from, to, data) ?? [data])
      this.links.send(peer, to, frame)
  }

  #person(at: number): Person {
    const { diskless = 0, skewMs = 0 } = this.#options
    const { random } = this
    return {
      name: `p${at}-`,
      author: random.bytes(32),
      skew: { offsetMs: random.between(-skewMs, skewMs), drift: random.between(-1e-4, 1e-4) },
      disk: random.chance(diskless) ? undefined : new SimDisk(),
      diskMs: random.pick([0, 20, 200, 2_000]),
      page: undefined,
      pages: 0,
      isVillain: false,
      nonce: undefined,
    }
  }

  #page(peer: string): SimPeer | undefined {
    return this.#pages.get(peer as PeerId)?.page
  }

  /** Whose word it is: that of the disk where there is one. */
  #keeperOf(peer: SimPeer): string {
    const person = this.#pages.get(peer.peer)?.person
    return person?.disk === undefined ? peer.peer : person.name
  }

  #mayLink(a: Person, b: Person): boolean {
    return (this.sides.get(a.name) ?? 0) === (this.sides.get(b.name) ?? 0)
  }

  #wanted(): [Person, Person][] {
    const all: [Person, Person][] = []
    for (const side of new Set(this.present.map(({ name }) => this.sides.get(name) ?? 0))) {
      const people = this.present.filter(({ name }) => (this.sides.get(name) ?? 0) === side)
      for (const [at, to] of edges(this.topology, people.length)) {
        const [a, b] = [people[at], people[to]]
        if (a !== undefined && b !== undefined && a !== b) all.push([a, b])
      }
    }
    return all
  }

  #body(length = this.#bodyBytes()): Bytes {
    const body = this.random.bytes(length)
    new DataView(body.buffer).setUint32(0, this.#texts++)
    return body
  }

  #bodyBytes(): number {
    const { random } = this
    return random.chance(0.05) ? 4_000 + random.below(8_000) : 8 + random.below(120)
  }

  #later(ms: number, call: () => void): void {
    this.clock.schedule(this.clock.nowMs() + ms, call)
  }
}

/** Distances around the ring to which a partial mesh has links: any two are few hops apart. */
const CHORDS = [1, 3, 9, 27]

function edges(topology: Topology, count: number): [number, number][] {
  const all: [number, number][] = []
  for (let at = 0; at < count; at++) {
    if (topology === 'full') for (let to = at + 1; to < count; to++) all.push([at, to])
    else if (topology === 'star') all.push([0, at])
    else if (topology === 'chain') all.push([at, at + 1])
    else for (const chord of CHORDS) if (chord < count) all.push([at, (at + chord) % count])
  }
  return all
}

/** Something of a feed that one has and the other has not. */
function differ(one: SimPeer, other: SimPeer, letGo: (feed: FeedId) => number): string | undefined {
  for (const { id, count, cut } of one.replica.log.feeds()) {
    // What somebody let go as too old nobody else needs to have.
    if (cut === undefined && count <= letGo(id)) continue
    const theirs = other.replica.log.feed(id)
    const isSame = theirs?.count === count && theirs.cut === cut
    if (!isSame && (count > 0 || cut !== undefined))
      return `${one.peer} has ${count} of ${id} (cut ${cut}), ${other.peer} ${theirs?.count} (cut ${theirs?.cut})`
  }
  return undefined
}
