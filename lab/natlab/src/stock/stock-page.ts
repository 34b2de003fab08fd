// The page of the stock baseline: one plain RTCPeerConnection with one data channel per other person,
// trickle ICE, the ICE servers the lab names and nothing else. It keeps the DOM contract of Knothole's page,
// so the lab drives both in the same way.

interface Peer {
  readonly connection: RTCPeerConnection
  readonly channel: RTCDataChannel
  readonly element: HTMLElement
  /** Candidate type of our side of the selected pair, and of the other's, once each is known. */
  ours: string
  theirs: string
}

type ServerEvent =
  | { type: 'present'; people: string[] }
  | { type: 'signal'; from: string; signal: Signal }

interface Signal {
  readonly description?: RTCSessionDescriptionInit
  readonly candidate?: RTCIceCandidateInit
}

type Send = (to: string, signal: Signal) => void

const ICE_SERVERS = (await (await fetch('/ice-servers')).json()) as RTCIceServer[]
const STATS_MS = 250

const main = find('#room')
const peers = new Map<string, Peer>()
const roomId = location.hash.slice(1)
if (roomId === '') showHome()
else enterRoom(roomId)

function showHome(): void {
  const button = document.createElement('button')
  button.dataset['action'] = 'create-room'
  button.textContent = 'Create a room'
  button.addEventListener('click', createRoom)
  main.append(button)
}

function createRoom(): void {
  const id = crypto.randomUUID()
  history.replaceState(null, '', `/#${id}`)
  main.replaceChildren()
  enterRoom(id)
}

function enterRoom(id: string): void {
  const link = document.createElement('p')
  link.dataset['roomLink'] = `${location.origin}/?room#${id}`
  const composer = document.createElement('textarea')
  composer.dataset['composer'] = ''
  composer.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    for (const { channel } of peers.values()) {
      if (channel.readyState === 'open') channel.send(composer.value)
    }
    showMessage(composer.value)
    composer.value = ''
  })
  main.append(link, composer)
  openSocket(id)
  setInterval(() => void showPaths(), STATS_MS)
}

function openSocket(id: string): void {
  const status = document.createElement('p')
  main.append(status)
  const show = (state: string): void => {
    status.dataset['rendezvous'] = state
  }
  show('reconnecting')
  const socket = new WebSocket(`ws://${location.host}/?room=${id}`)
  const send: Send = (to, signal) => socket.send(JSON.stringify({ to, signal }))
  socket.addEventListener('open', () => show('online'))
  socket.addEventListener('close', () => show('offline'))
  socket.addEventListener('message', (message: MessageEvent<string>) => {
    void handleEvent(send, JSON.parse(message.data) as ServerEvent)
  })
}

async function handleEvent(send: Send, event: ServerEvent): Promise<void> {
  if (event.type === 'present') {
    for (const person of event.people) await offer(send, person)
    return
  }
  const peer = peers.get(event.from) ?? addPeer(send, event.from)
  const { description, candidate } = event.signal
  if (candidate !== undefined) await peer.connection.addIceCandidate(candidate)
  if (description === undefined) return
  await peer.connection.setRemoteDescription(description)
  if (description.type !== 'offer') return
  await peer.connection.setLocalDescription()
  send(event.from, { description: localDescription(peer) })
}

async function offer(send: Send, person: string): Promise<void> {
  if (peers.has(person)) return
  const peer = addPeer(send, person)
  await peer.connection.setLocalDescription()
  send(person, { description: localDescription(peer) })
}

function addPeer(send: Send, person: string): Peer {
  const connection = new RTCPeerConnection({ iceServers: ICE_SERVERS })
  const channel = connection.createDataChannel('chat', { negotiated: true, id: 0 })
  const element = document.createElement('p')
  element.dataset['member'] = person
  element.dataset['state'] = 'connecting'
  main.append(element)
  const peer: Peer = { connection, channel, element, ours: '', theirs: '' }
  peers.set(person, peer)
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null) send(person, { candidate: candidate.toJSON() })
  })
  connection.addEventListener('connectionstatechange', () => showState(peer))
  channel.addEventListener('open', () => {
    showState(peer)
    void showPath(peer)
  })
  channel.addEventListener('message', ({ data }: MessageEvent<string>) => receive(peer, data))
  return peer
}

function showState({ connection, channel, element }: Peer): void {
  const open = channel.readyState === 'open' && connection.connectionState === 'connected'
  if (open) element.dataset['state'] = 'connected'
  if (connection.connectionState === 'failed') element.dataset['state'] = 'unreachable'
  if (connection.connectionState === 'disconnected') element.dataset['state'] = 'reconnecting'
}

async function showPaths(): Promise<void> {
  for (const peer of peers.values()) if (peer.channel.readyState === 'open') await showPath(peer)
}

/** Tells the other side our candidate's type: only both together say whether a NAT is between. */
async function showPath(peer: Peer): Promise<void> {
  const reports = new Map<string, Record<string, unknown>>()
  const stats = await peer.connection.getStats()
  stats.forEach((report: Record<string, unknown>, key: string) => reports.set(key, report))
  const transport = [...reports.values()].find((report) => report['type'] === 'transport')
  const pair = reports.get(String(transport?.['selectedCandidatePairId']))
  const local = reports.get(String(pair?.['localCandidateId']))?.['candidateType']
  if (typeof local !== 'string') return
  const ours = local === 'prflx' && isNeighbour(pair, reports) ? 'host' : local
  const roundTrip = Number(pair?.['currentRoundTripTime'] ?? Number.NaN)
  if (!Number.isNaN(roundTrip)) peer.element.dataset['rtt'] = String(Math.round(roundTrip * 1000))
  if (ours !== peer.ours) peer.channel.send(`/type ${ours}`)
  peer.ours = ours
  showPathClass(peer)
}

/**
 * Whether the other side was reached by its mDNS name, as only neighbours can. Chromium then calls our own host
 * candidate peer-reflexive for good, if an answer came before a name was made for it.
 */
function isNeighbour(
  pair: Record<string, unknown> | undefined,
  reports: ReadonlyMap<string, Record<string, unknown>>,
): boolean {
  const remote = reports.get(String(pair?.['remoteCandidateId']))
  const address = remote?.['address']
  const isNamed = typeof address !== 'string' || address === '' || address.endsWith('.local')
  return remote?.['candidateType'] === 'host' && isNamed
}

function receive(peer: Peer, text: string): void {
  if (!text.startsWith('/type ')) return showMessage(text)
  peer.theirs = text.slice('/type '.length)
  showPathClass(peer)
}

function showPathClass({ ours, theirs, element }: Peer): void {
  if (ours === '' || theirs === '') return
  const relayed = ours === 'relay' || theirs === 'relay'
  const untranslated = ours === 'host' && theirs === 'host'
  element.dataset['path'] = relayed ? 'turn' : untranslated ? 'lan' : 'direct'
}

function showMessage(text: string): void {
  const element = document.createElement('p')
  element.dataset['message'] = ''
  element.textContent = text
  main.append(element)
}

function localDescription({ connection }: Peer): RTCSessionDescriptionInit {
  const description = connection.localDescription
  if (description === null) throw new Error('no local description yet')
  return { type: description.type, sdp: description.sdp }
}

function find(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector)
  if (element === null) throw new Error(`${selector} is missing`)
  return element
}
