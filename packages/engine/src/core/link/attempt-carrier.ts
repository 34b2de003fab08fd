// A connection that an attempt opened, as a carrier. It cannot be repaired: its candidates were guesses,
// and its NATs would give other ports now. When it falls silent the link goes on elsewhere, and when it
// stays silent it is over.
import type { Bytes } from '@knothole/wire'
import type { TrickRung } from '@knothole/traversal/ladder'
import type { ChannelName, RtcCommand, RtcEvent } from '../../ports/index.ts'
import type { Carrier } from './carrier.ts'
import { Heartbeat } from './heartbeat.ts'
import { earliest } from '../machine.ts'
import type { Path } from '../room-state.ts'
import type { Width } from './width-probe.ts'

/** Silence after which a NAT has forgotten the path: ICE itself gives up about then. */
const DEAD_AFTER_MS = 6_000

export type AttemptCarrierOutput =
  | { readonly type: 'rtc'; readonly connection: number; readonly command: RtcCommand }
  | { readonly type: 'rtc-close'; readonly connection: number }
  | { readonly type: 'packet'; readonly packet: Bytes }
  | { readonly type: 'changed' }

export class AttemptCarrier implements Carrier {
  readonly kind = 'reliable'
  readonly connection: number
  readonly path: Path
  readonly #outputs: AttemptCarrierOutput[] = []
  readonly #heartbeat: Heartbeat
  #open = true
  #silentSinceMs: number | undefined

  constructor(connection: number, rung: TrickRung, nowMs: number) {
    this.connection = connection
    this.path = rung === 'predicted' ? 'predicted' : 'birthday'
    this.#heartbeat = new Heartbeat((frame) => this.send('pulse', frame), nowMs)
  }

  get open(): boolean {
    return this.#open
  }

  get usable(): boolean {
    return this.#open && this.#silentSinceMs === undefined
  }

  get rttMs(): number | undefined {
    return this.#heartbeat.rttMs
  }

  get theirs(): boolean {
    return this.#heartbeat.theirs
  }

  get width(): Width {
    return this.#heartbeat.width
  }

  doubt(nowMs: number): void {
    this.#heartbeat.doubt(nowMs)
  }

  measure(nowMs: number): number | undefined {
    return this.#open ? this.#heartbeat.measure(nowMs) : undefined
  }

  use(isUsed: boolean, nowMs: number): void {
    if (this.#open) this.#heartbeat.use(isUsed, nowMs)
  }

  send(channel: ChannelName, frame: Bytes): void {
    if (!this.#open) return
    const command = { type: 'send', channel, frame } as const
    this.#outputs.push({ type: 'rtc', connection: this.connection, command })
  }

  handle(event: RtcEvent, nowMs: number): void {
    switch (event.type) {
      case 'frame':
        this.#heard(event.channel, event.frame, nowMs)
        return
      case 'troubled':
        this.#fell(nowMs)
        return
      case 'failed':
        this.close()
        return
      default:
    }
  }

  tick(nowMs: number): void {
    if (!this.#open) return
    if (this.#heartbeat.tick(nowMs)) this.#fell(nowMs)
    const since = this.#silentSinceMs
    if (since !== undefined && nowMs >= since + DEAD_AFTER_MS) this.close()
  }

  deadlineMs(): number | undefined {
    if (!this.#open) return undefined
    const since = this.#silentSinceMs
    return earliest(
      this.#heartbeat.deadlineMs(),
      since === undefined ? undefined : since + DEAD_AFTER_MS,
    )
  }

  poll(): AttemptCarrierOutput | undefined {
    return this.#outputs.shift()
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#outputs.push({ type: 'rtc-close', connection: this.connection }, { type: 'changed' })
  }

  #heard(channel: ChannelName, frame: Bytes, nowMs: number): void {
    const { width } = this
    if (channel !== 'pulse') this.#outputs.push({ type: 'packet', packet: frame })
    else if (!this.#heartbeat.handle(frame, nowMs)) return
    if (this.width !== width) this.#outputs.push({ type: 'changed' })
    this.#heartbeat.heard(nowMs)
    if (this.#silentSinceMs === undefined) return
    this.#silentSinceMs = undefined
    this.#outputs.push({ type: 'changed' })
  }

  #fell(nowMs: number): void {
    if (!this.usable) return
    this.#silentSinceMs = nowMs
    this.#outputs.push({ type: 'changed' })
  }
}
