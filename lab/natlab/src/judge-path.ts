// Which way two linked people's bytes go: the pages' word for it, held against the lab's own counters.
// Ballast is sent both ways through the pages, and the counters are read before and after.

import { randomBytes } from 'node:crypto'

import { countersSince, type Counters } from './counters.ts'
import type { Host } from './host.ts'
import { linkedMembers, showsMessage, type RoomPage } from './room-page.ts'
import type { RunPlan } from './run.ts'
import { confirms, findWirePath, type WireEnd, type WirePath } from './wire-path.ts'

/** A path by both pages' word, confirmed by the counters; or `disputed`, with the reason. */
export interface PathVerdict {
  readonly path: string
  readonly wire: WirePath
  readonly note?: string
}

/** Ballast that cannot be taken for keep-alives: longer than all checks of a few seconds together. */
const PROOF_CHARACTERS = 4000
/** A page may first show one path and settle on another within this time. */
const SETTLE_MS = 5000
/** Sends ballast and judges; a page has a few seconds to settle on the path it says. */
export async function judgePath(
  plan: RunPlan,
  pages: readonly [RoomPage, RoomPage],
): Promise<PathVerdict> {
  const wire = await traceProof(plan, pages)
  const translated = plan.people.some(({ host }) => isTranslated(host))
  const claimed = (): string[] =>
    pages.map(({ view }) => linkedMembers(view).map(({ path }) => path)[0] ?? '')
  const agreed = (): boolean => {
    const [one = '', other] = claimed()
    return one === other && confirms(one, { wire, translated })
  }
  if (!agreed()) {
    await Promise.race(pages.map((room) => room.until(agreed, SETTLE_MS)))
  }
  const [path = ''] = claimed()
  if (agreed()) return { path, wire }
  return { path: 'disputed', wire, note: `pages say ${claimed().join(' and ')}, seen: ${wire}` }
}

/** Where both have IPv6 it is what they talk by, and nothing translates it. */
function isTranslated({ site }: Host): boolean {
  return site.preset.routers.length > 0 && site.preset.ipv6 !== true
}

function ipv6Of({ address6 }: Host): string[] {
  return address6 === undefined ? [] : [address6]
}

/** Sends ballast both ways and looks at the counters before and after. */
async function traceProof(plan: RunPlan, pages: readonly [RoomPage, RoomPage]): Promise<WirePath> {
  const [one, other] = plan.people
  const read = (): Promise<[Counters, Counters, Counters]> =>
    Promise.all([one.host.counters(), other.host.counters(), plan.lab.core.counters()])
  const before = await read()
  const letters = pages.map(() => randomBytes(PROOF_CHARACTERS / 2).toString('hex'))
  await Promise.all(pages.map((room, index) => room.say(letters[index] ?? '')))
  await Promise.all(
    pages.map((room, index) =>
      room.until((view) => showsMessage(view, letters[1 - index] ?? ''), plan.boundMs),
    ),
  )
  const after = await read()
  const end = (host: Host, index: 0 | 1): WireEnd => ({
    addresses: [host.address, ...ipv6Of(host)],
    publicAddresses: [host.site.publicAddress, ...ipv6Of(host)],
    site: plan.lab.sites.indexOf(host.site),
    sent: countersSince(before[index], after[index]),
  })
  return findWirePath([end(one.host, 0), end(other.host, 1)], {
    core: countersSince(before[2], after[2]),
    proofBytes: PROOF_CHARACTERS,
  })
}
