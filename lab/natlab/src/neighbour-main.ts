// A program: somebody else behind the same router, who opens new UDP flows at random moments (as a
// Poisson process) to addresses nobody has. It takes ports out of the router's sequence and does
// nothing else. Arguments: flows per second on average, the address to send to.

import { createSocket } from 'node:dgram'

/** Sockets stay open long enough not to give their port to the next flow at once. */
const OPEN_MS = 5000
const FIRST_PORT = 2000
const PORTS = 60_000

const [rateWord = '', address = ''] = process.argv.slice(2)
const flowsPerSecond = Number(rateWord)
let opened = 0

console.log('neighbour ready')
openNext(performance.now())

/** The next moment is drawn from the last planned one, so that late timers do not lower the rate. */
function openNext(lastMs: number): void {
  const nextMs = lastMs - (Math.log(1 - Math.random()) * 1000) / flowsPerSecond
  setTimeout(
    () => {
      openFlow()
      openNext(nextMs)
    },
    Math.max(0, nextMs - performance.now()),
  )
}

function openFlow(): void {
  const socket = createSocket('udp4')
  // Nobody is there; what comes back as an error says so.
  socket.on('error', () => undefined)
  opened += 1
  socket.send('hello', FIRST_PORT + (opened % PORTS), address)
  setTimeout(() => socket.close(), OPEN_MS)
}
