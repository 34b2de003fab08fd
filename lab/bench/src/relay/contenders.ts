/** The servers that relay: ours and coturn as users start them, and a forwarder in plain Node. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ContenderNote } from '../bench.ts'
import { BenchError } from '../bench.ts'
import { relayForwarder, rendezvousProgram } from '../places.ts'
import type { ServerProgram } from '../server-process.ts'
import { findFreePort, startServer } from '../server-process.ts'

/** A server that runs, and the UDP port its clients send to. */
export interface RelayServer {
  readonly pid: number
  readonly port: number
  /** What TURN credentials are made with; undefined for a server that asks for none. */
  readonly secret: string | undefined
  close(): Promise<void>
}

export interface RelayContender extends ContenderNote {
  /** `peerPort`: where the peer is; only a server without a protocol must be told. */
  open(port: number, peerPort: number): Promise<RelayServer>
}

const loopback = '127.0.0.1'
const secret = 'a secret of the bench, no other'
/** Below the ports that systems hand out by themselves, as far as there is room. */
const relayPorts = { first: 20_000, last: 31_999 }
const cores = availableParallelism()

const forwarder: RelayContender = {
  name: 'node-udp',
  what: 'a UDP forwarder in plain Node: a socket per client, large buffers, no protocol.',
  open: (port, peerPort) =>
    serve(port, { program: relayForwarder, args: [String(port), String(peerPort)], port }),
}

const knothole: RelayContender = {
  name: 'knothole',
  what: 'our rendezvous with `--turn-threads 1`: one thread relays, datagrams move in batches.',
  open: (port) => openKnothole(port, 1),
}

const knotholeDgram: RelayContender = {
  name: 'knothole-dgram',
  what: 'the same with `--turn-udp dgram`: as where system calls of our own cannot be had.',
  onRequest: true,
  open: (port) => openKnothole(port, 1, 'dgram'),
}

const knotholeThreads: RelayContender = {
  name: 'knothole-threads',
  what: `the same with a thread per core (${cores}); needs Node 22.12, where threads share a port.`,
  onRequest: !canShareAPort(process.versions.node),
  open: (port) => openKnothole(port, cores),
}

const coturn: RelayContender = {
  name: 'coturn',
  what: 'coturn as Debian ships it, with its own defaults for buffers and threads.',
  open: openCoturn,
}

/** The plain forwarder is first: the others are compared with it. */
export const relayContenders: readonly RelayContender[] = [
  forwarder,
  knothole,
  knotholeDgram,
  knotholeThreads,
  coturn,
]

/** Whether `reusePort` is in this Node: 22.12 and 23.1. */
export function canShareAPort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major === 23) return minor >= 1
  return major > 22 || (major === 22 && minor >= 12)
}

async function openKnothole(
  port: number,
  threads: number,
  udp: 'batched' | 'dgram' = 'batched',
): Promise<RelayServer> {
  if (!existsSync(rendezvousProgram)) {
    throw new BenchError('missing-part', `${rendezvousProgram} is not built.`)
  }
  const folder = await mkdtemp(join(tmpdir(), 'knothole-bench-'))
  const webPort = await findFreePort()
  const args = Object.entries({
    '--host': loopback,
    '--port': String(webPort),
    '--data': folder,
    '--stun-port': String(port),
    '--stun-alt-port': String(await findFreePort()),
    '--turn-secret': secret,
    '--turn-public-address': loopback,
    '--turn-relay-ports': `${relayPorts.first}-${relayPorts.last}`,
    '--turn-allow-peers': '127.0.0.0/8',
    '--turn-threads': String(threads),
    '--turn-udp': udp,
  }).flat()
  return serve(port, { program: rendezvousProgram, args, port: webPort }, folder)
}

async function openCoturn(port: number): Promise<RelayServer> {
  const program = findProgram('turnserver')
  if (program === undefined) {
    throw new BenchError('missing-part', 'turnserver is missing: apt-get install coturn')
  }
  const folder = await mkdtemp(join(tmpdir(), 'knothole-bench-'))
  const flags = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--use-auth-secret']
  const args = Object.entries({
    '--listening-ip': loopback,
    '--relay-ip': loopback,
    '--listening-port': String(port),
    '--static-auth-secret': secret,
    '--realm': 'bench',
    '--min-port': String(relayPorts.first),
    '--max-port': String(relayPorts.last),
    '--userdb': join(folder, 'users'),
    '--pidfile': join(folder, 'pid'),
    '--log-file': join(folder, 'log'),
  }).flat()
  const all = [...flags, '--allow-loopback-peers', ...args]
  return serve(port, { program, isNative: true, args: all, port }, folder)
}

/** Starts a server with TURN if it has a folder of its own. */
async function serve(port: number, program: ServerProgram, folder?: string): Promise<RelayServer> {
  const server = await startServer(program)
  return {
    pid: server.pid,
    port,
    secret: folder === undefined ? undefined : secret,
    async close() {
      await server.close()
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
