/**
 * Drives the program that makes the load: the one in C where there is a compiler, the one in Node
 * elsewhere. Both speak the lines that `load.c` explains; one answer per line, in order.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cacheFolder, relayLoadSource, relayNodeLoad } from '../places.ts'

/** A program that makes load, and what the tables say of it. */
export interface LoadProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly what: string
}

export interface RunOptions {
  /** Packets per second, of all flows and directions together. */
  readonly rate: number
  readonly ms: number
  readonly sizeBytes: number
  /** Packets of one flow that are sent at once. */
  readonly bunch: number
  /** Whether clients send, and whether the peer sends back. */
  readonly directions: 'both' | 'up'
}

export interface RunResult {
  readonly sent: number
  readonly got: number
  readonly seconds: number
}

/** Clients and a peer around one server. */
export interface Load {
  readonly peerPort: number
  /** Sends from a client to the server; the answer, or undefined when none came. */
  ask(client: number, message: Uint8Array): Promise<Uint8Array | undefined>
  setPrefix(client: number, prefix: Uint8Array): Promise<void>
  /** Finds, by one packet, the port that the peer sees a client at. */
  learn(client: number): Promise<number>
  run(options: RunOptions): Promise<RunResult>
  close(): void
}

/** Compiles the load, or falls back to Node. */
export function prepareLoad(): LoadProgram {
  mkdirSync(cacheFolder, { recursive: true })
  const binary = join(cacheFolder, 'relay-load')
  const args = ['-O2', '-pthread', '-o', binary, relayLoadSource]
  const compiled = ['cc', 'gcc'].find((compiler) => spawnSync(compiler, args).status === 0)
  return compiled === undefined
    ? { command: process.execPath, args: [relayNodeLoad], what: 'load by Node' }
    : { command: binary, args: [], what: 'load by a C program' }
}

/** Starts the load for a server that listens on `serverPort`. */
export async function openLoad(
  { command, args }: LoadProgram,
  serverPort: number,
  clients: number,
): Promise<Load> {
  const child = spawn(command, [...args, String(serverPort), String(clients)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const say = async (line: string): Promise<string[]> => {
    child.stdin.write(`${line}\n`)
    const answer = await lines.next()
    if (answer.done === true) throw new Error(`the load ended at: ${line}`)
    return answer.value.split(' ').slice(1)
  }
  const [peerPort = ''] = await say('ports')
  return {
    peerPort: Number(peerPort),
    async ask(client, message) {
      const [hex = '-'] = await say(`ask ${client} ${Buffer.from(message).toString('hex')}`)
      return hex === '-' ? undefined : new Uint8Array(Buffer.from(hex, 'hex'))
    },
    async setPrefix(client, prefix) {
      await say(`prefix ${client} ${Buffer.from(prefix).toString('hex')}`)
    },
    async learn(client) {
      const [port = '0'] = await say(`learn ${client}`)
      return Number(port)
    },
    async run({ rate, ms, sizeBytes, bunch, directions }) {
      const down = directions === 'both' ? 1 : 0
      const words = await say(`run ${rate} ${ms} ${sizeBytes} ${bunch} 1 ${down}`)
      const [sent = 0, got = 0, tookUs = 1] = words.map(Number)
      return { sent, got, seconds: tookUs / 1_000_000 }
    },
    close() {
      child.stdin.end()
    },
  }
}
