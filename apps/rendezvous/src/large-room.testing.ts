// A large room in the simulated world: who is linked with whom, whether that is one component, and what is
// wrong with it at rest. Watches pairs, so that links that come and go are seen.
import type { PeerId } from '@knothole/wire'
import type { SimulatedPeer } from './simulated-peer.testing.ts'
import { isUp } from './simulated-world.testing.ts'
import type { SimulatedWorld } from './simulated-world.testing.ts'

/** How many links a desktop keeps at rest, a few more or fewer while others come and go. */
export const LINKS = { least: 5, most: 9 }

export class LargeRoom {
  readonly world: SimulatedWorld
  /** How often the link of a pair began, since `watch`. */
  readonly #begun = new Map<string, number>()
  #up = new Set<string>()
  #watching = false

  constructor(world: SimulatedWorld) {
    this.world = world
  }

  /** So many people open the link within a while. */
  fill(count: number, withinMs: number, phones = 0): void {
    const { world } = this
    for (let i = 0; i < count; i++) {
      const device = i < phones ? 'phone' : 'desktop'
      world.at(world.random.below(withinMs), () => world.join(`p${i}`, undefined, { device }))
    }
    world.clock.advance(withinMs)
  }

  /** Everyone linked with a peer, as both sides see it. */
  linkedWith(peer: SimulatedPeer): SimulatedPeer[] {
    const byPeer = new Map(this.world.here.map((one) => [one.peer, one] as const))
    return peer.state.people.flatMap(({ peer: id, link }) => {
      const other = link.state === 'connected' ? byPeer.get(id) : undefined
      return other !== undefined && isUp(other, peer) ? [other] : []
    })
  }

  /** The parts of the mesh, the largest first. */
  parts(): SimulatedPeer[][] {
    const left = new Set(this.world.here)
    const parts: SimulatedPeer[][] = []
    for (const first of this.world.here) {
      if (!left.delete(first)) continue
      const part = [first]
      for (const peer of part) {
        for (const other of this.linkedWith(peer)) if (left.delete(other)) part.push(other)
      }
      parts.push(part)
    }
    return parts.toSorted((a, b) => b.length - a.length)
  }

  isConnected(): boolean {
    return this.parts().length <= 1
  }

  degrees(): number[] {
    return this.world.here.map((peer) => this.linkedWith(peer).length)
  }

  /** Whether everyone sees everyone who is here, and nobody else. */
  isSeen(): boolean {
    const here = new Set<PeerId>(this.world.here.map(({ peer }) => peer))
    return this.world.here.every(
      ({ state }) =>
        state.people.length === here.size - 1 && state.people.every(({ peer }) => here.has(peer)),
    )
  }

  /** Counts from now on how often each pair links. */
  watch(): void {
    this.#begun.clear()
    this.#up = this.#pairs()
    if (this.#watching) return
    this.#watching = true
    const look = (): void => {
      const now = this.#pairs()
      for (const pair of now) {
        if (!this.#up.has(pair)) this.#begun.set(pair, (this.#begun.get(pair) ?? 0) + 1)
      }
      this.#up = now
      this.world.at(500, look)
    }
    look()
  }

  /** Pairs that linked more often than `most` times since `watch`. */
  flapping(most: number): string[] {
    return [...this.#begun].filter(([, count]) => count > most).map(([pair]) => pair)
  }

  /** Links that began since `watch`. */
  get begun(): number {
    return [...this.#begun.values()].reduce((sum, count) => sum + count, 0)
  }

  /** What is wrong with a room at rest. */
  complaints(): string[] {
    const found: string[] = []
    const parts = this.parts()
    if (parts.length > 1) found.push(`parts of ${parts.map(({ length }) => length).join(', ')}`)
    for (const peer of this.world.here) {
      const { state, name, faults, page } = peer
      const links = this.linkedWith(peer).length
      const isPhone = peer.device === 'phone'
      const { least, most } = isPhone ? { least: 3, most: 6 } : LINKS
      const bound = Math.min(least, this.world.here.length - 1)
      if (links < bound || links > most) found.push(`${name} has ${links} links`)
      if (state.people.length !== this.world.here.length - 1)
        found.push(`${name} sees ${state.people.length} people`)
      const open = page.connections().length
      if (open > most + 3) found.push(`${name} holds ${open} connections`)
      for (const { code } of faults) found.push(`${name} saw ${code}`)
    }
    return found
  }

  #pairs(): Set<string> {
    const pairs = new Set<string>()
    for (const peer of this.world.here) {
      for (const other of this.linkedWith(peer)) {
        if (peer.name < other.name) pairs.add(`${peer.name} ${other.name}`)
      }
    }
    return pairs
  }
}
