// The first connection, made before anyone is known to take it, and the join that carries its offer:
// holds the join until the offer is made, and gives the connection to the link of whoever took it.
import type { RtcEvent } from '../../ports/index.ts'
import type { PersonRow } from './people-table.ts'
import type { RendezvousOutput } from '../rendezvous/rendezvous-client.ts'
import { SpareOffer } from './spare-offer.ts'
import type { SessionOutput } from '../session-io.ts'

export type Join = RendezvousOutput & { type: 'join' }

export class SpareDesk {
  readonly #output: (out: SessionOutput) => void
  readonly #send: (join: Join, offer: number | undefined) => void
  #spare: SpareOffer | undefined
  /** A join that waits for the spare's offer to be made. */
  #held: Join | undefined

  constructor(
    output: (out: SessionOutput) => void,
    send: (join: Join, offer: number | undefined) => void,
  ) {
    this.#output = output
    this.#send = send
  }

  /** The connection, until it is known who got its offer. */
  get connection(): number | undefined {
    return this.#spare?.connection
  }

  /** Whether its offer went out. */
  get isSent(): boolean {
    return this.#spare?.sent === true
  }

  open(connection: number): void {
    this.#spare = new SpareOffer(connection)
    this.#output({ type: 'rtc-open', connection, options: undefined })
    this.#output({ type: 'rtc', connection, command: { type: 'offer', restart: false } })
  }

  handle(event: RtcEvent): void {
    this.#spare?.handle(event)
    if (event.type === 'failed') this.drop()
    if (this.#held !== undefined) this.join(this.#held)
  }

  /** Sends the join, once there is an offer to go with it. */
  join(join: Join): void {
    const spare = this.#spare
    this.#held = spare?.ready === false ? join : undefined
    if (this.#held !== undefined) return
    spare?.send()
    this.#send(join, spare?.connection)
  }

  /** The peer of this row took the offer; when its link is not new, it needs none. */
  adopt({ link }: PersonRow, isNew: boolean, nowMs: number): void {
    const spare = this.#spare
    if (!isNew || spare === undefined) {
      this.drop()
      if (isNew) link.start(nowMs)
      return
    }
    this.#spare = undefined
    link.adopt(spare.connection, nowMs)
    for (const event of spare.candidates) link.handleRtc(spare.connection, event, nowMs)
  }

  drop(): void {
    if (this.#spare === undefined) return
    this.#output({ type: 'rtc-close', connection: this.#spare.connection })
    this.#spare = undefined
  }
}
