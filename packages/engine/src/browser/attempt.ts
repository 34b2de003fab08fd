// One attempt to open a path that plain ICE does not find (attempt.ts of @knothole/traversal): many
// connections with one certificate, which check what a plan names and nothing else. The first that
// opens wins. Of two that open at the same time the two sides must mean the same one: the side that is
// passive in DTLS chooses, and says so on the channel.
import type { Plan, Preparation } from '@knothole/traversal/ladder'
import {
  answerFrom,
  credentialsIn,
  fingerprintIn,
  guessedCandidate,
  newCredentials,
  withCredentials,
} from './attempt-description.ts'
import type { AttemptDescription, IceCredentials } from '../core/detours/attempt-note.ts'
import type { DtlsRole } from './attempt-description.ts'
import { withChannels } from './open-connection.ts'
import type { OpenedConnection } from './open-connection.ts'

export interface AttemptOptions {
  readonly preparation: Preparation
  readonly role: DtlsRole
  /** One for all attempts of a page, so that a fingerprint tells no more than that. */
  readonly certificate: RTCCertificate
  /** Asked where the plan wants our own ports: one is enough. */
  readonly stunUrls: readonly string[]
  readonly onOpen: (opened: OpenedConnection) => void
}

/** What is known of an attempt's connections once they are prepared. */
export interface Prepared {
  readonly description: AttemptDescription
  /** Where the connections are mapped, in order; only where the preparation says to gather. */
  readonly address: string | undefined
  readonly ports: readonly number[]
}

/** An answer that has not come in this time comes no more: many long round trips, and a busy page's turns. */
const GATHER_MS = 5_000

/** The word of the side that chooses, on the chosen connection: no packet of a link is that short. */
const CHOSEN = new Uint8Array([1])

export class Attempt {
  readonly #options: AttemptOptions
  readonly #connections: OpenedConnection[]
  readonly #ended = new AbortController()
  #isOver = false

  constructor(options: AttemptOptions) {
    this.#options = options
    const { preparation, certificate, stunUrls } = options
    const iceServers = preparation.gather ? stunUrls.slice(0, 1).map((urls) => ({ urls })) : []
    const configuration = { iceServers, certificates: [certificate] }
    this.#connections = Array.from({ length: preparation.connections }, () =>
      withChannels(new RTCPeerConnection(configuration)),
    )
    for (const opened of this.#connections) this.#watch(opened)
  }

  /** Makes the local descriptions, and gathers where the preparation says so. Rejects where a browser refuses. */
  async prepare(): Promise<Prepared> {
    const { credentials } = this.#options.preparation
    const shared =
      credentials === 'shared'
        ? newCredentials((length) => crypto.getRandomValues(new Uint8Array(length)))
        : undefined
    const gathering = this.#connections.map(({ connection }) => this.#mapped(connection))
    const sdps = await Promise.all(
      this.#connections.map(({ connection }) => describe(connection, shared)),
    )
    const mapped = (await Promise.all(gathering)).filter((place) => place !== undefined)
    return {
      description: {
        fingerprint: fingerprintIn(sdps[0] ?? ''),
        credentials: shared === undefined ? sdps.map(credentialsIn) : [shared],
      },
      address: mapped[0]?.address,
      ports: mapped.map(({ port }) => port),
    }
  }

  /** Tells the connections what the other side's are like. */
  async apply({ fingerprint, credentials }: AttemptDescription): Promise<void> {
    const theirs = this.#options.role === 'active' ? 'passive' : 'active'
    await Promise.all(
      this.#connections.map(async ({ connection }, index) => {
        const own = credentials[index % credentials.length]
        if (own === undefined || connection.signalingState === 'closed') return
        const sdp = answerFrom(own, fingerprint, theirs)
        await connection.setRemoteDescription({ type: 'answer', sdp })
      }),
    )
  }

  /** Has the connections check what the plan names, in its order. */
  go({ address, ports, gapMs, atOnce, everyMs }: Plan): void {
    for (const [index, { connection }] of this.#connections.entries()) {
      const guesses = (ports[index] ?? []).map((port, rank) =>
        guessedCandidate(address, port, rank),
      )
      // Timers of their own: nested ones are slowed to 4 ms (HTML, section 8.7).
      const timer = setTimeout(() => {
        for (const guess of guesses.splice(0, atOnce)) void check(connection, guess)
        this.#checkOn(connection, guesses, everyMs)
      }, index * gapMs)
      this.#ended.signal.addEventListener('abort', () => clearTimeout(timer))
    }
  }

  /** Closes all connections but the one that was handed out. */
  end(): void {
    this.#isOver = true
    this.#ended.abort()
    for (const { connection } of this.#connections.splice(0)) connection.close()
  }

  /** One more guess each time. */
  #checkOn(connection: RTCPeerConnection, guesses: string[], everyMs: number): void {
    if (guesses.length === 0) return
    const timer = setInterval(() => {
      const guess = guesses.shift()
      if (guess === undefined) clearInterval(timer)
      else void check(connection, guess)
    }, everyMs)
    this.#ended.signal.addEventListener('abort', () => clearInterval(timer))
  }

  /** Hands out the connection: at once where we choose, at the other side's word where it does. */
  #watch(opened: OpenedConnection): void {
    const { talk } = opened.channels
    const { signal } = this.#ended
    talk.binaryType = 'arraybuffer'
    if (this.#options.role === 'active') {
      talk.addEventListener('message', () => this.#handOut(opened), { once: true, signal })
      return
    }
    const all = Object.values(opened.channels)
    const whenOpen = (): void => {
      if (this.#isOver || all.some(({ readyState }) => readyState !== 'open')) return
      talk.send(CHOSEN)
      this.#handOut(opened)
    }
    for (const channel of all) channel.addEventListener('open', whenOpen, { signal })
  }

  #handOut(opened: OpenedConnection): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#connections.splice(this.#connections.indexOf(opened), 1)
    // Listeners of ours must not see what the new owner's do.
    this.#ended.abort()
    this.#options.onOpen(opened)
  }

  /** Where a connection is mapped; undefined when that is not asked or not told in time. */
  #mapped(
    connection: RTCPeerConnection,
  ): Promise<{ readonly address: string; readonly port: number } | undefined> {
    if (!this.#options.preparation.gather) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), GATHER_MS)
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.type !== 'srflx' && candidate !== null) return
        clearTimeout(timer)
        const { address, port } = candidate ?? { address: null, port: null }
        resolve(address === null || port === null ? undefined : { address, port })
      })
    })
  }
}

/** Makes the local description of a connection, with chosen credentials where there are some. */
async function describe(
  connection: RTCPeerConnection,
  chosen: IceCredentials | undefined,
): Promise<string> {
  if (chosen === undefined) await connection.setLocalDescription()
  else {
    const { type, sdp = '' } = await connection.createOffer()
    await connection.setLocalDescription({ type, sdp: withCredentials(sdp, chosen) })
  }
  return connection.localDescription?.sdp ?? ''
}

async function check(connection: RTCPeerConnection, candidate: string): Promise<void> {
  try {
    await connection.addIceCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 })
  } catch {
    // reason: the attempt ended meanwhile, or the browser refuses this port; the others go on.
  }
}
