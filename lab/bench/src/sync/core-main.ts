/**
 * Two sides of one contender in one process, bytes handed from one to the other. Started by the `sync`
 * bench as `node core-main.js MODULE COUNT`; prints what it saw as JSON.
 */
import { pathToFileURL } from 'node:url'
import type { OpenSide, Side } from './side.ts'
import { textsOf } from './side.ts'

const [, , file = '', count = '0'] = process.argv
const { openSide } = (await import(pathToFileURL(file).href)) as { readonly openSide: OpenSide }
const wanted = Number(count)
// Bytes arrive in a later turn, as from a network, and never inside the call that sent them.
const ana: Side = openSide((bytes) => setImmediate(() => ben.receive(bytes.slice())))
const ben: Side = openSide((bytes) => setImmediate(() => ana.receive(bytes.slice())))
await ana.fill(textsOf(wanted))
const before = process.cpuUsage()
const startMs = performance.now()
ana.start()
ben.start()
while (ben.count() < wanted) await new Promise((resolve) => void setImmediate(resolve))
const ms = performance.now() - startMs
const { user, system } = process.cpuUsage(before)
const peakBytes = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, peakBytes }))
process.exit(0)
