// The links of one peer of a partial mesh: asks for some and grants some, replaces what breaks, parts from what
// is too much. What is asked costs two small signals, whatever the answer; only a granted link is made.
import { encodeMeshFrame, encodeMeshNote, encodeTalkFrame, MAX_SUGGESTIONS } from '@knothole/wire'
import type { MeshNote, PeerId, Signal } from '@knothole/wire'
import { choose, chooseToPart, isPoor } from './choice.ts'
import type { Neighbour } from './choice.ts'
import {
  ASK_SPREAD_MS,
  BUSY_BYTES,
  BUSY_MS,
  CAP_LINKS,
  degreeOf,
  IMPROVE_EVERY_MS,
  LINK_WITHIN_MS,
  LOOK_EVERY_MS,
  MAX_ASKS,
  REPAIR_WITHIN_MS,
  REPLACE_AFTER_MS,
  TRIM_AFTER_MS,
  TRIM_EVERY_MS,
  URGENT_LINKS,
} from './limits.ts'
import type { MeshHost } from './seat.ts'
import { Standings } from './standings.ts'
import type { FarPerson, PersonRow } from '../people/people-table.ts'
import type { LinkStatus } from '../room-state.ts'

/** Why somebody is asked. `bridge`: to hold the mesh together. */
type Need = 'usual' | 'bridge'

/** What is watched of a link. */
interface Watch {
  readonly sinceMs: number
  bytes: number
  busyUntilMs: number
}

export class MeshLinks {
  readonly standings: Standings = new Standings()
  readonly #host: MeshHost
  readonly #watched = new Map<PeerId, Watch>()
  /** Those whom a refusal named as having room. */
  #suggested: PeerId[] = []
  #askAtMs = 0
  #trimAtMs = 0
  #improveAtMs: number
  /** The first look at how many links we have. */
  #sinceMs: number

  constructor(host: MeshHost, nowMs: number) {
    this.#host = host
    this.#sinceMs = nowMs
    this.#improveAtMs = nowMs + this.#soon(IMPROVE_EVERY_MS)
  }

  /** Those whose link carries now. */
  get neighbours(): PersonRow[] {
    return this.#host.people.rows().filter(({ link }) => link.status.state === 'connected')
  }

  /** Somebody asks for a link, or says that there is none. */
  noted(peer: PeerId, note: MeshNote, nowMs: number): void {
    if (note.type === 'ask') this.#asked(peer, note, nowMs)
    else this.#refused(peer, note.others, nowMs)
  }

  /** A signal for a link came of somebody with whom there is none. */
  signalled(far: FarPerson, signal: Signal, nowMs: number): void {
    if (signal.type !== 'offer') return
    const { peer } = far
    const isAsked = this.standings.isAsked(peer)
    const isNew = signal.fresh && !this.standings.of(peer).isMet
    if (isAsked || (isNew && this.#count < CAP_LINKS + URGENT_LINKS))
      this.#link(far, isAsked, nowMs).link.handleSignal(signal, nowMs)
    else this.#refuse(peer, nowMs)
  }

  /** A neighbour gives our link up. */
  parted(row: PersonRow, nowMs: number): void {
    this.#drop(row, nowMs)
    this.standings.parted(row.peer, nowMs)
  }

  /** Looks links over: what is due is asked for, replaced and given up. */
  look(nowMs: number): void {
    this.standings.expire(nowMs)
    this.#watch(nowMs)
    if (this.#host.people.isPartial) this.#lookPartial(nowMs)
    else this.#askEveryone(nowMs)
  }

  /** Asks one at random, or this one, for a link that holds the mesh together. */
  bridge(nowMs: number, to?: PeerId): void {
    const { people } = this.#host
    const far = to === undefined ? this.#pick(nowMs) : people.far.get(to)
    if (far !== undefined && !this.standings.isAsked(far.peer)) this.#ask(far, 'bridge', nowMs)
  }

  /** How many links there are, those that are being made or repaired with them. */
  get #count(): number {
    return this.#host.people.rows().length
  }

  #lookPartial(nowMs: number): void {
    const { least, most } = degreeOf(this.#host.card())
    this.#giveUp(nowMs)
    const rows = this.#host.people.rows()
    const good = rows.filter((row) => !this.#isBroken(row, nowMs)).length
    const expected = good + this.standings.asks
    if (expected < least) this.#askMore(least - expected, nowMs)
    else if (this.#improveAtMs <= nowMs) this.#improve(rows, expected <= most, nowMs)
    if (rows.length > most && this.#trimAtMs <= nowMs) this.#trim(nowMs)
  }

  /** A full mesh again: whoever has no link gets one. Of two, the lesser asks at once. */
  #askEveryone(nowMs: number): void {
    const { people, me } = this.#host
    for (const far of people.far.values()) {
      const { notBeforeMs } = this.standings.of(far.peer)
      const waitMs = far.peer > me().peer ? 0 : ASK_SPREAD_MS
      const isDue = notBeforeMs <= nowMs && nowMs - this.#sinceMs >= waitMs
      if (isDue && !this.standings.isAsked(far.peer)) this.#ask(far, 'usual', nowMs)
    }
  }

  #askMore(missing: number, nowMs: number): void {
    const isUrgent = this.neighbours.length < URGENT_LINKS
    if (this.#askAtMs > nowMs && !isUrgent) return
    this.#askAtMs = nowMs + this.#soon(LOOK_EVERY_MS)
    const free = Math.min(missing, MAX_ASKS - this.standings.asks)
    for (let count = 0; count < free; count++) {
      const far = this.#pick(nowMs)
      if (far === undefined) return
      this.#ask(far, isUrgent ? 'bridge' : 'usual', nowMs)
    }
  }

  /** Links that do not come up, or back, make room for others; unless nothing works, which is no fault of theirs. */
  #giveUp(nowMs: number): void {
    if (this.neighbours.length === 0) return
    for (const row of this.#host.people.rows()) {
      const { state, sinceMs } = row.link.status
      if (state === 'connected') continue
      const isNew = state === 'connecting'
      const watchedMs = this.#watched.get(row.peer)?.sinceMs ?? nowMs
      const forMs = nowMs - (isNew ? watchedMs : Math.max(sinceMs, watchedMs))
      if (forMs < (isNew ? LINK_WITHIN_MS : REPAIR_WITHIN_MS)) continue
      this.#part(row, nowMs)
      this.standings.failed(row.peer, nowMs)
    }
  }

  /** A poor link is to be replaced: another is asked for, and trimming takes the worst. */
  #improve(rows: readonly PersonRow[], hasRoom: boolean, nowMs: number): void {
    this.#improveAtMs = nowMs + this.#soon(IMPROVE_EVERY_MS)
    const neighbours = rows.map((row) => this.#neighbour(row, nowMs))
    if (!hasRoom || !neighbours.some((one) => isPoor(one, neighbours))) return
    const far = this.#pick(nowMs)
    if (far !== undefined) this.#ask(far, 'usual', nowMs)
  }

  #trim(nowMs: number): void {
    this.#trimAtMs = nowMs + this.#soon(TRIM_EVERY_MS)
    const settled = this.neighbours.filter((row) => this.#canSpare(row, nowMs))
    const worst = chooseToPart(
      settled.map((row) => this.#neighbour(row, nowMs)),
      this.#host.random,
    )
    if (worst === undefined) return
    this.#part(worst, nowMs)
    this.standings.parted(worst.peer, nowMs)
  }

  /** Whether both sides can do without a link: it is no new one, carries no transfer, and they have others. */
  #canSpare({ peer, card }: PersonRow, nowMs: number): boolean {
    const watch = this.#watched.get(peer)
    const { links } = this.standings.of(peer)
    if (watch === undefined || links === undefined) return false
    const isSettled = nowMs - watch.sinceMs >= TRIM_AFTER_MS && watch.busyUntilMs <= nowMs
    return isSettled && links > degreeOf(card).least
  }

  #watch(nowMs: number): void {
    const { people } = this.#host
    for (const row of people.rows()) this.#watchRow(row, nowMs)
    for (const [peer, watch] of this.#watched) {
      if (people.get(peer) !== undefined) continue
      this.#watched.delete(peer)
      if (nowMs - watch.sinceMs < LINK_WITHIN_MS) continue
      this.standings.of(peer).isMet = true
    }
  }

  #watchRow({ peer, link }: PersonRow, nowMs: number): void {
    const { state, rttMs, bytesReceived, bytesSent } = link.status
    const bytes = bytesReceived + bytesSent
    const watch = this.#watched.get(peer) ?? { sinceMs: nowMs, bytes, busyUntilMs: 0 }
    this.#watched.set(peer, watch)
    if (bytes - watch.bytes > BUSY_BYTES) watch.busyUntilMs = nowMs + BUSY_MS
    watch.bytes = bytes
    const standing = this.standings.of(peer)
    standing.rttMs = rttMs ?? standing.rttMs
    const isProven = state === 'connected' && nowMs - watch.sinceMs >= IMPROVE_EVERY_MS
    if (isProven) standing.failures = 0
  }

  /** Whether a link counts as lost for how many we have: it may still heal. */
  #isBroken({ link }: PersonRow, nowMs: number): boolean {
    const { state, sinceMs } = link.status
    if (state === 'connected' || state === 'connecting') return false
    return state === 'unreachable' || nowMs - sinceMs >= REPLACE_AFTER_MS
  }

  #neighbour(row: PersonRow, nowMs: number): Neighbour<PersonRow> {
    const { failures } = this.standings.of(row.peer)
    const upForMs = nowMs - (this.#watched.get(row.peer)?.sinceMs ?? nowMs)
    return { who: row, link: row.link.status, failures, upForMs }
  }

  /** Somebody to ask: one whom a refusal named, or the best of a few. */
  #pick(nowMs: number): FarPerson | undefined {
    const { people, random } = this.#host
    const canAsk = ({ peer }: FarPerson): boolean =>
      this.standings.of(peer).notBeforeMs <= nowMs &&
      !this.standings.isAsked(peer) &&
      !this.standings.isParted(peer, nowMs)
    const named = this.#suggested.flatMap((peer) => people.far.get(peer) ?? [])
    this.#suggested = []
    const [suggested] = named.filter(canAsk)
    if (suggested !== undefined && random() < 0.5) return suggested
    const candidates = [...people.far.values()].filter(canAsk).map((who) => {
      const { failures, rttMs } = this.standings.of(who.peer)
      return { who, card: who.card, failures, rttMs }
    })
    return choose(candidates, random)
  }

  #ask({ peer }: FarPerson, need: Need, nowMs: number): void {
    this.standings.asked(peer, nowMs)
    this.#say(peer, { type: 'ask', links: this.#count, isUrgent: need === 'bridge' })
  }

  /** Who asks gets an offer or a refusal. When both ask, the lesser offers. */
  #asked(peer: PeerId, ask: MeshNote & { type: 'ask' }, nowMs: number): void {
    const { people, me } = this.#host
    const row = people.get(peer)
    // They have no link with us any more, or would not ask.
    if (row !== undefined) this.#drop(row, nowMs)
    const far = people.far.get(peer)
    if (far === undefined) return
    if (this.standings.isAsked(peer) && me().peer > peer) return
    if (this.#grants(far, ask, nowMs)) this.#link(far, true, nowMs).link.start(nowMs)
    else this.#refuse(peer, nowMs)
  }

  #grants(far: FarPerson, ask: MeshNote & { type: 'ask' }, nowMs: number): boolean {
    const { people, card } = this.#host
    if (!people.isPartial) return true
    const count = this.#count
    const isNeedy = ask.isUrgent || ask.links < degreeOf(far.card).least
    if (this.standings.isParted(far.peer, nowMs) && !isNeedy) return false
    return count < degreeOf(card()).most || (isNeedy && count < CAP_LINKS)
  }

  #refused(peer: PeerId, others: readonly PeerId[], nowMs: number): void {
    const row = this.#host.people.get(peer)
    if (row !== undefined) this.#drop(row, nowMs)
    this.standings.refused(peer, nowMs)
    this.#suggested = others.filter((other) => this.#host.people.far.has(other))
    // Whoever asked us to wait has named others: no need to wait for the next look.
    this.#askAtMs = Math.min(this.#askAtMs, nowMs)
  }

  #refuse(peer: PeerId, nowMs: number): void {
    this.standings.refused(peer, nowMs)
    const withRoom = this.neighbours.filter((row) => {
      const { links } = this.standings.of(row.peer)
      return row.peer !== peer && links !== undefined && links < degreeOf(row.card).most
    })
    const others = withRoom.slice(0, MAX_SUGGESTIONS).map((row) => row.peer)
    this.#say(peer, { type: 'no', others })
  }

  /** Makes a row with a link; the other side does the same, and both streams begin anew. */
  #link(far: FarPerson, isAgreed: boolean, nowMs: number): PersonRow {
    const { people, introductions, output } = this.#host
    const { peer, member, isMe, card, name, present, vouched, sealed, leftMs } = far
    this.standings.answered(peer)
    if (isAgreed) people.gone(peer)
    people.far.delete(peer)
    const row = people.add({ peer, member, isMe }, introductions().newLink(peer, card, nowMs))
    Object.assign(row, { card, name, present, vouched, sealed, leftMs })
    this.#watched.delete(peer)
    this.#watchRow(row, nowMs)
    output({ type: 'changed' })
    return row
  }

  /** Ends a link of ours and says so. */
  #part(row: PersonRow, nowMs: number): void {
    if (row.link.status.state === 'connected')
      row.link.send(
        encodeTalkFrame({ type: 'mesh', data: encodeMeshFrame({ type: 'part' }) }),
        nowMs,
      )
    else this.#refuse(row.peer, nowMs)
    this.#drop(row, nowMs)
  }

  /** Takes a link away; whoever is here is one without a link from now on. */
  #drop(row: PersonRow, nowMs: number): void {
    const { people, drop, output } = this.#host
    this.#watched.delete(row.peer)
    this.standings.of(row.peer).isMet = true
    drop(row, nowMs)
    people.far.set(row.peer, {
      peer: row.peer,
      member: row.member,
      isMe: row.isMe,
      card: row.card,
      name: row.name,
      present: row.present,
      vouched: row.vouched,
      sealed: row.sealed,
      typingUntilMs: row.typingUntilMs,
      leftMs: row.leftMs,
      link: { status: throughOthers(nowMs) },
      heardMs: nowMs,
    })
    output({ type: 'changed' })
  }

  #say(to: PeerId, note: MeshNote): void {
    const { introductions, output } = this.#host
    const sequence = introductions().iceOptions(to).nextSequence()
    const signal = { type: 'mesh', sequence, attempt: 0, note: encodeMeshNote(note) } as const
    output({ type: 'seal-signal', to, signal })
  }

  /** Up to twice as long, so that many do not move in step. */
  #soon(ms: number): number {
    return ms * (1 + this.#host.random())
  }
}

/** How a person looks who has no link with us: what they say comes through others. */
export function throughOthers(nowMs: number): LinkStatus {
  return { state: 'through', bytesSent: 0, bytesReceived: 0, sinceMs: nowMs }
}
