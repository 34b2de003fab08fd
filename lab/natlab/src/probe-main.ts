// A program: measures from where it runs what the routers on the way do to UDP (RFC 5780 tests I to
// III, hop limit, hairpin) and TCP, and prints what it saw as one line of JSON. It concludes nothing.
// Argument: the probe plan as JSON.

import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'

import { decodeBindingResponse, encodeBindingRequest } from './binding.ts'
import type { ChangeRequest, Endpoint } from './binding.ts'
import type { Observations, SocketSample } from './probe.ts'
import type { ProbePlan } from './self-test.ts'

/** What to ask for, and how long to wait for it. */
interface Question {
  readonly change: ChangeRequest
  readonly patienceMs: number
  /** Asks once, and for an answer after so long. */
  readonly holdMs?: number
}

const NO_CHANGE: ChangeRequest = { address: false, port: false }
const SOCKETS = 4
const MOST_ROUTERS = 6
/** Requests are repeated: the first datagram may be lost to address resolution. */
const SENDINGS = 3
const HAIRPIN_ATTEMPTS = 3
/** Connection tracking counts whole seconds and forgets a little later than it says. */
const TIMEOUT_PART = 0.75
const TIMEOUT_EXCESS_MS = 3000

const plan = parsePlan(process.argv[2] ?? '')
const [address1, address2] = plan.addresses
const [port1, port2] = plan.ports
const roundTripsMs: number[] = []
const destinations: readonly Endpoint[] = [
  { address: address1, port: port1 },
  { address: address1, port: port2 },
  { address: address2, port: port1 },
  { address: address2, port: port2 },
]
const [first] = destinations
if (first === undefined) throw new Error('a plan has destinations')

const plain: Question = { change: NO_CHANGE, patienceMs: plan.answerMs }

console.log(JSON.stringify(await observe(first)))

async function observe(first: Endpoint): Promise<Observations> {
  // Alone and before anything else: other flows would take ports out of a sequence.
  const samples = await sampleMappings(first)
  const [webTcp, anyTcp] = await Promise.all([opensTcp(plan.webPort), opensTcp(plan.otherPort)])
  const none = { heardOtherAddress: false, heardOtherPort: false, heardOwnExternalAddress: false }
  const ipv6 = await observeIpv6()
  const common = { samples, webTcp, anyTcp, ipv6, roundTripsMs }
  if (samples.length === 0) {
    return { ...common, ...none, hopLimit: undefined, lateAnswers: undefined }
  }
  const [heardOtherAddress, heardOtherPort, heardOwnExternalAddress, hopLimit, lateAnswers] =
    await Promise.all([
      hearsChanged(first, { address: true, port: true }),
      hearsChanged(first, { address: false, port: true }),
      hearsHairpin(first),
      findHopLimit(first),
      hearsLateAnswers(first),
    ])
  return {
    ...common,
    heardOtherAddress,
    heardOtherPort,
    heardOwnExternalAddress,
    hopLimit,
    lateAnswers,
  }
}

async function observeIpv6(): Promise<Observations['ipv6']> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  if (!all.some(({ family, scopeid }) => family === 'IPv6' && scopeid === 0)) return undefined
  const first = { address: plan.addresses6[0], port: port1 }
  const [answered, otherAddress, otherPort] = await Promise.all([
    withSocket((socket) => ask(socket, first, plain), 'udp6'),
    hearsChanged(first, { address: true, port: true }),
    hearsChanged(first, { address: false, port: true }),
  ])
  return answered === undefined ? undefined : { otherAddress, otherPort }
}

/** Two sockets are silent for a part of the claimed life of a mapping, and for longer than it. */
async function hearsLateAnswers(first: Endpoint): Promise<Observations['lateAnswers']> {
  const { mappingTimeoutMs } = plan
  if (mappingTimeoutMs === undefined) return undefined
  const hears = (holdMs: number): Promise<boolean> =>
    withSocket(async (socket) => {
      const question = { change: NO_CHANGE, patienceMs: holdMs + plan.silenceMs, holdMs }
      return (await ask(socket, first, question)) !== undefined
    })
  const [within, beyond] = await Promise.all([
    hears(mappingTimeoutMs * TIMEOUT_PART),
    hears(mappingTimeoutMs + TIMEOUT_EXCESS_MS),
  ])
  return { within, beyond }
}

async function sampleMappings(first: Endpoint): Promise<SocketSample[]> {
  const samples: SocketSample[] = []
  for (let n = 0; n < SOCKETS; n += 1) {
    const sample = await withSocket(async (socket) => {
      const mapped: Endpoint[] = []
      for (const destination of destinations) {
        const sentMs = performance.now()
        const endpoint = await ask(socket, destination, plain)
        roundTripsMs.push(performance.now() - sentMs)
        if (endpoint === undefined) {
          if (destination === first) return undefined
          throw new Error(`${destination.address}:${destination.port} does not answer`)
        }
        mapped.push(endpoint)
      }
      return { localPort: socket.address().port, mapped }
    })
    if (sample === undefined) break
    samples.push(sample)
  }
  return samples
}

/** Asks for an answer from elsewhere, on a socket that has contacted one endpoint only. */
function hearsChanged(first: Endpoint, change: ChangeRequest): Promise<boolean> {
  return withSocket(
    async (socket) =>
      (await ask(socket, first, { change, patienceMs: plan.silenceMs })) !== undefined,
    first.address.includes(':') ? 'udp6' : 'udp4',
  )
}

/** Two sockets send to each other's external endpoint. */
function hearsHairpin(first: Endpoint): Promise<boolean> {
  return withSocket((one) =>
    withSocket(async (other) => {
      const outside = [await ask(one, first, plain), await ask(other, first, plain)]
      const [outsideOne, outsideOther] = outside
      if (outsideOne === undefined || outsideOther === undefined) return false
      const heard = Promise.race([hears(one, outsideOther), hears(other, outsideOne)])
      for (let n = 0; n < HAIRPIN_ATTEMPTS; n += 1) {
        one.send('hairpin', outsideOther.port, outsideOther.address)
        other.send('hairpin', outsideOne.port, outsideOne.address)
      }
      return heard
    }),
  )
}

/** RFC 4787 REQ-9: the source of a hairpinned packet is the external endpoint. */
function hears(socket: Socket, from: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), plan.silenceMs)
    socket.on('message', (_, sender) => {
      if (sender.address !== from.address || sender.port !== from.port) return
      clearTimeout(timer)
      resolve(true)
    })
  })
}

async function findHopLimit(first: Endpoint): Promise<number | undefined> {
  const brief = { change: NO_CHANGE, patienceMs: plan.silenceMs }
  const limits = Array.from({ length: MOST_ROUTERS }, (_, index) => index + 1)
  const answered = await Promise.all(
    limits.map((limit) =>
      withSocket(async (socket) => {
        socket.setTTL(limit)
        return (await ask(socket, first, brief)) === undefined ? undefined : limit
      }),
    ),
  )
  return answered.find((limit) => limit !== undefined)
}

/** One Binding request, repeated while unanswered; undefined when nothing comes back in time. */
async function ask(
  socket: Socket,
  to: Endpoint,
  question: Question,
): Promise<Endpoint | undefined> {
  const transactionId = randomBytes(12)
  const { change, holdMs = 0 } = question
  const request = encodeBindingRequest({ transactionId, change, holdMs })
  return new Promise((resolve) => {
    const finish = (endpoint: Endpoint | undefined): void => {
      clearInterval(repeat)
      clearTimeout(limit)
      socket.off('message', listen)
      resolve(endpoint)
    }
    const listen = (bytes: Buffer): void => {
      const response = decodeBindingResponse(bytes)
      if (response?.transactionId.equals(transactionId) === true) finish(response.mapped)
    }
    const send = (): void => socket.send(request, to.port, to.address)
    const repeat = holdMs > 0 ? undefined : setInterval(send, plan.silenceMs / SENDINGS)
    const limit = setTimeout(() => finish(undefined), question.patienceMs)
    socket.on('message', listen)
    send()
  })
}

async function withSocket<Result>(
  use: (socket: Socket) => Promise<Result>,
  type: 'udp4' | 'udp6' = 'udp4',
): Promise<Result> {
  const socket = createSocket(type)
  // An exceeded hop limit or a closed port comes back as an error; silence already says it.
  socket.on('error', () => undefined)
  socket.bind(0)
  await once(socket, 'listening')
  try {
    return await use(socket)
  } finally {
    socket.close()
  }
}

function opensTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address1, port })
    const finish = (opened: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(opened)
    }
    const timer = setTimeout(() => finish(false), plan.answerMs)
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
  })
}

function parsePlan(text: string): ProbePlan {
  return JSON.parse(text) as ProbePlan
}
