// What can happen to people who talk. Each fault says what it does, and resolves when it is over with the
// moment from which healing counts.

import { setTimeout as pause } from 'node:timers/promises'

import { RoomPage } from '../room-page.ts'
import type { Scene } from './scene.ts'

/** The names of the faults. */
export type FaultName =
  | 'new-address'
  | 'flush'
  | 'reroute'
  | 'blackout'
  | 'mtu'
  | 'freeze'
  | 'reload'
  | 'kill-browser'
  | 'kill-rendezvous'

/** A fault. */
export interface Fault {
  readonly name: FaultName
  /** For people, in few words. */
  readonly what: string
  /** Makes it happen; resolves with the end, in milliseconds since the epoch. */
  readonly strike: (scene: Scene, lastsMs: number) => Promise<number>
}

const BOUND_MS = 20_000

/** Below what browsers send at most (some 1,200), above what connections need to open. */
const NARROW_BYTES = 1000

/** All of them. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  'new-address': {
    name: 'new-address',
    what: "the public address of one side's router changes",
    strike: async ({ lab, struck }) => {
      await struck.host.site.changePublicAddress(lab.unusedPublicAddress())
      return Date.now()
    },
  },
  flush: {
    name: 'flush',
    what: 'all routers forget their mappings',
    strike: async ({ lab }) => {
      await lab.forgetMappings()
      return Date.now()
    },
  },
  reroute: {
    name: 'reroute',
    what: 'the default route of one side moves to another router',
    strike: async ({ lab, struck }) => {
      await struck.host.site.changeRouter(lab.unusedPublicAddress())
      return Date.now()
    },
  },
  blackout: {
    name: 'blackout',
    what: "one side's router lets nothing through for a minute",
    strike: async ({ struck }, lastsMs) => {
      await struck.host.site.cut(true)
      await pause(lastsMs)
      await struck.host.site.cut(false)
      return Date.now()
    },
  },
  mtu: {
    name: 'mtu',
    what: "one side's router drops large UDP packets from now on",
    strike: async ({ struck }) => {
      await struck.host.site.narrow(NARROW_BYTES)
      return Date.now()
    },
  },
  freeze: {
    name: 'freeze',
    what: "one side's page is frozen for a minute",
    strike: async ({ struck }, lastsMs) => {
      const session = await struck.browser.context.newCDPSession(struck.page.page)
      await session.send('Page.setWebLifecycleState', { state: 'frozen' })
      await pause(lastsMs)
      const atMs = Date.now()
      await session.send('Page.setWebLifecycleState', { state: 'active' })
      return atMs
    },
  },
  reload: {
    name: 'reload',
    what: "one side's page is loaded again",
    strike: async ({ struck }) => {
      const { typist, page } = struck
      await page.page.reload({ waitUntil: 'commit', timeout: BOUND_MS })
      typist.lose()
      await typist.start(page)
      return openedMs(page)
    },
  },
  'kill-browser': {
    name: 'kill-browser',
    what: "one side's browser is killed and started again",
    strike: async ({ struck, link }) => {
      await struck.browser.kill()
      struck.typist.lose()
      struck.before.push(...struck.page.shown)
      struck.browser = await struck.launch()
      struck.page = await RoomPage.openIn(struck.browser.context, struck.name)
      await struck.page.join(link, BOUND_MS)
      await struck.typist.start(struck.page)
      return openedMs(struck.page)
    },
  },
  'kill-rendezvous': {
    name: 'kill-rendezvous',
    what: 'the rendezvous is killed for good',
    strike: async ({ server }) => {
      await server.kill()
      return Date.now()
    },
  },
}

/** When the document that is open began to load. */
function openedMs({ page }: RoomPage): Promise<number> {
  return page.evaluate(() => performance.timeOrigin)
}
