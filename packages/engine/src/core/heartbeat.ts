// The pulse of one carrier with its frames: pings, answers to pings, and on which carrier each side
// sends. Tells silence; what to do about it is its owner's.
import { decodePulseFrame, encodePulseFrame } from '@knothole/wire'
import type { Bytes, PulseFrame } from '@knothole/wire'
import { Pulse } from './pulse.ts'
import type { PulsePace } from './pulse.ts'

export class Heartbeat {
  readonly #pulse: Pulse
  readonly #send: (frame: Bytes) => void
  #using = false
  #theirs = false

  constructor(send: (frame: Bytes) => void, nowMs: number, pace?: PulsePace) {
    this.#send = send
    this.#pulse = new Pulse(nowMs, pace)
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
    else this.#pulse.pong(number, nowMs)
    return true
  }

  /** Pings when one is due; answers whether the carrier has gone silent. */
  tick(nowMs: number): boolean {
    const number = this.#pulse.pingDue(nowMs)
    if (number !== undefined) this.#tell('ping', number)
    return this.#pulse.silent(nowMs)
  }

  deadlineMs(): number | undefined {
    return this.#pulse.deadlineMs()
  }

  #tell(type: PulseFrame['type'], number: number): void {
    const using = this.#using ? true : undefined
    this.#send(encodePulseFrame({ type, number, using }))
  }
}
