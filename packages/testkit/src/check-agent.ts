// One connection of a browser as far as punching goes: a socket that checks remote candidates as
// Chromium does and answers who knows its name. After libwebrtc's BasicIceController: the first
// check at once, then one per turn, what was never checked first in the order given, then who waited
// longest; a pair that nobody answers ends after 15 s, the socket does not. No DTLS, no nomination.
import type { Clock } from '@knothole/engine/ports'
import type { NatSocket } from './nat-network.ts'
import type { Endpoint } from './nat-table.ts'

/** The pause between checks while no pair works (libwebrtc's weak ping interval). */
const PAUSE_MS = 48
/** Chromium wakes network threads on this beat, which makes 62.5 ms of 48. */
const BEAT_MS = 1_000 / 64
const PAIR_LIFE_MS = 15_000

export type CheckPacket =
  | { readonly type: 'ask' }
  | { readonly type: 'told'; readonly mapped: Endpoint }
  | { readonly type: 'check'; readonly to: string; readonly from: string }
  | { readonly type: 'answer'; readonly to: string }

interface Pair {
  readonly remote: Endpoint
  firstMs: number | undefined
  lastMs: number
}

export interface CheckAgentOptions {
  readonly clock: Clock
  readonly socket: NatSocket<CheckPacket>
  /** Ufrags: shared by several agents in a shared attempt. */
  readonly local: string
  readonly remote: string
  /** A check was answered: packets pass both ways. */
  readonly onOpen: (remote: Endpoint) => void
}

export class CheckAgent {
  readonly #options: CheckAgentOptions
  readonly #pairs = new Map<string, Pair>()
  #unchecked: Pair[] = []
  /** Checked by the other side, to be checked next. */
  readonly #triggered: Pair[] = []
  #isChecking = false
  #isClosed = false

  constructor(options: CheckAgentOptions) {
    this.#options = options
    options.socket.onPacket = (packet, from) => this.#receive(packet, from)
  }

  /** Adds a remote candidate; one that is there already is ignored. */
  add(remote: Endpoint): void {
    const name = nameOf(remote)
    if (this.#pairs.has(name)) return
    this.#remember(name, remote)
    if (this.#isChecking) return
    this.#isChecking = true
    this.#turn()
  }

  close(): void {
    this.#isClosed = true
    this.#options.socket.close()
  }

  #remember(name: string, remote: Endpoint): Pair {
    const pair: Pair = { remote, firstMs: undefined, lastMs: -Infinity }
    this.#pairs.set(name, pair)
    this.#unchecked.push(pair)
    return pair
  }

  #turn(): void {
    if (this.#isClosed) return
    const { clock, socket, local, remote } = this.#options
    const nowMs = clock.nowMs()
    const pair = this.#next(nowMs)
    if (pair !== undefined) {
      pair.firstMs ??= nowMs
      pair.lastMs = nowMs
      socket.send(pair.remote, { type: 'check', to: remote, from: local })
    }
    clock.schedule(Math.ceil((nowMs + PAUSE_MS) / BEAT_MS) * BEAT_MS, () => this.#turn())
  }

  #next(nowMs: number): Pair | undefined {
    if (this.#triggered.length > 0) {
      const pair = this.#triggered.shift()
      this.#unchecked = this.#unchecked.filter((other) => other !== pair)
      return pair
    }
    const fresh = this.#unchecked.shift()
    if (fresh !== undefined) return fresh
    let oldest: Pair | undefined
    for (const pair of this.#pairs.values()) {
      const isAlive = pair.firstMs !== undefined && nowMs - pair.firstMs < PAIR_LIFE_MS
      if (isAlive && (oldest === undefined || pair.lastMs < oldest.lastMs)) oldest = pair
    }
    return oldest
  }

  #receive(packet: CheckPacket, from: Endpoint): void {
    const { socket, local, onOpen } = this.#options
    if (packet.type === 'answer' && packet.to === local) onOpen(from)
    if (packet.type !== 'check' || packet.to !== local) return
    socket.send(from, { type: 'answer', to: packet.from })
    const name = nameOf(from)
    const pair = this.#pairs.get(name) ?? this.#remember(name, from)
    if (!this.#triggered.includes(pair)) this.#triggered.push(pair)
    if (this.#isChecking) return
    this.#isChecking = true
    this.#turn()
  }
}

function nameOf({ address, port }: Endpoint): string {
  return `${address}:${port}`
}
