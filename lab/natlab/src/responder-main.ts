// A program: the far end of the self-test. Answers STUN Binding on two addresses and accepts TCP on
// the web port and on one other port. Argument: the probe plan as JSON.

import { createServer } from 'node:net'

import type { ProbePlan } from './self-test.ts'
import { openStunResponder } from './stun-responder.ts'

const plan = JSON.parse(process.argv[2] ?? '') as ProbePlan

await openStunResponder(plan.addresses, plan.ports)
await openStunResponder(plan.addresses6, plan.ports)
for (const port of [plan.webPort, plan.otherPort]) {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => {
    server.listen(port, plan.addresses[0], resolve)
  })
}
console.log('responder ready')
