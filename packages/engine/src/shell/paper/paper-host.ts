// Shows a room to the invitations on paper. Loaded with them; decides nothing.
import type { SessionInput } from '../../core/index.ts'
import type { Introducer } from '../seals/introducer.ts'
import { PaperDesk } from './paper.ts'
import type { RoomPaperOptions } from './room-paper.ts'

/** Opens the desk at which a room's invitations are written and read. */
export function openPaperDesk(options: RoomPaperOptions, introducer: Introducer): PaperDesk {
  const { ports, room, card, connections, input } = options
  /** The connection that came of an input. */
  const opened = (given: SessionInput): number | undefined => {
    const before = new Set(connections.keys())
    input(given)
    return [...connections.keys()].find((number) => !before.has(number))
  }
  return new PaperDesk({
    peer: room.state.me.peer,
    card: () => ({ ...card(), relayKey: introducer.relayKey }),
    seal: (payload, to) => introducer.sealPaper(payload, to),
    open: (from, sealed, to) => introducer.openPaper(from, sealed, to),
    openConnection: () => opened({ type: 'paper-wanted' }) ?? -1,
    connection: (number) => connections.get(number),
    closeConnection: (number) => connections.get(number)?.close(),
    meet: (met) => opened(met) ?? met.connection,
    randomBytes: ports.randomBytes,
    nowMs: () => ports.clock.nowMs(),
    schedule: (atMs, call) => ports.clock.schedule(atMs, call),
    isLinked: (peer) =>
      room.state.people.some((one) => one.peer === peer && one.link.state === 'connected'),
  })
}
