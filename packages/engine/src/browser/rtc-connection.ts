// The browser's RTCPeerConnection behind the engine's port. Descriptions and candidates are applied one
// after the other; everything the connection tells arrives as an event.
import type { Bytes, Candidate } from '@knothole/wire'
import { MAX_LINK_FRAME_BYTES } from '@knothole/wire'
import type { ChannelName, RtcCommand, RtcConnection, RtcEvent } from '../ports/index.ts'
import type { OpenedConnection } from './open-connection.ts'
import { pairStats } from './pair-stats.ts'

/** Frames already handed over get this long to leave before the connection closes under them. */
const CLOSE_AFTER_MS = 300

export class BrowserRtcConnection implements RtcConnection {
  readonly #connection: RTCPeerConnection
  readonly #channels: Readonly<Record<ChannelName, RTCDataChannel>>
  #onEvent: ((event: RtcEvent) => void) | undefined
  #commands: Promise<void> = Promise.resolve()
  /** The first offer, where it was begun ahead. */
  #offered: Promise<void> | undefined

  constructor(
    { connection, channels }: OpenedConnection,
    onEvent: (event: RtcEvent) => void,
    offered?: Promise<void>,
  ) {
    this.#onEvent = onEvent
    this.#connection = connection
    this.#channels = channels
    this.#offered = offered
    this.#listenTo('talk')
    this.#listenTo('pulse')
    this.#listenTo('bulk')
    this.#listen()
  }

  command(command: RtcCommand): void {
    if (command.type === 'send') this.#send(command.channel, command.frame)
    else if (command.type === 'measure') void this.#measure()
    else this.#commands = this.#commands.then(() => this.#apply(command))
  }

  localSdp(): string {
    return this.#connection.localDescription?.sdp ?? ''
  }

  close(): void {
    this.#onEvent = undefined
    setTimeout(() => this.#connection.close(), CLOSE_AFTER_MS)
  }

  #emit(event: RtcEvent): void {
    this.#onEvent?.(event)
  }

  #listenTo(name: ChannelName): void {
    const channel = this.#channels[name]
    channel.binaryType = 'arraybuffer'
    channel.addEventListener('open', () => this.#channelOpened())
    channel.addEventListener('close', () => this.#emit({ type: 'failed' }))
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!(data instanceof ArrayBuffer) || data.byteLength > MAX_LINK_FRAME_BYTES) return
      this.#emit({ type: 'frame', channel: name, frame: new Uint8Array(data) })
    })
  }

  #channelOpened(): void {
    const channels = Object.values(this.#channels)
    if (channels.every(({ readyState }) => readyState === 'open')) this.#emit({ type: 'open' })
  }

  #listen(): void {
    const connection = this.#connection
    connection.addEventListener('icecandidate', ({ candidate }) => {
      const wanted = candidate === null ? undefined : candidateOf(candidate)
      if (wanted !== undefined) this.#emit({ type: 'candidate', candidate: wanted })
    })
    connection.addEventListener('iceconnectionstatechange', () => {
      if (connection.iceConnectionState === 'disconnected') this.#emit({ type: 'troubled' })
    })
    // iceConnectionState never reaches "failed" in Chromium; connectionState does, after 15 s.
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'failed') this.#emit({ type: 'failed' })
    })
  }

  async #apply(command: Exclude<RtcCommand, { type: 'send' | 'measure' }>): Promise<void> {
    if (this.#onEvent === undefined) return
    try {
      await this.#applyNow(command)
    } catch {
      // reason: a candidate this browser cannot use (foreign protocol, gone generation) is no loss;
      // a description it cannot use ends this connection, and the engine makes another.
      if (command.type !== 'add-candidate') this.#emit({ type: 'failed' })
    }
  }

  async #applyNow(command: Exclude<RtcCommand, { type: 'send' | 'measure' }>): Promise<void> {
    const connection = this.#connection
    switch (command.type) {
      case 'offer':
        if (command.restart) connection.restartIce()
        await (this.#offered ?? connection.setLocalDescription())
        this.#offered = undefined
        this.#emit({ type: 'local-offer', sdp: this.localSdp() })
        return
      case 'accept-offer':
        await connection.setRemoteDescription({ type: 'offer', sdp: command.sdp })
        await connection.setLocalDescription()
        this.#emit({ type: 'local-answer', sdp: this.localSdp(), answerTo: command.sequence })
        return
      case 'accept-answer':
        await connection.setRemoteDescription({ type: 'answer', sdp: command.sdp })
        return
      case 'add-candidate': {
        const { candidate, ufrag } = command.candidate
        await connection.addIceCandidate({
          candidate,
          sdpMid: '0',
          sdpMLineIndex: 0,
          usernameFragment: ufrag === '' ? null : ufrag,
        })
      }
    }
  }

  #send(name: ChannelName, frame: Bytes): void {
    const channel = this.#channels[name]
    if (channel.readyState !== 'open') return
    try {
      channel.send(frame)
    } catch {
      // reason: the send buffer is full (W3C WebRTC 1.0, RTCDataChannel.send): this link is not moving.
      if (name !== 'pulse') this.#emit({ type: 'failed' })
    }
  }

  async #measure(): Promise<void> {
    this.#emit({ type: 'measured', pair: pairStats(await this.#connection.getStats()) })
  }
}

/** A candidate worth signalling: not the end mark, and not an active TCP one, which no browser can answer. */
function candidateOf({ candidate, usernameFragment }: RTCIceCandidate): Candidate | undefined {
  if (candidate === '' || candidate.includes('tcptype active')) return undefined
  return { candidate, ufrag: usernameFragment ?? '' }
}
