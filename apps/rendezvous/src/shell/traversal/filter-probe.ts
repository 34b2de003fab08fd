// Tells what a peer's NAT lets in (RFC 4787, section 5): sends bare Binding requests to a place that
// our STUN service has just told the peer, from sockets that it has not sent to, and listens whether
// anything comes back. A browser answers such a request with an error, which tells as much as a
// success. Sends a few packets smaller than what the peer itself sent, to recent places only.
import { randomBytes } from 'node:crypto'
import {
  STUN_METHODS,
  TRANSACTION_ID_BYTES,
  decodeMessage,
  encodeMessage,
  formatTransportAddress,
  toTransportAddress,
} from '@knothole/traversal'
import type { TransportAddress, TurnRemote } from '@knothole/traversal'
import type { ProbeVerdict } from '@knothole/wire'
import type { UdpReceiver, UdpSocket } from '../udp/udp-network.ts'

/** What was heard. */
export interface ProbeVerdicts {
  readonly otherAddress: ProbeVerdict
  readonly otherPort: ProbeVerdict
}

export const UNTESTED: ProbeVerdicts = { otherAddress: 'untested', otherPort: 'untested' }

/** From which sockets a place is probed: those of hosts, each on a port that nobody asks. */
export interface ProbeFrom {
  readonly otherAddress: UdpSocket | undefined
  readonly otherPort: UdpSocket | undefined
}

/** How long to listen: a round trip around the world. What is silent for so long is filtered. */
const PROBE_WAIT_MS = 300

/** When the requests go out: any may be lost. */
const SEND_AT_MS: readonly number[] = [0, 60, 120]

/** Probes that run at once in a thread; admitted peers have a rate each, so this is far above need. */
const MAX_RUNNING = 1000

interface Running {
  readonly place: TransportAddress
  /** Ends one question and answers it. */
  readonly settle: (verdict: ProbeVerdict) => void
}

/** Receives for sockets of its own; a place that cannot be reached is a place that stays silent. */
export class FilterProbe implements UdpReceiver {
  /** By the transaction they wait for. */
  readonly #running = new Map<string, Running>()

  /** Asks a place from these sockets. */
  async ask(place: TransportAddress, from: ProbeFrom): Promise<ProbeVerdicts> {
    const [otherAddress, otherPort] = await Promise.all([
      this.#question(place, from.otherAddress),
      this.#question(place, from.otherPort),
    ])
    return { otherAddress, otherPort }
  }

  received(datagram: Uint8Array, { address, port }: TurnRemote): void {
    const decoded = decodeMessage(datagram)
    if (decoded.type === 'refused') return
    const { class: stunClass, transactionId } = decoded.message
    const running = this.#running.get(Buffer.from(transactionId).toString('hex'))
    const source = toTransportAddress(address, port)
    if (running === undefined || source === null) return
    if (stunClass !== 'success' && stunClass !== 'error') return
    const isFromPlace = formatTransportAddress(source) === formatTransportAddress(running.place)
    if (isFromPlace) running.settle('answered')
  }

  close(): void {
    for (const { settle } of this.#running.values()) settle('untested')
  }

  #question(place: TransportAddress, socket: UdpSocket | undefined): Promise<ProbeVerdict> {
    if (socket === undefined || this.#running.size >= MAX_RUNNING) {
      return Promise.resolve('untested')
    }
    const transactionId = randomBytes(TRANSACTION_ID_BYTES)
    const request = encodeMessage(
      { class: 'request', method: STUN_METHODS.binding, transactionId, attributes: [] },
      { fingerprint: true },
    )
    return new Promise((resolve) => {
      const key = transactionId.toString('hex')
      const timers = SEND_AT_MS.map((atMs) => setTimeout(() => socket.send(request, place), atMs))
      const settle = (verdict: ProbeVerdict): void => {
        this.#running.delete(key)
        for (const timer of timers) clearTimeout(timer)
        resolve(verdict)
      }
      timers.push(setTimeout(() => settle('silent'), PROBE_WAIT_MS))
      this.#running.set(key, { place, settle })
    })
  }
}
