// A carrier through somebody else's hands: the rendezvous or a member passes packets on that are sealed
// end to end. Nothing has to be opened; whether it works shows when the other side answers.
import type { Bytes } from '@knothole/wire'
import type { ChannelName } from '../../ports/index.ts'
import type { Carrier } from './carrier.ts'
import type { RelayVia } from '../detours/detours.ts'
import { Heartbeat } from './heartbeat.ts'
import type { PulsePace } from './pulse.ts'
import type { Path } from '../room-state.ts'

/** A relay is asked for signs of life at ease: every ping is somebody else's work. */
const AT_EASE: PulsePace = {
  quietMs: 2_000,
  pingEveryMs: 500,
  silenceMs: 3_000,
  unansweredMs: 1_000,
}

/** The channel of a packet is its first byte. */
const CHANNELS: readonly ChannelName[] = ['talk', 'bulk', 'pulse']

export type RelayCarrierOutput =
  | { readonly type: 'seal-relayed'; readonly via: RelayVia; readonly plain: Bytes }
  | { readonly type: 'packet'; readonly packet: Bytes }
  | { readonly type: 'changed' }

export class RelayCarrier implements Carrier {
  readonly kind = 'relayed'
  readonly open = true
  readonly path: Path
  readonly via: RelayVia
  readonly #outputs: RelayCarrierOutput[] = []
  readonly #heartbeat: Heartbeat
  #usable = false
  #isUsed = false
  /** When something was sent or heard last on it. */
  #heardMs: number

  constructor(via: RelayVia, nowMs: number) {
    this.via = via
    this.path = relayPathOf(via)
    this.#heartbeat = new Heartbeat((frame) => this.send('pulse', frame), nowMs, { pace: AT_EASE })
    this.#heardMs = nowMs
  }

  get usable(): boolean {
    return this.#usable
  }

  /** Whether the link's packets go here. */
  get isUsed(): boolean {
    return this.#isUsed
  }

  /** When the other side was heard last. */
  get heardMs(): number {
    return this.#heardMs
  }

  get rttMs(): number | undefined {
    return this.#heartbeat.rttMs
  }

  get theirs(): boolean {
    return this.#heartbeat.theirs
  }

  use(isUsed: boolean, nowMs: number): void {
    this.#isUsed = isUsed
    this.#heartbeat.use(isUsed, nowMs)
  }

  send(channel: ChannelName, packet: Bytes): void {
    const plain = new Uint8Array(1 + packet.length)
    plain[0] = CHANNELS.indexOf(channel)
    plain.set(packet, 1)
    this.#outputs.push({ type: 'seal-relayed', via: this.via, plain })
  }

  /** A packet of the other side's, opened. */
  handle(plain: Bytes, nowMs: number): void {
    const channel = CHANNELS[plain[0] ?? CHANNELS.length]
    const packet = plain.subarray(1)
    if (channel === undefined) return
    if (channel !== 'pulse') this.#outputs.push({ type: 'packet', packet })
    else if (!this.#heartbeat.handle(packet, nowMs)) return
    this.#heartbeat.heard(nowMs)
    this.#heardMs = nowMs
    this.#become(true)
  }

  /** Asks the other side now. */
  ping(nowMs: number): void {
    this.#heartbeat.ping(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#heartbeat.tick(nowMs)) this.#become(false)
  }

  deadlineMs(): number | undefined {
    return this.#heartbeat.deadlineMs()
  }

  poll(): RelayCarrierOutput | undefined {
    return this.#outputs.shift()
  }

  #become(usable: boolean): void {
    if (this.#usable === usable) return
    this.#usable = usable
    this.#outputs.push({ type: 'changed' })
  }
}

/** How the path over a relay is called. */
export function relayPathOf(via: RelayVia): Path {
  return via === 'rendezvous' ? 'ws-relay' : 'member-relay'
}
