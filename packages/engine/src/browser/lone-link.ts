// One link by itself: for programs that introduce their pages in a way of their own. Drives a link's
// machine with WebRTC and time; knows no room, no rendezvous and no seals, so whoever carries the signals
// must be trusted with them.
import type { Bytes, Signal } from '@knothole/wire'
import { Link } from '../core/link/link.ts'
import type { LinkOutput } from '../core/link/link.ts'
import type { LinkStatus } from '../core/room-state.ts'
import type { RtcConnection, RtcEvent } from '../ports/index.ts'
import { DeadlineTimer } from '../shell/deadline-timer.ts'
import { browserClock } from './clock.ts'
import { openConnection } from './open-connection.ts'
import { BrowserRtcConnection } from './rtc-connection.ts'

/** What a lone link needs and whom it tells. */
export interface LoneLinkOptions {
  /** One of the two is polite; the other one makes the first offer. */
  readonly polite: boolean
  readonly stunUrls: readonly string[]
  /** A signal for the other side, in any form that brings it there. */
  readonly onSignal: (signal: Signal) => void
  readonly onFrame: (frame: Bytes) => void
  /** A frame of bulk. */
  readonly onBulk: (frame: Bytes) => void
  /** There may be room again, or the link may be up or down. */
  readonly onChange: () => void
}

/** A link between this page and another. */
export class LoneLink {
  readonly #options: LoneLinkOptions
  readonly #link: Link
  readonly #connections = new Map<number, RtcConnection>()
  #numbers = 0
  /** How many steps are under way: what the program does when it is told is a step within one. */
  #steps = 0
  readonly #timer: DeadlineTimer = new DeadlineTimer(browserClock, () => {
    this.#do((nowMs) => this.#link.tick(nowMs))
    this.#options.onChange()
  })

  constructor(options: LoneLinkOptions) {
    this.#options = options
    const nextNumber = (): number => (this.#numbers += 1)
    const { polite } = options
    const numbers = { newConnection: nextNumber, nextSequence: nextNumber }
    this.#link = new Link({ polite, random: Math.random, ...numbers }, browserClock.nowMs())
    if (!polite) this.#do((nowMs) => this.#link.start(nowMs))
  }

  get status(): LinkStatus {
    return this.#link.status
  }

  /** Takes a signal of the other side. */
  signal(signal: Signal): void {
    this.#do((nowMs) => this.#link.handleSignal(signal, nowMs))
  }

  /** Sends a frame of talk; answers whether there was room. */
  send(frame: Bytes): boolean {
    return this.#do((nowMs) => this.#link.send(frame, nowMs))
  }

  /** Sends a frame that may wait for talk; answers whether there was room. */
  sendBulk(frame: Bytes): boolean {
    if (!this.#link.stream.wantsBulk) return false
    return this.#do((nowMs) => {
      const isTaken = this.#link.stream.send('bulk', frame, nowMs)
      this.#link.flow(nowMs)
      return isTaken
    })
  }

  close(): void {
    this.#do((nowMs) => this.#link.close(nowMs))
    this.#timer.set(undefined)
  }

  #do<Result>(step: (nowMs: number) => Result): Result {
    this.#steps += 1
    const result = step(browserClock.nowMs())
    for (let out = this.#link.poll(); out !== undefined; out = this.#link.poll()) this.#perform(out)
    this.#steps -= 1
    if (this.#steps === 0) this.#timer.set(this.#link.deadlineMs())
    return result
  }

  #perform(out: LinkOutput): void {
    switch (out.type) {
      case 'signal':
        this.#options.onSignal(out.signal)
        return
      case 'rtc-open':
        this.#open(out.connection)
        return
      case 'rtc':
        this.#connections.get(out.connection)?.command(out.command)
        return
      case 'rtc-close':
        this.#connections.get(out.connection)?.close()
        this.#connections.delete(out.connection)
        return
      case 'frame':
        this.#options.onFrame(out.frame)
        return
      case 'bulk':
        this.#takeBulk()
        return
      default:
      // Detours, repairs that a rendezvous would hear of: there is none.
    }
  }

  #open(connection: number): void {
    const opened = openConnection(this.#options.stunUrls)
    const hear = (event: RtcEvent): void => {
      this.#do((nowMs) => this.#link.handleRtc(connection, event, nowMs))
      this.#options.onChange()
    }
    this.#connections.set(connection, new BrowserRtcConnection(opened, hear))
  }

  #takeBulk(): void {
    const { stream } = this.#link
    const take = (): Bytes | undefined => stream.takeBulk(browserClock.nowMs())
    for (let frame = take(); frame !== undefined; frame = take()) this.#options.onBulk(frame)
    this.#link.flow(browserClock.nowMs())
  }
}
