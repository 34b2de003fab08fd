/** One server with clients and a peer around it, ready to be loaded; and what loading it cost. */
import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { findFreePort } from '../server-process.ts'
import type { RelayContender, RelayServer } from './contenders.ts'
import type { Load, LoadProgram, RunOptions } from './load.ts'
import { openLoad } from './load.ts'
import type { TurnClient } from './turn-client.ts'
import { createTurnClient, peerChannel, siblingChannel } from './turn-client.ts'

/** What one run gave. */
export interface Measured {
  readonly packetsPerSecond: number
  readonly lostShare: number
  /** Of the whole server process. */
  readonly cpuUsPerPacket: number
}

/** Whom clients send to: one peer outside, or each the next client, through two relayed addresses. */
export type Route = 'peer' | 'siblings'

export interface RelayStage {
  /** False for a server whose clients cannot be each other's peers. */
  readonly hasSiblings: boolean
  measure(route: Route, options: RunOptions): Promise<Measured>
  close(): Promise<void>
}

/** As many people as talk through one relay on a quiet evening. */
const clientCount = 8
/** A busy machine may lose a packet. */
const maxAttempts = 5
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

export async function openStage(
  contender: RelayContender,
  program: LoadProgram,
): Promise<RelayStage> {
  const port = await findFreePort()
  const load = await openLoad(program, port, clientCount)
  try {
    const server = await contender.open(port, load.peerPort)
    return await settle(server, load)
  } catch (error) {
    load.close()
    throw error
  }
}

async function settle(server: RelayServer, load: Load): Promise<RelayStage> {
  const { secret } = server
  const count = secret === undefined ? 0 : clientCount
  const clients: TurnClient[] = []
  const relayed: number[] = []
  while (clients.length < count) {
    const client = createTurnClient(load, clients.length, secret ?? '')
    clients.push(client)
    relayed.push(await client.allocate())
  }

  /** Permissions last five minutes: binding anew is cheaper than a clock. */
  async function prepare(route: Route): Promise<void> {
    for (const [index, client] of clients.entries()) {
      await client.bind(peerChannel, load.peerPort)
      await client.bind(siblingChannel, relayed[(index + 1) % clientCount] ?? 0)
      const channel = route === 'peer' ? peerChannel : siblingChannel
      await load.setPrefix(index, Uint8Array.of(channel >> 8, channel & 0xff, 0, 0))
    }
    if (route === 'siblings') return
    for (let index = 0; index < clientCount; index++) await learn(load, index)
  }

  return {
    hasSiblings: clients.length > 0,
    async measure(route, options) {
      await prepare(route)
      const before = cpuSeconds(server.pid)
      const { sent, got, seconds } = await load.run(options)
      const spent = cpuSeconds(server.pid) - before
      return {
        packetsPerSecond: got / seconds,
        lostShare: 1 - got / sent,
        cpuUsPerPacket: (1_000_000 * spent) / got,
      }
    },
    async close() {
      load.close()
      await server.close()
    },
  }
}

async function learn(load: Load, client: number): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if ((await load.learn(client)) !== 0) return
  }
  throw new Error(`the peer hears nothing of client ${client}`)
}

/** Time that a process and all its threads have had of any core. */
function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in brackets may hold anything; user and system time are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
