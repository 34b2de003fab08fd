// A raw data channel, driven as well as it can be: negotiated, with a window of unacknowledged bytes that
// starts small enough for Chromium not to stall in SCTP's slow start, and grows with what the path
// carries in two round trips. The round trip is asked for on the channel of messages: a piece's own would
// hold its wait in the full window.
import type { Lane, OpenPipe, PipeOptions } from './pipe.ts'

const START_BYTES = 256 * 1024
const MAX_BYTES = 4 * 1024 * 1024
/** The receiver acknowledges so many bytes at once. */
const ACK_BYTES = 32 * 1024
/** How long bytes are counted for one reading of the rate. */
const READING_MS = 100
/** How often the round trip is asked for while bytes go. */
const MEASURE_EVERY_MS = 100
/** Answers of which the quickest counts. */
const FEW_SAMPLES = 4
const MAX_SAMPLES = 8

type Signal =
  | { readonly description: RTCSessionDescriptionInit }
  | { readonly candidate: RTCIceCandidateInit }

export const openRawPipe: OpenPipe = (options) => {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  const path = new RawPath(connection)
  const talk = new RawLane(connection, { lane: 'talk', id: 0, path }, options)
  const bulk = new RawLane(connection, { lane: 'bulk', id: 1, path }, options)
  const lanes = { talk, bulk }
  const tell = (signal: Signal): void => options.tell(JSON.stringify(signal))
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null) tell({ candidate: candidate.toJSON() })
  })
  const describe = async (): Promise<void> => {
    await connection.setLocalDescription()
    if (connection.localDescription !== null) tell({ description: connection.localDescription })
  }
  if (options.isOfferer) void describe()
  return {
    open: Promise.all([talk.open, bulk.open]).then(() => undefined),
    hear(text) {
      const signal = JSON.parse(text) as Signal
      if ('candidate' in signal) void connection.addIceCandidate(signal.candidate)
      else {
        void connection.setRemoteDescription(signal.description)
        if (!options.isOfferer) void describe()
      }
    },
    send: (lane, bytes) => lanes[lane].send(bytes),
    room: () => Promise.race([talk.room(), bulk.room()]),
  }
}

/** How long the path takes there and back, asked on a channel of its own. */
class RawPath {
  readonly #channel: RTCDataChannel
  readonly #samples: number[] = []
  #askedMs = -Infinity

  constructor(connection: RTCPeerConnection) {
    this.#channel = connection.createDataChannel('path', { negotiated: true, id: 2 })
    this.#channel.addEventListener('open', () => this.ask())
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data === '?') this.#channel.send('!')
      else this.#answered()
    })
  }

  /** The shortest of the last few round trips; undefined while there were not enough. */
  get leastRttMs(): number | undefined {
    return this.#samples.length < FEW_SAMPLES ? undefined : Math.min(...this.#samples)
  }

  ask(): void {
    const nowMs = performance.now()
    if (this.#channel.readyState !== 'open' || nowMs < this.#askedMs + MEASURE_EVERY_MS) return
    this.#askedMs = nowMs
    this.#channel.send('?')
  }

  #answered(): void {
    this.#samples.push(Math.max(1, performance.now() - this.#askedMs))
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift()
  }
}

/** One channel and its window. */
class RawLane {
  readonly open: Promise<void>
  readonly #channel: RTCDataChannel
  readonly #path: RawPath
  #window = START_BYTES
  #sent = 0
  #acked = 0
  #unacknowledged = 0
  #wake = (): void => undefined
  #readBytes = 0
  #readMs = 0

  constructor(
    connection: RTCPeerConnection,
    { lane, id, path }: { lane: Lane; id: number; path: RawPath },
    { onBytes }: PipeOptions,
  ) {
    this.#path = path
    this.#channel = connection.createDataChannel(lane, { negotiated: true, id })
    this.#channel.binaryType = 'arraybuffer'
    this.open = new Promise((resolve) => {
      this.#channel.addEventListener('open', () => resolve())
    })
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.#heard(Number(data))
      else if (data instanceof ArrayBuffer) {
        this.#acknowledge(data.byteLength)
        onBytes(lane, new Uint8Array(data))
      }
    })
  }

  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#sent - this.#acked >= this.#window) return false
    this.#channel.send(bytes)
    this.#sent += bytes.length
    return true
  }

  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #acknowledge(bytes: number): void {
    this.#unacknowledged += bytes
    if (this.#unacknowledged < ACK_BYTES) return
    this.#channel.send(String(this.#unacknowledged))
    this.#unacknowledged = 0
  }

  #heard(bytes: number): void {
    const nowMs = performance.now()
    this.#acked += bytes
    this.#readBytes += bytes
    this.#path.ask()
    const rttMs = this.#path.leastRttMs
    const passedMs = nowMs - this.#readMs
    if (rttMs !== undefined && passedMs >= Math.max(READING_MS, rttMs)) {
      const carried = (this.#readBytes / passedMs) * rttMs
      this.#window = Math.min(MAX_BYTES, Math.max(START_BYTES, this.#window / 2, 2 * carried))
      this.#readBytes = 0
      this.#readMs = nowMs
    }
    this.#wake()
  }
}
