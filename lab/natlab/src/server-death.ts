// Kills the server under people who are linked, lets them go on talking, and counts on the public
// network what still goes to the server's addresses.

import { setTimeout as pause } from 'node:timers/promises'

import { ALL_SERVER_ADDRESSES, SERVER_ADDRESSES, STUN_PORTS } from './addresses.ts'
import { countersSince, type Counters, type Flow } from './counters.ts'
import { LabError } from './lab-error.ts'
import type { Lab } from './lab.ts'
import { showsMessage, type RoomPage } from './room-page.ts'
import type { WebServer } from './web-server.ts'

/** What happened after the server was gone. */
export interface AfterKill {
  /** Messages said, and how many of them everybody else read. */
  readonly said: number
  readonly read: number
  /** Every page noticed and shows that the server is not online. */
  readonly noticed: boolean
  /** TCP openings to the server: attempts to come back. */
  readonly reconnectAttempts: number
  /**
   * Packets to the STUN ports. Chromium keeps asking for its mapped address and repeats the request
   * that is never answered for 40 s; no script can stop it.
   */
  readonly stunPackets: number
  /** Anything else to the server. */
  readonly otherPackets: number
  /** When the last packet that was no attempt to come back went there, in whole seconds. */
  readonly silentAfterSeconds: number
  /** The flows behind these numbers, in words. */
  readonly flows: readonly string[]
}

/** Whom to kill, who goes on talking, and for how long. */
export interface DeathPlan {
  readonly server: WebServer
  readonly pages: readonly RoomPage[]
  readonly watchSeconds: number
}

const NOTICE_MS = 10_000
const READ_MS = 5000
/** Chromium closes an idle connection that its server closed when it next looks, every ten seconds. */
const CLOSE_MS = 25_000
const POLL_MS = 50

/** Kills and watches, with a message from everybody each second. */
export async function chatWithoutServer(lab: Lab, plan: DeathPlan): Promise<AfterKill> {
  const { server, pages, watchSeconds } = plan
  await server.kill()
  const noticed = await Promise.all(
    pages.map((room) => room.until((view) => view.rendezvous !== 'online', NOTICE_MS)),
  )
  await untilConnectionsClosed(lab)
  const before = await lab.core.counters()
  let read = 0
  let silentAfterSeconds = 0
  let packets = 0
  let seen = countServerPackets(before, before)
  for (let second = 1; second <= watchSeconds; second += 1) {
    const [everybody] = await Promise.all([talk(pages, second), pause(1000)])
    read += everybody
    seen = countServerPackets(before, await lab.core.counters())
    const unasked = seen.stunPackets + seen.otherPackets
    if (unasked > packets) silentAfterSeconds = second
    packets = unasked
  }
  const said = watchSeconds * pages.length
  return { said, read, noticed: !noticed.includes(undefined), silentAfterSeconds, ...seen }
}

/** The kill itself takes a few packets: both ends of each TCP connection say goodbye. */
async function untilConnectionsClosed(lab: Lab): Promise<void> {
  const hosts = lab.sites.flatMap((site) => site.hosts)
  const endMs = performance.now() + CLOSE_MS
  for (;;) {
    const open = await Promise.all(
      hosts.map((host) => host.run(['ss', '-Htn', `dst ${SERVER_ADDRESSES[0]}`])),
    )
    if (open.every((lines) => lines.trim() === '')) return
    if (performance.now() > endMs)
      throw new LabError(
        'page-failed',
        `Connections to the dead server stay open for ${CLOSE_MS} ms.`,
      )
    await pause(POLL_MS)
  }
}

/** Everybody says a line; returns how many lines all others read. */
async function talk(pages: readonly RoomPage[], round: number): Promise<number> {
  const line = (room: RoomPage): string => `alone ${round} ${room.name}`
  await Promise.all(pages.map((room) => room.say(line(room))))
  const read = await Promise.all(
    pages.map(async (speaker) => {
      const views = await Promise.all(
        pages.map((room) => room.until((view) => showsMessage(view, line(speaker)), READ_MS)),
      )
      return !views.includes(undefined)
    }),
  )
  return read.filter(Boolean).length
}

/** Sorts by kind what went to the server's addresses between two readings. */
export function countServerPackets(
  before: Counters,
  after: Counters,
): Pick<AfterKill, 'reconnectAttempts' | 'stunPackets' | 'otherPackets' | 'flows'> {
  const since = countersSince(before, after)
  const flows = toServer(since.flows)
  const reconnectAttempts = countPackets(toServer(since.openings))
  const stunPackets = countPackets(
    flows.filter(({ protocol, port }) => protocol === 'udp' && STUN_PORTS.includes(port)),
  )
  return {
    reconnectAttempts,
    stunPackets,
    otherPackets: countPackets(flows) - stunPackets - reconnectAttempts,
    flows: flows.map(
      ({ from, to, protocol, port, packets, bytes }) =>
        `${from} to ${to} ${protocol} ${port}: ${packets} packets, ${bytes} bytes`,
    ),
  }
}

function toServer(flows: readonly Flow[]): Flow[] {
  return flows.filter(({ to }) => ALL_SERVER_ADDRESSES.includes(to))
}

function countPackets(flows: readonly Flow[]): number {
  return flows.reduce((sum, { packets }) => sum + packets, 0)
}
