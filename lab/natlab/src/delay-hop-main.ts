// A program: reads packets from a TUN device it inherits as an open file, loses some, holds each of
// the others for a while and writes it back, so that the kernel routes it on. Arguments: file
// descriptor, weather as JSON.

import { read, writeSync } from 'node:fs'

import type { Weather } from './delay-hop.ts'
import { DelayQueue } from './delay-queue.ts'

/** Larger than the device's MTU of 1500. */
const PACKET_BYTES = 2048

const [descriptorWord = '', weatherWord = ''] = process.argv.slice(2)
const descriptor = Number(descriptorWord)
const { delayMs, jitterMs, lossPercent } = JSON.parse(weatherWord) as Weather
const queue = new DelayQueue<Buffer>()
let timer: { readonly handle: NodeJS.Timeout; readonly atMs: number } | undefined

readNext()
console.log('delay hop ready')

/** One read at a time: two would let the thread pool reorder packets. */
function readNext(): void {
  const buffer = Buffer.allocUnsafe(PACKET_BYTES)
  read(descriptor, buffer, 0, PACKET_BYTES, null, (error, size) => {
    if (error !== null) throw error
    if (Math.random() * 100 >= lossPercent) {
      const holdMs = delayMs / 2 + Math.random() * jitterMs
      queue.push(buffer.subarray(0, size), performance.now() + holdMs)
    }
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
  const nowMs = performance.now()
  const waitMs = queue.waitMs(nowMs)
  if (waitMs === undefined) return
  // A packet may be due before the one the timer was set for.
  if (timer !== undefined && timer.atMs <= nowMs + waitMs) return
  if (timer !== undefined) clearTimeout(timer.handle)
  const handle = setTimeout(() => {
    timer = undefined
    release()
  }, waitMs)
  timer = { handle, atMs: nowMs + waitMs }
}

function reinject(packet: Buffer): void {
  try {
    writeSync(descriptor, packet)
  } catch (error) {
    // The kernel refuses what it cannot route; a network may lose packets, so this one is lost.
    console.error(`lost a packet: ${String(error)}`)
  }
}
