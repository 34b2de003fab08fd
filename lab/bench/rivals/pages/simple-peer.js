/**
 * simple-peer over the same signalling as the limit: the newcomer initiates at once and its signals
 * wait for the socket; trickle is on. The package's own browser build is used.
 */
import SimplePeer from 'simple-peer/simplepeer.min.js'
import { greeting, markReady, room, show, waiting } from './room.js'

const socket = new WebSocket(`ws://${location.host}/${room}`)
const early = []
const config = { iceServers: [] }

function send(signal) {
  const text = JSON.stringify(signal)
  if (socket.readyState === WebSocket.OPEN) socket.send(text)
  else early.push(text)
}

const peer = new SimplePeer({ initiator: !waiting, config })
peer.on('signal', send)
peer.on('connect', () => {
  if (waiting) peer.send(greeting)
})
peer.on('data', (bytes) => show(new TextDecoder().decode(bytes)))

socket.addEventListener('message', ({ data }) => peer.signal(JSON.parse(data)))
socket.addEventListener('open', () => {
  for (const text of early.splice(0)) socket.send(text)
  if (waiting) markReady()
})
