// The pulse of one carrier with its frames: pings, answers to pings, and on which carrier each side
// sends. Tells silence; what to do about it is its owner's.
import { decodePulseFrame, encodePulseFrame } from '@knothole/wire'
import type { Bytes, PulseFrame } from '@knothole/wire'
import { earliest } from '../machine.ts'
import { Pulse } from './pulse.ts'
import type { PulsePace } from './pulse.ts'
import { WIDE_PAD_BYTES, WidthProbe } from './width-probe.ts'
import type { Width } from './width-probe.ts'

/** What keeps a ping from being small. */
const PAD = new Uint8Array(WIDE_PAD_BYTES)

export class Heartbeat {
  readonly #pulse: Pulse
  readonly #probe: WidthProbe
  readonly #send: (frame: Bytes) => void
  #using = false
  #theirs = false

  constructor(
    send: (frame: Bytes) => void,
    nowMs: number,
    { pace, width = 'unknown' }: { readonly pace?: PulsePace; readonly width?: Width } = {},
  ) {
    this.#send = send
    this.#pulse = new Pulse(nowMs, pace)
    this.#probe = new WidthProbe(width, nowMs)
  }

  /** Whether large packets arrive, as far as is known. */
  get width(): Width {
    return this.#probe.width
  }

  /** There is reason to find out whether large packets arrive. */
  doubt(nowMs: number): void {
    this.#probe.doubt(nowMs)
  }

  /** Smoothed round-trip time in ms. */
  get rttMs(): number | undefined {
    return this.#pulse.rttMs
  }

  /** Whether the other side said last that it sends here. */
  get theirs(): boolean {
    return this.#theirs
  }

  /** We send the link's packets here from now on, or no longer: the other side is told at once. */
  use(isUsed: boolean, nowMs: number): void {
    if (this.#using === isUsed) return
    this.#using = isUsed
    this.ping(nowMs)
  }

  /** Asks now instead of later. */
  ping(nowMs: number): void {
    this.#tell('ping', this.#pulse.ping(nowMs))
  }

  /** Asks for the round trip; answers the shortest of the last few. */
  measure(nowMs: number): number | undefined {
    this.ping(nowMs)
    return this.#pulse.leastRttMs
  }

  /** Something came from the peer. */
  heard(nowMs: number): void {
    this.#pulse.heard(nowMs)
  }

  /** Answers a ping, takes a pong; says whether the frame was one of these. */
  handle(bytes: Bytes, nowMs: number): boolean {
    const decoded = decodePulseFrame(bytes)
    if (!decoded.ok) return false
    const { type, number, using } = decoded.value
    this.#theirs = using === true
    if (type === 'ping') this.#tell('pong', number)
    else {
      this.#pulse.pong(number, nowMs)
      this.#probe.answered(number, nowMs)
    }
    return true
  }

  /** Pings when one is due; answers whether the carrier has gone silent. */
  tick(nowMs: number): boolean {
    const number = this.#pulse.pingDue(nowMs)
    if (number !== undefined) this.#tell('ping', number)
    this.#askWidth(nowMs)
    return this.#pulse.silent(nowMs)
  }

  deadlineMs(): number | undefined {
    return earliest(this.#pulse.deadlineMs(), this.#probe.deadlineMs())
  }

  #askWidth(nowMs: number): void {
    const due = this.#probe.due(nowMs)
    if (due === undefined) return
    const number = this.#pulse.ping(nowMs)
    this.#probe.sent(number, due)
    this.#tell('ping', number, due === 'large' ? PAD : undefined)
  }

  #tell(type: PulseFrame['type'], number: number, pad?: Bytes): void {
    const using = this.#using ? true : undefined
    this.#send(encodePulseFrame({ type, number, using, pad }))
  }
}
