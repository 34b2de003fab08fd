// What the server of the stock baseline is told on its command line.

/** As the browser's RTCIceServer. */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** Where the stock server listens and which ICE servers its page uses. */
export interface StockPlan {
  readonly address: string
  /** Undefined: it answers STUN itself, on all addresses of the lab's server, and there is no TURN. */
  readonly iceServers?: readonly IceServer[]
}
