// Two people meet: the second opens the first's link, both wait until linked, greet each other and
// read the greeting. Times are the pages' own, from the second page's navigation.

import { linkedMembers, showsMessage, type RoomPage } from './room-page.ts'

/** How a meeting went; `ms` is undefined when they did not talk in time. */
export type Meeting =
  | { ms: number; connectedMs: number }
  | { ms: undefined; note: string; gaveUpMs: number }

/** Makes them meet. */
export async function meet(
  pages: readonly [RoomPage, RoomPage],
  about: { link: string; boundMs: number },
): Promise<Meeting> {
  const [, second] = pages
  const endMs = performance.now() + about.boundMs
  const left = (): number => Math.max(0, endMs - performance.now())
  await second.join(about.link, about.boundMs)
  const connected = await Promise.all(
    pages.map(async (room) => {
      const view = await room.until((shown) => linkedMembers(shown).length > 0, left())
      if (view !== undefined) await room.sayAtOnce(`hello from ${room.name}`)
      return view
    }),
  )
  const heard = await Promise.all(pages.map((room) => untilAllHeard(room, pages, left())))
  const moments = [...connected, ...heard].map((view) => view?.atMs ?? Number.NaN)
  const start = second.view.navigationMs
  const ms = Math.max(...moments) - start
  if (Number.isNaN(ms)) {
    return {
      ms: undefined,
      note: pages.map((room) => room.explain()).join('\n'),
      gaveUpMs: Math.max(...pages.map((room) => (room.gaveUpMs ?? Number.NaN) - start)),
    }
  }
  return { ms, connectedMs: Math.max(...moments.slice(0, connected.length)) - start }
}

function untilAllHeard(
  room: RoomPage,
  speakers: readonly RoomPage[],
  timeoutMs: number,
): ReturnType<RoomPage['until']> {
  const others = speakers.filter((speaker) => speaker !== room)
  return room.until(
    (view) => others.every(({ name }) => showsMessage(view, `hello from ${name}`)),
    timeoutMs,
  )
}
