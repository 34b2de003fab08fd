// A fresh RTCPeerConnection with the three channels of a link. Both sides declare the channels
// beforehand (`negotiated`), which saves the round trip of opening them in-band.
import type { ChannelName } from '../ports/index.ts'

export interface OpenedConnection {
  readonly connection: RTCPeerConnection
  readonly channels: Readonly<Record<ChannelName, RTCDataChannel>>
}

/**
 * @param stunUrls STUN servers as RTCIceServer URLs; the first is asked. One tells the reflexive address,
 * and every further one is a flow that the browser keeps alive for as long as the link lasts.
 */
export function openConnection(stunUrls: readonly string[]): OpenedConnection {
  const iceServers = stunUrls.slice(0, 1).map((urls) => ({ urls }))
  return withChannels(new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' }))
}

/** Declares the channels of a link on a connection. */
export function withChannels(connection: RTCPeerConnection): OpenedConnection {
  return {
    connection,
    channels: {
      talk: connection.createDataChannel('talk', { negotiated: true, id: 0, ordered: true }),
      pulse: connection.createDataChannel('pulse', {
        negotiated: true,
        id: 1,
        ordered: false,
        maxRetransmits: 0,
      }),
      bulk: connection.createDataChannel('bulk', { negotiated: true, id: 2, ordered: true }),
    },
  }
}
