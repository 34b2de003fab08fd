/**
 * The limit's page: bare RTCPeerConnection, nothing else. The function is written into the page as
 * it stands, so it must not use anything from outside itself.
 */

/** What goes through the signalling socket. */
interface Signal {
  readonly description?: RTCSessionDescriptionInit | null
  readonly candidate?: RTCIceCandidateInit | null
}

/** Runs in the page: the newcomer offers while its socket opens, the waiter answers. */
export function limitPage(): void {
  const waiting = location.search.includes('wait')
  const socket = new WebSocket(`ws://${location.host}${location.pathname}`)
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' })
  const channel = peer.createDataChannel('chat', { negotiated: true, id: 0 })
  const early: Signal[] = []

  const send = (signal: Signal): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify([signal]))
    else early.push(signal)
  }
  const describe = (): void => {
    void peer.setLocalDescription().then(() => send({ description: peer.localDescription }))
  }
  const hear = (signals: readonly Signal[]): void => {
    for (const { description, candidate } of signals) {
      // Not awaited: a peer connection does these in the order they are called.
      if (description) {
        void peer.setRemoteDescription(description)
        if (waiting) describe()
      } else void peer.addIceCandidate(candidate ?? undefined)
    }
  }

  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null) send({ candidate: candidate.toJSON() })
  })
  socket.addEventListener('message', ({ data }) => hear(JSON.parse(data) as readonly Signal[]))
  socket.addEventListener('open', () => {
    if (early.length > 0) socket.send(JSON.stringify(early.splice(0)))
    if (waiting) document.body.dataset['ready'] = ''
  })
  channel.addEventListener('open', () => {
    if (waiting) channel.send(document.body.dataset['greeting'] ?? '')
  })
  channel.addEventListener('message', ({ data }) => {
    const line = document.createElement('p')
    line.dataset['message'] = ''
    line.textContent = String(data)
    document.body.append(line)
  })
  if (!waiting) describe()
}
