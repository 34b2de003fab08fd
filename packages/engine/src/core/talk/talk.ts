// What is said in a room: the log and its sync below, the conversation above, and between them the bodies,
// which are sealed and opened elsewhere. SPEC.md, E390 and on.
import { entryIdOf, memberIdOf, parseEntryId } from '@knothole/wire'
import type { EntryBody, FeedId, MemberId, PeerId } from '@knothole/wire'
import { sha256 } from '../log/index.ts'
import type { Entry, FeedView, Log } from '../log/index.ts'
import { earliest } from '../machine.ts'
import type { Gap } from '../sync/gap-report.ts'
import { Replica } from '../sync/index.ts'
import type { ReplicaOutput } from '../sync/index.ts'
import type { Talk, TalkHost, TalkInput } from '../people/talk-seat.ts'
import { entryOfKeep, letGoBeforeMs, noteOfKeep } from './agreement.ts'
import { Audiences } from './audiences.ts'
import { Composer } from './composer.ts'
import type { Delivered } from './delivery.ts'
import { isSettled } from './delivery.ts'
import type { Row } from './fold.ts'
import { Goodbye } from './goodbye.ts'
import type { Keep, Message, TalkGap, TalkStorage } from './message.ts'
import { OpenPart } from './open-part.ts'
import { readUpTo } from './read-up-to.ts'
import { TalkReader } from './reader.ts'
import type { Pending } from './reader.ts'
import { faultCodeOf } from './talk-faults.ts'

/** Messages of ours whose delivery is told as it changes; that of older ones when somebody looks. */
const MAX_WATCHED = 64

/** How often entries older than agreed are let go. */
const PRUNE_EVERY_MS = 60_000

const NOBODY: Delivered = { has: [], read: [] }

export interface TalkOptions {
  readonly logId: Uint8Array<ArrayBuffer>
  readonly random: () => number
}

export class LiveTalk implements Talk {
  /** The conversation as it is read. */
  readonly reader: TalkReader
  readonly #host: TalkHost
  readonly #replica: Replica
  readonly #part: OpenPart
  readonly #composer = new Composer()
  readonly #audiences: Audiences
  readonly #goodbye: Goodbye
  readonly #authors = new Map<FeedId, MemberId>()
  readonly #tabs = new Set<PeerId>()
  /** Our messages whose fate is not settled, as they were told last. */
  readonly #watched = new Map<Row, Message>()
  #pending: readonly Pending[] | undefined
  #gaps: readonly TalkGap[] = []
  #storage: TalkStorage = 'memory'
  #keep: Keep | undefined
  /** Our name as our feed says it. */
  #toldName: string | undefined
  /** Who is here by what name, as it was looked at last. */
  #here = ''
  #pruneAtMs: number | undefined
  #isChanged = false
  #nowMs = 0

  constructor(host: TalkHost, options: TalkOptions) {
    this.#host = host
    const { member, feed } = host.me()
    this.#replica = new Replica({ ...options, sha256, name: feed.name, member })
    const { log } = this.#replica
    const authorOf = (view: FeedView): MemberId => this.#authorOf(view)
    this.#part = new OpenPart({ log, authorOf })
    const { fold } = this.#part
    this.#audiences = new Audiences({
      log,
      me: () => member,
      ownName: () => host.ownName(),
      people: () => host.people(),
      authorOf,
      namedInLog: (who) => fold.nameOf(who),
    })
    this.#goodbye = new Goodbye({
      isDue: () => this.#isMissed(),
      say: () => this.#tellMembership('left', this.#nowMs),
      isTold: (sequence) => this.#isTold(sequence),
      onTold: () => host.output({ type: 'left-told' }),
    })
    this.reader = new TalkReader({
      fold,
      me: member,
      nameOf: this.#audiences.nameOf,
      pending: () => this.#pendingTexts(),
      delivered: (id) => this.#delivered(id),
      audience: () => this.#audiences.audience(this.#nowMs),
      isAhead: (row) => this.#isAhead(row),
      hasEarlier: () => this.#part.hasEarlier,
      gaps: () => this.#gaps,
      storage: () => this.#storage,
    })
  }

  get log(): Log {
    return this.#replica.log
  }

  /** Whether older ones are being opened. */
  get isOpeningEarlier(): boolean {
    return this.#part.isOpeningEarlier
  }

  handle(input: TalkInput, nowMs: number): void {
    this.#nowMs = nowMs
    this.#take(input, nowMs)
    this.#settle(nowMs)
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs
    this.#replica.tick(nowMs)
    if (this.#pruneAtMs !== undefined && this.#pruneAtMs <= nowMs) this.#prune(nowMs)
    this.#settle(nowMs)
  }

  deadlineMs(): number | undefined {
    return earliest(this.#replica.deadlineMs(), this.#part.deadlineMs(), this.#pruneAtMs)
  }

  #take(input: TalkInput, nowMs: number): void {
    switch (input.type) {
      case 'write':
        this.#write(input)
        return
      case 'read':
        this.#read(input.id, nowMs)
        return
      case 'earlier':
        this.#part.earlier()
        return
      case 'leave':
        this.#goodbye.say()
        return
      case 'people':
        this.#people(nowMs)
        return
      case 'storage':
        this.#storage = input.storage
        this.#isChanged = true
        return
      case 'link-up':
        this.#linkUp(input.peer, nowMs)
        return
      case 'link-down':
        this.#replica.handle({ type: 'link-down', peer: input.peer }, nowMs)
        return
      case 'tab-up':
      case 'tab-down':
      case 'tab-frame':
        this.#tab(input, nowMs)
        return
      case 'bodies-sealed': {
        const together = this.#composer.underWay(input.number)
        if (together === undefined) return
        const { number: token, sequence } = together
        this.#replica.handle({ type: 'write', token, sequence, bodies: input.sealed }, nowMs)
        return
      }
      case 'bodies-opened':
        this.#part.opened(input.number, input.plain)
        return
      case 'restored':
        this.#remember(input.stored?.notes ?? [])
        this.#replica.handle(input, nowMs)
        this.#isChanged = true
        return
      default:
        this.#replica.handle(input, nowMs)
    }
  }

  /** Does what came of an input, until nothing more does. */
  #settle(nowMs: number): void {
    this.#drain(nowMs)
    this.#tellNews(nowMs)
    this.#drain(nowMs)
    const together = this.#composer.take(this.#newestMs())
    if (together !== undefined) {
      const { number, plain } = together
      this.#host.output({ type: 'seal-bodies', number, plain })
    }
    for (let batch = this.#part.next(nowMs); batch !== undefined; batch = this.#part.next(nowMs)) {
      const bodies = batch.entries.map(({ feed, body }) => ({ feed: feed.id, sealed: body }))
      this.#host.output({ type: 'open-bodies', number: batch.number, bodies })
    }
    if (this.#isChanged) this.#host.output({ type: 'talk-changed' })
    this.#isChanged = false
  }

  #drain(nowMs: number): void {
    for (let out = this.#replica.poll(); out !== undefined; out = this.#replica.poll())
      this.#fromReplica(out, nowMs)
  }

  #fromReplica(out: ReplicaOutput, nowMs: number): void {
    switch (out.type) {
      case 'send':
        if (this.#tabs.has(out.peer))
          this.#host.output({ type: 'to-tab', tab: out.peer, data: out.data })
        else this.#host.send(out.peer, out.data, nowMs)
        return
      case 'admitted':
        this.#admitted(out.entries, true, nowMs)
        return
      case 'opened':
        this.#admitted(out.entries, false, nowMs)
        return
      case 'written':
        this.#composer.written()
        this.#tellName(nowMs)
        this.#goodbye.look()
        return
      case 'bodies':
        this.#part.bodiesCame(out.entries)
        return
      case 'gaps':
        this.#gaps = out.gaps.map((gap) => this.#gapOf(gap))
        this.#isChanged = true
        return
      case 'delivery':
        this.#tellDelivery()
        this.#goodbye.look()
        return
      case 'cut':
        this.#part.cut(out.feed, out.at)
        return
      case 'pruned':
        this.#part.pruned()
        return
      case 'fault':
        this.#host.fault(faultCodeOf(out.code), out.peer)
        return
      default:
        this.#host.output(out)
    }
  }

  #admitted(entries: readonly Entry[], isNews: boolean, nowMs: number): void {
    const own = this.#host.me().feed.id
    const bodyOf = (entry: Entry): EntryBody | undefined => {
      if (entry.feed.id !== own) return undefined
      this.#pending = undefined
      return this.#composer.admitted(entry.sequence)?.body
    }
    this.#part.admitted(entries, bodyOf, { isNews, nowMs })
    this.#audiences.changed()
  }

  // What we do.

  #write({ sequence, body, atMs }: TalkInput & { type: 'write' }): void {
    this.#composer.add({ sequence, body, atMs })
    this.#pending = undefined
    if (body.type !== 'text') return
    this.#isChanged = true
    const message = this.reader.at(this.reader.length - 1)
    if (message !== undefined) this.#host.output({ type: 'message', message })
  }

  /** Tells our name in our feed, once we said something, and when it changes. */
  #tellName(nowMs: number): void {
    const name = this.#host.ownName()
    if (name === this.#toldName || name === '' || this.#goodbye.isSaid) return
    const event = this.#toldName === undefined ? 'joined' : 'named'
    this.#toldName = name
    this.#tellMembership(event, nowMs)
  }

  #tellMembership(event: 'joined' | 'named' | 'left', atMs: number): number {
    const sequence = this.#host.nextSequence()
    const name = this.#host.ownName()
    this.#composer.add({ sequence, body: { type: 'membership', event, name }, atMs })
    return sequence
  }

  #isMissed(): boolean {
    const { member } = this.#host.me()
    const isKnown = this.#composer.hasSpoken || this.#part.fold.nameOf(member) !== undefined
    return isKnown && this.#tabs.size === 0 && !this.#host.people().some(({ isMe }) => isMe)
  }

  #isTold(sequence: number): boolean {
    const { feed } = this.#host.me()
    if (this.log.entry(feed.id, sequence) === undefined) return false
    const isAlone = this.#host.people().every(({ link }) => link.state !== 'connected')
    return isAlone || this.#delivered(entryIdOf(feed.id, sequence)).has.length > 0
  }

  #read(id: string, nowMs: number): void {
    const entry = this.#entryOf(id)
    if (entry === undefined) return
    this.#replica.handle({ type: 'read', upTo: readUpTo(this.log, entry) }, nowMs)
  }

  // Who is here.

  #linkUp(peer: PeerId, nowMs: number): void {
    const person = this.#host.people().find((one) => one.peer === peer)
    if (person === undefined) return
    const { member } = person
    const isEager = this.#host.isPartial()
    this.#replica.handle({ type: 'link-up', peer, member, isEager }, nowMs)
  }

  /** Other windows of ours are peers of the log, on a channel of their own. */
  #tab(input: TalkInput & { type: 'tab-up' | 'tab-down' | 'tab-frame' }, nowMs: number): void {
    const { tab: peer } = input
    if (input.type === 'tab-frame') {
      if (this.#tabs.has(peer))
        this.#replica.handle({ type: 'frame', peer, data: input.data }, nowMs)
    } else if (input.type === 'tab-up') {
      this.#tabs.add(peer)
      const { member } = this.#host.me()
      this.#replica.handle({ type: 'link-up', peer, member, isEager: true }, nowMs)
    } else {
      this.#replica.handle({ type: 'link-down', peer }, nowMs)
      this.#tabs.delete(peer)
    }
  }

  #people(nowMs: number): void {
    const people = this.#host.people().map(({ member, name }) => `${member} ${name}`)
    const here = [this.#host.ownName(), ...people].join('\n')
    if (here === this.#here) return
    this.#here = here
    this.#audiences.changed()
    if (this.#composer.hasSpoken && this.#toldName !== undefined) this.#tellName(nowMs)
    this.#tellDelivery()
  }

  // What is agreed.

  #remember(notes: Parameters<typeof entryOfKeep>[0]): void {
    const entry = entryOfKeep(notes)
    if (entry === undefined) return
    this.#part.fold.glance(entry)
    // The device knows already.
    this.#keep = this.#part.fold.keep
    this.#pruneAtMs = this.#nowMs
  }

  #agree(nowMs: number): void {
    const { keep, keepPlace } = this.#part.fold
    if (keep === undefined || keepPlace === undefined || keep === this.#keep) return
    this.#keep = keep
    this.#host.output({ type: 'keep', keep, note: noteOfKeep(keep, keepPlace) })
    this.#prune(nowMs)
  }

  #prune(nowMs: number): void {
    const beforeMs = this.#keep === undefined ? undefined : letGoBeforeMs(this.#keep, nowMs)
    this.#pruneAtMs = beforeMs === undefined ? undefined : nowMs + PRUNE_EVERY_MS
    if (beforeMs === undefined) return
    this.#replica.handle({ type: 'prune', beforeMs }, nowMs)
  }

  // What is told.

  #tellNews(nowMs: number): void {
    const { rows, letGo, isChanged } = this.#part.news()
    if (isChanged) {
      this.#isChanged = true
      this.#agree(nowMs)
    }
    if (letGo.length > 0) this.#replica.handle({ type: 'drop', entries: letGo }, nowMs)
    for (const { row, isNew } of rows) {
      const message = this.reader.messageOf(row)
      if (message.mine) this.#watch(row, message)
      else if (isNew) this.#host.spoke(row.author)
      this.#host.output({ type: 'message', message })
    }
  }

  #watch(row: Row, message: Message): void {
    this.#watched.delete(row)
    if (message.delivery !== undefined && !isSettled(message.delivery))
      this.#watched.set(row, message)
    for (const oldest of this.#watched.keys()) {
      if (this.#watched.size <= MAX_WATCHED) return
      this.#watched.delete(oldest)
    }
  }

  #tellDelivery(): void {
    this.#isChanged = true
    for (const [row, before] of this.#watched) {
      const message = this.reader.messageOf(row)
      if (message === before) continue
      this.#watched.set(row, message)
      this.#host.output({ type: 'message', message })
    }
  }

  #pendingTexts(): readonly Pending[] {
    if (this.#pending !== undefined) return this.#pending
    const { id } = this.#host.me().feed
    this.#pending = this.#composer
      .waiting()
      .flatMap(({ sequence, body, atMs }) =>
        body.type === 'text' ? [{ id: entryIdOf(id, sequence), body, atMs: Math.floor(atMs) }] : [],
      )
    return this.#pending
  }

  #gapOf({ feed, from, count, asked }: Gap): TalkGap {
    const people = this.#host.people().filter(({ peer }) => asked.includes(peer))
    const next = this.log.entry(feed, from + count)
    const names = new Set(people.map(({ name }) => name))
    return { count, from: [...names].join(', '), beforeId: next?.id }
  }

  #delivered(id: string): Delivered {
    const parsed = parseEntryId(id)
    if (parsed === undefined) return NOBODY
    const me = this.#host.me().member
    const { has, read } = this.#replica.deliveryOf(parsed.feed, parsed.sequence)
    return { has: has.filter((who) => who !== me), read: read.filter((who) => who !== me) }
  }

  #isAhead({ id }: Row): boolean {
    const entry = this.#entryOf(id)
    return entry !== undefined && this.log.isAhead(entry, this.#nowMs)
  }

  #newestMs(): number {
    const { order } = this.log
    return order.at(order.length - 1)?.atMs ?? 0
  }

  #entryOf(id: string): Entry | undefined {
    const parsed = parseEntryId(id)
    return parsed === undefined ? undefined : this.log.entry(parsed.feed, parsed.sequence)
  }

  #authorOf({ id, name }: FeedView): MemberId {
    const known = this.#authors.get(id)
    if (known !== undefined) return known
    const author = memberIdOf(sha256(name.author))
    this.#authors.set(id, author)
    return author
  }
}
