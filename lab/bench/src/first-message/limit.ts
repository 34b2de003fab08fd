/** The limit: nobody can be faster with this way of signalling. */
import type { Contender } from './contender.ts'
import { limitPage } from './limit-page.ts'
import { openPageStage } from './page-stage.ts'
import { relayWithinRooms } from './signalling.ts'

export const limit: Contender = {
  name: 'limit',
  what:
    'bare RTCPeerConnection and a minimal WebSocket server: script inside the page, the offer made' +
    ' while the socket opens and sent as its first frame, trickle, negotiated channel.',
  open: (network) =>
    openPageStage(network, {
      script: `(${limitPage.toString()})()`,
      packaging: 'inline',
      onSocket: relayWithinRooms(),
    }),
}
