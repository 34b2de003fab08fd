// A fresh RTCPeerConnection with the two channels of a link. Both sides declare the channels
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
  const connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' })
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
    },
  }
}
