/**
 * PeerJS: both choose their ids (saves the request that asks the server for one); the newcomer
 * connects to the waiter. Its server's port stands in the page's query.
 */
import { Peer } from 'peerjs'
import { greeting, markReady, room, show, waiting } from './room.js'

const server = {
  host: location.hostname,
  port: Number(new URLSearchParams(location.search).get('server')),
  path: '/',
  config: { iceServers: [] },
  // Errors go to the console, where the bench reads them when a run fails.
  debug: 1,
}

if (waiting) {
  const peer = new Peer(room, server)
  peer.on('open', markReady)
  peer.on('connection', (connection) => {
    connection.on('open', () => void connection.send(greeting))
  })
} else {
  const peer = new Peer(crypto.randomUUID(), server)
  peer.on('open', () => {
    peer.connect(room, { reliable: true }).on('data', show)
  })
}
