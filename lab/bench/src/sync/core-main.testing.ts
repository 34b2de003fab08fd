// Two sides of one contender in one process, bytes handed from one to the other. Built and started by the
// `sync` bench as `node FILE COUNT`; prints what it saw as JSON.
import { openSide } from 'bench-side'
import type { Side } from './side.ts'
import { textsOf } from './side.ts'

const wanted = Number(process.argv[2])
// Bytes arrive in a later turn, as from a network, and never inside the call that sent them.
const ana: Side = openSide((bytes) => void setImmediate(() => ben.receive(bytes.slice())))
const ben: Side = openSide((bytes) => void setImmediate(() => ana.receive(bytes.slice())))
await ana.fill(textsOf(wanted))
const startMs = performance.now()
ana.start()
ben.start()
while (ben.count() < wanted) await new Promise((resolve) => void setImmediate(resolve))
const ms = performance.now() - startMs
const peakBytes = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ ms, peakBytes }))
process.exit(0)
