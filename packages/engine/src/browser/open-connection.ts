// A fresh RTCPeerConnection with the three channels of a link. Both sides declare the channels
// beforehand (`negotiated`), which saves the round trip of opening them in-band.
import type { ChannelName, RtcOptions } from '../ports/index.ts'

export interface OpenedConnection {
  readonly connection: RTCPeerConnection
  readonly channels: Readonly<Record<ChannelName, RTCDataChannel>>
}

/**
 * @param stunUrls STUN servers as RTCIceServer URLs; the first is asked, and the first by IPv6 literal:
 * without it a public IPv6 address stays hidden behind an mDNS name. One of a family tells the reflexive
 * address, and every further one is a flow that the browser keeps alive for as long as the link lasts.
 */
export function openConnection(
  stunUrls: readonly string[],
  { iceServers: turn, relayOnly = false }: RtcOptions = {},
): OpenedConnection {
  const asked = new Set([stunUrls[0], stunUrls.find((url) => url.startsWith('stun:['))])
  const stun = relayOnly ? [] : [...asked].flatMap((urls) => (urls === undefined ? [] : [{ urls }]))
  return withChannels(
    new RTCPeerConnection({
      iceServers: [...stun, ...turnServers(turn)],
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    }),
  )
}

function turnServers(turn: RtcOptions['iceServers']): RTCIceServer[] {
  if (turn === undefined || turn.urls.length === 0) return []
  const { urls, username, credential } = turn
  return [{ urls: [...urls], username, credential }]
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
