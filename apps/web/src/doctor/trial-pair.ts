// Two connections of this page that try to reach each other by a given kind of way only. Sends one word
// there and back; leaves nothing open.

export interface PairOptions {
  readonly iceServers: readonly RTCIceServer[]
  readonly relayOnly?: boolean
  /** Which of their candidates the two tell each other. */
  readonly tells?: (candidate: RTCIceCandidate) => boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** How long the word took, set-up included; undefined when it did not come back in time. */
export async function tryPair(options: PairOptions): Promise<number | undefined> {
  const { iceServers, relayOnly, tells = () => true, timeoutMs, signal } = options
  const fromMs = performance.now()
  const configuration: RTCConfiguration = {
    iceServers: [...iceServers],
    iceTransportPolicy: relayOnly === true ? 'relay' : 'all',
  }
  const [near, far] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)]
  try {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    introduce(near, far, tells)
    introduce(far, near, tells)
    const back = wordBack(near, far, stop)
    await near.setLocalDescription()
    await far.setRemoteDescription(bare(near.localDescription))
    await far.setLocalDescription()
    await near.setRemoteDescription(bare(far.localDescription))
    return (await back) ? performance.now() - fromMs : undefined
  } finally {
    near.close()
    far.close()
  }
}

/** Whether a word comes back through a channel between the two. */
function wordBack(
  near: RTCPeerConnection,
  far: RTCPeerConnection,
  stop: AbortSignal,
): Promise<boolean> {
  const options = { negotiated: true, id: 0 }
  const [out, back] = [near, far].map((end) => end.createDataChannel('trial', options))
  back?.addEventListener('message', () => back.send('back'))
  out?.addEventListener('open', () => out.send('there'))
  return new Promise((resolve) => {
    out?.addEventListener('message', () => resolve(true))
    near.addEventListener('connectionstatechange', () => {
      if (near.connectionState === 'failed') resolve(false)
    })
    stop.addEventListener('abort', () => resolve(false))
  })
}

/** Hands candidates from one to the other, once that has heard of it. */
function introduce(
  from: RTCPeerConnection,
  to: RTCPeerConnection,
  tells: (candidate: RTCIceCandidate) => boolean,
): void {
  const early: RTCIceCandidate[] = []
  const hand = (candidate: RTCIceCandidate): void => {
    // reason: a candidate of a kind that this browser cannot use is no loss.
    to.addIceCandidate(candidate).catch(() => undefined)
  }
  from.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate === null || candidate.candidate === '' || !tells(candidate)) return
    if (to.remoteDescription === null) early.push(candidate)
    else hand(candidate)
  })
  to.addEventListener('signalingstatechange', () => {
    if (to.remoteDescription !== null) for (const candidate of early.splice(0)) hand(candidate)
  })
}

/** A description without the candidates that came before it was read: those are told one by one. */
function bare(description: RTCSessionDescription | null): RTCSessionDescriptionInit {
  if (description === null) throw new Error('a connection has no description after it was set')
  const { type, sdp } = description
  return { type, sdp: sdp.replaceAll(/^a=(?:candidate:|end-of-candidates).*\r\n/gm, '') }
}
