// The rendezvous put together: database, machine, HTTP, WebSockets, STUN. Started and stopped as one.
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Observed, RoomId } from '@knothole/wire'
import { MAX_SOCKETS, PageChallenges, Rendezvous, RoomMaker } from '../core/index.ts'
import type { RendezvousInput, RendezvousOutput, RoomStore, SocketId } from '../core/index.ts'
import { nowMs } from './clock.ts'
import { drive } from './drive.ts'
import type { Drive } from './drive.ts'
import { createHttpServer } from './http/http-server.ts'
import type { Logger } from './logger.ts'
import { nodeCrypto } from './node-crypto.ts'
import type { ServerOptions } from './options/options.ts'
import { readPage } from './http/page.ts'
import { SocketGate } from './socket-gate.ts'
import { openSqliteRoomStore } from './sqlite-room-store.ts'
import { readStaticFiles } from './http/static-files.ts'
import { openTraversalService } from './traversal/traversal-service.ts'
import type { TraversalService } from './traversal/traversal-service.ts'

/** A server that listens. */
export interface RunningServer {
  readonly port: number
  /** Where a browser on this machine, or with --url any browser, finds it. */
  readonly url: string
  /** Refuses everybody with `going-away`, then closes everything; done within CLOSE_WITHIN_MS. */
  close(): Promise<void>
}

/** How long a stop may take: less than the ten seconds service managers grant. */
export const CLOSE_WITHIN_MS = 5000

/** How long sockets get to take their refusal and say goodbye; the rest is for HTTP and the database. */
const GOODBYE_MS = 3500

/** Connections beside those of joined sockets: requests for the page. */
const SPARE_CONNECTIONS = 2000

const DAY_MS = 86_400_000

/** Starts the server. @throws ListenError, or an error with `code` such as EADDRINUSE */
export async function openServer(options: ServerOptions, logger: Logger): Promise<RunningServer> {
  const closers: (() => unknown)[] = []
  try {
    return await open(options, logger, closers)
  } catch (error) {
    for (const close of closers.toReversed()) await close()
    throw error
  }
}

async function open(
  options: ServerOptions,
  logger: Logger,
  closers: (() => unknown)[],
): Promise<RunningServer> {
  const store = openSqliteRoomStore(options.dataFolder)
  closers.push(() => store.close())
  const traversal = await openTraversalService(options, logger)
  closers.push(() => traversal.close())
  const { gate, running } = startMachine(options, { store, traversal, logger })
  closers.push(() => running.close())
  const app = await createApp(options, { gate, store, traversal, logger })
  closers.push(() => app.close())
  gate.attach(app.server)
  app.server.maxConnections = MAX_SOCKETS + SPARE_CONNECTIONS
  await listen(app, options)
  const { port } = app.server.address() as AddressInfo
  logger.info('listening', { port })
  return {
    port,
    url: options.url?.origin ?? `http://${localNameOf(options.host)}:${port}`,
    async close() {
      logger.info('stopping', { sockets: gate.size })
      const isClosed = app.close()
      running.input({ type: 'stop' })
      await emptied(gate)
      gate.dropAll()
      await isClosed
      running.close()
      await traversal.close()
      await store.close()
      logger.info('stopped')
    },
  }
}

function startMachine(
  options: ServerOptions,
  { store, traversal, logger }: Parts,
): { readonly gate: SocketGate; readonly running: Drive<RendezvousInput> } {
  const { url, trustProxy, limitNetworks } = options
  const gate: SocketGate = new SocketGate({
    url,
    trustProxy,
    also: options.also,
    turnUrlsFor: (host) => traversal.turnUrlsFor(host),
    input: (input) => running.input(input),
  })
  const machine = new Rendezvous(
    {
      crypto: nodeCrypto,
      backlogOf: (socket) => gate.backlogOf(socket),
      roomLifeMs: options.roomDays * DAY_MS,
      limitNetworks,
      roomCapacity: options.roomCapacity,
      turnSecret: traversal.turnSecret,
    },
    nowMs(),
  )
  const running: Drive<RendezvousInput> = drive(machine, {
    nowMs,
    perform: (output) =>
      perform(output, { gate, store, traversal, logger, input: (i) => running.input(i) }),
  })
  return { gate, running }
}

/** What the machine and the HTTP server are put together with. */
interface Parts {
  readonly store: RoomStore
  readonly traversal: TraversalService
  readonly logger: Logger
}

interface Effects extends Parts {
  readonly gate: SocketGate
  readonly input: (input: RendezvousInput) => void
}

function perform(output: RendezvousOutput, effects: Effects): void {
  const { gate, store, logger } = effects
  switch (output.type) {
    case 'send':
      gate.send(output.socket, output.data)
      return
    case 'ping':
      gate.ping(output.socket)
      return
    case 'close':
      gate.close(output.socket, output.code, output.reason)
      return
    case 'drop':
      gate.drop(output.socket)
      return
    case 'probe':
      void probe(output.socket, output.place, effects)
      return
    case 'find-room':
      void findRoom(output.socket, output.room, effects)
      return
    case 'renew-room':
      store.renew(output.use).catch(failed(logger, 'renew a room'))
      return
    case 'sweep-rooms':
      void sweepRooms(output.atMs, effects)
      return
    case 'event': {
      const { name, ...fields } = output.event
      logger.debug(`socket ${name}`, fields)
    }
  }
}

async function findRoom(
  socket: SocketId,
  id: RoomId,
  { store, logger, input }: Effects,
): Promise<void> {
  try {
    const room = await store.find(id)
    input({ type: 'room-found', socket, room })
  } catch (error) {
    failed(logger, 'find a room')(error)
    input({ type: 'room-look-up-failed', socket })
  }
}

async function probe(
  socket: SocketId,
  place: Observed,
  { traversal, input }: Effects,
): Promise<void> {
  const verdicts = await traversal.probe(place)
  input({ type: 'probed', socket, result: { ...place, ...verdicts } })
}

async function sweepRooms(atMs: number, { store, logger }: Effects): Promise<void> {
  try {
    const count = await store.sweep(atMs)
    if (count > 0) logger.info('swept expired rooms', { count })
  } catch (error) {
    failed(logger, 'sweep rooms')(error)
  }
}

function failed(logger: Logger, what: string): (error: unknown) => void {
  return (error) => logger.error(`the database failed to ${what}`, { error: String(error) })
}

async function createApp(
  options: ServerOptions,
  { gate, store, traversal, logger }: Parts & { readonly gate: SocketGate },
): Promise<FastifyInstance> {
  const { url, trustProxy, also, limitNetworks, pageFolder } = options
  const page = await readPage(pageFolder)
  if (page === undefined) {
    logger.warn(`there is no page in ${pageFolder}: run \`npm run build\`. Rooms work without.`)
  }
  const roomLifeMs = options.roomDays * DAY_MS
  return createHttpServer({
    url,
    trustProxy,
    also,
    maker: new RoomMaker({ crypto: nodeCrypto, roomLifeMs, limitNetworks }),
    challenges: new PageChallenges(nodeCrypto),
    gate,
    store,
    page,
    files: page === undefined ? new Map() : await readStaticFiles(pageFolder),
    configFor: (host) => ({
      ...traversal.configFor(host),
      also: also.length === 0 ? undefined : also.map((other) => other.origin),
    }),
    nowMs,
    version: await readVersion(),
    logger,
  })
}

/** `::` takes IPv4 too; a machine with IPv6 switched off has 0.0.0.0 only. */
async function listen(app: FastifyInstance, { host, port }: ServerOptions): Promise<void> {
  if (host !== undefined) {
    await app.listen({ host, port })
    return
  }
  await app.ready()
  const server = app.server
  const bind = (address: string): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: address, port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  await bind('::').catch(async (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
    await bind('0.0.0.0')
  })
}

function localNameOf(host: string | undefined): string {
  if (host === undefined || host === '::' || host === '0.0.0.0') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Waits until every socket is gone, or the time for goodbyes is over. */
async function emptied(gate: SocketGate): Promise<void> {
  const untilMs = nowMs() + GOODBYE_MS
  while (gate.size > 0 && nowMs() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}
