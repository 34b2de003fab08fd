/** Trystero's nostr strategy with one relay, at the page's own address. */
import { getRelaySockets, joinRoom } from 'trystero/nostr'
import { greeting, markReady, room, show, waiting } from './room.js'

const settings = {
  appId: 'knothole-bench',
  relayConfig: { urls: [`ws://${location.host}/relay`], redundancy: 1 },
  rtcConfig: { iceServers: [] },
}
const joined = joinRoom(settings, room)
const chat = joined.makeAction('chat')
chat.onMessage = (text) => show(text)
joined.onPeerJoin = (peer) => {
  if (waiting) void chat.send(greeting, { target: peer })
}

if (waiting) {
  const timer = setInterval(() => {
    const sockets = Object.values(getRelaySockets())
    if (sockets.length === 0 || sockets.some(({ readyState }) => readyState !== WebSocket.OPEN))
      return
    clearInterval(timer)
    markReady()
  }, 20)
}
