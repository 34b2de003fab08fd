// What a page does in a browser's test of the relay: two connections that may use relays only, one
// data channel, messages both ways, and what the browser says of the path.

/** Plain JSON, as it passes into a page. */
export interface RelayTask {
  readonly url: string
  readonly username: string
  readonly credential: string
  readonly messages: number
  /** How long the browser may take to allocate, connect and echo. */
  readonly limitMs: number
}

export interface RelayResult {
  /** Messages that came back. */
  readonly echoed: number
  readonly localType: string
  readonly remoteType: string
  /** Between browser and relay. */
  readonly relayProtocol: string
}

/** Runs in a page, so it stands alone. */
async function relayInPage(task: RelayTask): Promise<RelayResult> {
  const { url: urls, username, credential, limitMs } = task
  const configuration: RTCConfiguration = {
    iceServers: [{ urls, username, credential }],
    iceTransportPolicy: 'relay',
  }
  const alice = new RTCPeerConnection(configuration)
  const bob = new RTCPeerConnection(configuration)
  const errors: string[] = []
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined)
    from.addEventListener('icecandidateerror', (event) => {
      errors.push(`${event.errorCode} ${event.errorText}`)
    })
  }
  bob.ondatachannel = ({ channel }) => {
    channel.addEventListener('message', ({ data }) => channel.send(data as string))
  }
  const channel = alice.createDataChannel('echo')
  let echoed = 0
  const done = new Promise<void>((resolve, reject) => {
    channel.addEventListener('open', () => {
      for (let n = 0; n < task.messages; n++) channel.send(`${n} ${'x'.repeat(1000)}`)
    })
    channel.addEventListener('message', ({ data }) => {
      if (String(data).startsWith(`${echoed} `)) echoed += 1
      if (echoed === task.messages) resolve()
    })
    setTimeout(() => reject(new Error(`not in ${limitMs} ms: ${errors.join(', ')}`)), limitMs)
  })
  await alice.setLocalDescription(await alice.createOffer())
  await bob.setRemoteDescription(alice.localDescription as RTCSessionDescription)
  await bob.setLocalDescription(await bob.createAnswer())
  await alice.setRemoteDescription(bob.localDescription as RTCSessionDescription)
  await done
  // Statistics trail behind what they tell of.
  type Stats = Record<string, unknown>
  let found: Stats[] = []
  for (let tries = 0; tries < 100 && found.length === 0; tries++) {
    const stats = [...(await alice.getStats()).values()] as Stats[]
    const pair = stats.find(
      (one) => one['type'] === 'candidate-pair' && one['state'] === 'succeeded' && one['nominated'],
    )
    const ends = [pair?.['localCandidateId'], pair?.['remoteCandidateId']]
    found = ends.flatMap((id) => stats.filter((one) => id !== undefined && one['id'] === id))
    if (found.length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const [local = {}, remote = {}] = found
  alice.close()
  bob.close()
  return {
    echoed,
    localType: String(local['candidateType']),
    remoteType: String(remote['candidateType']),
    relayProtocol: String(local['relayProtocol']),
  }
}

/** JavaScript of an expression that runs a task in a page. */
export function relayExpression(task: RelayTask): string {
  return `(${relayInPage.toString()})(${JSON.stringify(task)})`
}

/** Runs in a page: gathers by one STUN server, keeps the connection, answers what was found. */
async function gatherInPage(url: string): Promise<readonly string[]> {
  const connection = new RTCPeerConnection({ iceServers: [{ urls: url }] })
  const found: string[] = []
  const gathered = new Promise<void>((resolve) => {
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate === null || candidate.candidate === '') resolve()
      else found.push(candidate.candidate)
    })
  })
  connection.createDataChannel('probe')
  await connection.setLocalDescription(await connection.createOffer())
  await gathered
  // What nobody refers to is collected, and answers no more.
  Object.assign(globalThis, { connection })
  return found
}

/** JavaScript of an expression that gathers candidates by a STUN server. */
export function gatherExpression(url: string): string {
  return `(${gatherInPage.toString()})(${JSON.stringify(url)})`
}
