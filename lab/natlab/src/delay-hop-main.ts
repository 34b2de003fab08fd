// A program: reads packets from a TUN device it inherits as an open file, holds each for a while and
// writes it back, so that the kernel routes it on. Arguments: file descriptor, hold time in ms.

import { read, writeSync } from 'node:fs'

import { DelayQueue } from './delay-queue.ts'

/** Larger than the device's MTU of 1500. */
const PACKET_BYTES = 2048

const [descriptorWord = '', holdWord = ''] = process.argv.slice(2)
const descriptor = Number(descriptorWord)
const queue = new DelayQueue<Buffer>(Number(holdWord))
let timer: NodeJS.Timeout | undefined

readNext()
console.log('delay hop ready')

/** One read at a time: two would let the thread pool reorder packets. */
function readNext(): void {
  const buffer = Buffer.allocUnsafe(PACKET_BYTES)
  read(descriptor, buffer, 0, PACKET_BYTES, null, (error, size) => {
    if (error !== null) throw error
    queue.push(buffer.subarray(0, size), performance.now())
    release()
    readNext()
  })
}

function release(): void {
  for (;;) {
    const packet = queue.poll(performance.now())
    if (packet === undefined) break
    reinject(packet)
  }
  const waitMs = queue.waitMs(performance.now())
  if (timer === undefined && waitMs !== undefined) {
    timer = setTimeout(() => {
      timer = undefined
      release()
    }, waitMs)
  }
}

function reinject(packet: Buffer): void {
  try {
    writeSync(descriptor, packet)
  } catch (error) {
    // The kernel refuses what it cannot route; a network may lose packets, so this one is lost.
    console.error(`lost a packet: ${String(error)}`)
  }
}
