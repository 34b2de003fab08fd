// A raw data channel, driven as well as it can be: negotiated, with a window of unacknowledged bytes that
// starts small enough for Chromium not to stall in SCTP's slow start, and grows with what the path
// carries in two round trips.
import type { Lane, OpenPipe, PipeOptions } from './pipe.ts'

const START_BYTES = 256 * 1024
const MAX_BYTES = 4 * 1024 * 1024
/** The receiver acknowledges so many bytes at once. */
const ACK_BYTES = 32 * 1024
/** How long bytes are counted for one reading of the rate. */
const READING_MS = 20

type Signal =
  | { readonly description: RTCSessionDescriptionInit }
  | { readonly candidate: RTCIceCandidateInit }

export const openRawPipe: OpenPipe = (options) => {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  const talk = new RawLane(connection, { lane: 'talk', id: 0 }, options)
  const bulk = new RawLane(connection, { lane: 'bulk', id: 1 }, options)
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

/** One channel and its window. */
class RawLane {
  readonly open: Promise<void>
  readonly #channel: RTCDataChannel
  #window = START_BYTES
  #sent = 0
  #acked = 0
  #unacknowledged = 0
  #wake = (): void => undefined
  #probe: { readonly bytes: number; readonly atMs: number } | undefined
  #leastRttMs = Infinity
  #readBytes = 0
  #readMs = 0

  constructor(
    connection: RTCPeerConnection,
    { lane, id }: { lane: Lane; id: number },
    { onBytes }: PipeOptions,
  ) {
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
    this.#probe ??= { bytes: this.#sent, atMs: performance.now() }
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
    if (this.#probe !== undefined && this.#probe.bytes <= this.#acked) {
      this.#leastRttMs = Math.min(this.#leastRttMs, nowMs - this.#probe.atMs)
      this.#probe = undefined
    }
    const passedMs = nowMs - this.#readMs
    if (passedMs >= Math.max(READING_MS, this.#leastRttMs)) {
      const carried = (this.#readBytes / passedMs) * this.#leastRttMs
      if (Number.isFinite(carried))
        this.#window = Math.min(MAX_BYTES, Math.max(this.#window, 2 * carried))
      this.#readBytes = 0
      this.#readMs = nowMs
    }
    this.#wake()
  }
}
