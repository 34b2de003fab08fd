// One WebRTC connection as the engine drives it (RFC 9429), with its three negotiated data channels.
import type { Bytes, Candidate, IceServers } from '@knothole/wire'

/** `talk` and `bulk` are reliable and ordered, each by itself; `pulse` unordered without retransmission. */
export type ChannelName = 'talk' | 'bulk' | 'pulse'

/** How to open a connection; what is absent is as the runtime does it by itself. */
export interface RtcOptions {
  /** TURN servers, beside the STUN servers the runtime knows. */
  readonly iceServers?: IceServers | undefined
  /** Relay candidates only: the other side learns no address of ours. */
  readonly relayOnly?: boolean | undefined
}

/** The connection's view of its selected candidate pair, from getStats. */
export interface PairStats {
  readonly localType: string
  readonly remoteType: string
  /** Absent where the browser hides it (mDNS). */
  readonly remoteAddress?: string | undefined
  readonly bytesSent: number
  readonly bytesReceived: number
}

/**
 * What the engine asks of a connection, in order. `offer` and `accept-offer` make it report a
 * `local-description`; `accept-offer` rolls back an offer of its own first when there is one.
 */
export type RtcCommand =
  | { readonly type: 'offer'; readonly restart: boolean }
  | { readonly type: 'accept-offer'; readonly sdp: string; readonly sequence: number }
  | { readonly type: 'accept-answer'; readonly sdp: string }
  | { readonly type: 'add-candidate'; readonly candidate: Candidate }
  | { readonly type: 'send'; readonly channel: ChannelName; readonly frame: Bytes }
  | { readonly type: 'measure' }

/** What a connection tells. `answerTo` repeats the sequence given with `accept-offer`. */
export type RtcEvent =
  | { readonly type: 'local-offer'; readonly sdp: string }
  | { readonly type: 'local-answer'; readonly sdp: string; readonly answerTo: number }
  | { readonly type: 'candidate'; readonly candidate: Candidate }
  | { readonly type: 'open' }
  | { readonly type: 'frame'; readonly channel: ChannelName; readonly frame: Bytes }
  /** Packets stopped coming (ICE "disconnected"); may heal by itself. */
  | { readonly type: 'troubled' }
  /** This connection is finished: ICE or DTLS failed, a channel closed, or a command was refused. */
  | { readonly type: 'failed' }
  | { readonly type: 'measured'; readonly pair: PairStats | undefined }

export interface RtcConnection {
  command(command: RtcCommand): void
  /** The local description with the candidates gathered so far. */
  localSdp(): string
  close(): void
}

/** Makes a connection; events come asynchronously and stop at `close`. */
export type OpenRtc = (onEvent: (event: RtcEvent) => void, options?: RtcOptions) => RtcConnection
