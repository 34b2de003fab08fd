// The program that serves the page in the lab's server namespace: Knothole's rendezvous, through its
// command line only, or the lab's stock server. Both give STUN on the same addresses and ports.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { PUBLIC_NETWORKS, STUN_PORTS, WEB_ORIGIN, WEB_PORT } from './addresses.ts'
import { words, type RunningCommand } from './command.ts'
import { STUN_HOSTS, TURN_SECRET } from './ice-servers.ts'
import type { Lab } from './lab.ts'
import { LabError } from './lab-error.ts'
import type { Namespace } from './namespaces.ts'
import type { StockPlan } from './stock/stock-plan.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

/** `stock` is a plain RTCPeerConnection with the same STUN servers: the baseline. */
export type DriverName = 'knothole' | 'stock'

/** A page server inside the lab. */
export interface WebServer {
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
  /** What it has printed. */
  output(): string
}

/** A server starts in half a second; on a machine whose cores are taken it was seen to need 20 s. */
const START_TIMEOUT_MS = 60_000
const POLL_MS = 50

/** Starts the server, with another page than the product's if wanted, and waits until it listens. */
export function startWebServer(
  lab: Lab,
  driver: DriverName,
  pageFolder?: string,
): Promise<WebServer> {
  if (driver === 'stock') return startStockServer(lab.server, {})
  return startServer(lab.server, (data) => [
    ...knotholeWords(data),
    ...(pageFolder === undefined ? [] : ['--page', pageFolder]),
  ])
}

/** Starts the stock baseline's server, as it is told. */
export function startStockServer(namespace: Namespace, plan: StockPlan): Promise<WebServer> {
  return startServer(namespace, () => [
    process.execPath,
    requireFile('../dist/stock/server-main.js'),
    JSON.stringify(plan),
  ])
}

async function startServer(
  namespace: Namespace,
  wordsFor: (dataFolder: string) => string[],
): Promise<WebServer> {
  const data = makeTemporaryFolder()
  const running = namespace.start(wordsFor(data.path))
  const server = {
    output: () => running.output(),
    kill: async () => {
      await running.kill()
      data.remove()
    },
  }
  try {
    await untilListening(namespace, running)
    return server
  } catch (error) {
    await server.kill()
    throw error
  }
}

function knotholeWords(dataFolder: string): string[] {
  return [
    process.execPath,
    requireFile('../../../apps/rendezvous/dist/shell/main.js'),
    ...words(`--host 0.0.0.0 --port ${WEB_PORT} --url ${WEB_ORIGIN}`),
    ...words(`--stun-hosts ${STUN_HOSTS.join(',')}`),
    ...words(`--stun-port ${STUN_PORTS[0]} --stun-alt-port ${STUN_PORTS[1]}`),
    ...words(`--turn-secret ${TURN_SECRET} --turn-allow-peers ${PUBLIC_NETWORKS.join(',')}`),
    '--data',
    dataFolder,
  ]
}

function requireFile(relative: string): string {
  const path = fileURLToPath(new URL(relative, import.meta.url))
  if (!existsSync(path)) {
    throw new LabError('server-failed', `${path} is missing: run npm run build first`)
  }
  return path
}

/** Resolves when a program listens on the web port of the lab's server. */
export async function untilListening(namespace: Namespace, running: RunningCommand): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  const died = running.exited.then(() => 'died' as const)
  for (;;) {
    const sockets = await namespace.run(['ss', '-Hltn', `sport = :${WEB_PORT}`])
    if (sockets.trim() !== '') return
    const pause = new Promise((resolve) => {
      setTimeout(resolve, POLL_MS)
    })
    const event = await Promise.race([died, pause])
    if (event === 'died' || performance.now() > deadlineMs) {
      throw new LabError('server-failed', `the server does not start. ${running.output()}`)
    }
  }
}
