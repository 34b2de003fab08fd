// Whether this browser lets a page choose the ICE credentials of a connection. Chromium does and has
// announced that it will not for ever (WebRTC-NoSdpMangleUfrag); asked once, by trying.
import { newCredentials, credentialsIn, withCredentials } from './attempt-description.ts'

let known: Promise<boolean> | undefined

/** Whether credentials can be chosen here. */
export function mayChooseCredentials(): Promise<boolean> {
  known ??= tryMunging()
  return known
}

async function tryMunging(): Promise<boolean> {
  const connection = new RTCPeerConnection()
  try {
    connection.createDataChannel('', { negotiated: true, id: 0 })
    const chosen = newCredentials((length) => crypto.getRandomValues(new Uint8Array(length)))
    const { sdp = '', type } = await connection.createOffer()
    await connection.setLocalDescription({ type, sdp: withCredentials(sdp, chosen) })
    return credentialsIn(connection.localDescription?.sdp ?? '').ufrag === chosen.ufrag
  } catch {
    // reason: InvalidModificationError says that this browser forbids it.
    return false
  } finally {
    connection.close()
  }
}
