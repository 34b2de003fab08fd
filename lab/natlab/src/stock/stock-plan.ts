// What the server of the stock baseline is told on its command line.

/** As the browser's RTCIceServer. */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** Which ICE servers the stock page uses. */
export interface StockPlan {
  /** Undefined: it answers STUN itself, on all addresses of the lab's server, and there is no TURN. */
  readonly iceServers?: readonly IceServer[]
}
