// Talks of several people on links that deliver at once, with plain seals and signatures, for tests. What
// is done to a talk is done until nothing more comes of it.
import { createHash } from 'node:crypto'
import { decodeLogFrame, encodeCbor, entryIdOf, memberIdOf } from '@knothole/wire'
import type { Bytes, EntryBody, MemberId, PeerId } from '@knothole/wire'
import type { StoredLog, StoredNote, StoreWrite } from '../../ports/index.ts'
import { Log, sha256 } from '../log/index.ts'
import type { FaultCode, Person } from '../room-state.ts'
import type { OwnFeed } from '../session-io.ts'
import type { TalkHost, TalkInput } from '../people/talk-seat.ts'
import type { Message } from './message.ts'
import type { TalkEffect } from './talk-io.ts'
import { LiveTalk } from './talk.ts'

export const LOG_ID: Bytes = new Uint8Array(16).fill(5)
export const NOON = 1_800_000_000_000

/** Deadlines met in one span of time: a machine that asks for more never rests. */
const MAX_STEPS = 20_000

const bytesOf = (text: string, length: number): Bytes =>
  new Uint8Array(createHash('sha256').update(text).digest().subarray(0, length))

type Seal = Extract<TalkEffect, { type: 'seal-bodies' }>

/** One page of somebody. */
export class TalkPage {
  readonly name: string
  readonly peer: PeerId
  readonly member: MemberId
  readonly feed: OwnFeed
  readonly talk: LiveTalk
  readonly messages: Message[] = []
  readonly faults: FaultCode[] = []
  readonly effects: TalkEffect[] = []
  readonly spoke: MemberId[] = []
  readonly stored: StoreWrite[] = []
  /** What it says its name is. */
  ownName: string
  changes = 0
  written = 0
  /** Bodies that were opened, and proofs that were signed. */
  opened = 0
  signatures = 0
  /** Whether nothing opens here. */
  isDamaged = false
  /** Whether seals are made at once. */
  isSealing = true
  /** Whether bodies are opened at once. */
  isOpening = true
  /** Seals something else instead. */
  sealAs: (() => Bytes) | undefined
  readonly #world: TalkWorld
  readonly #held: Seal[] = []
  readonly #closed: TalkEffect[] = []

  constructor(world: TalkWorld, name: string, page: number) {
    this.#world = world
    this.name = name
    this.ownName = name
    this.peer = `peer ${name} ${world.nextPeer()}` as PeerId
    const author = bytesOf(name, 32)
    const feedName = { author, nonce: bytesOf(`${name} ${page}`, 8) }
    this.member = memberIdOf(sha256(author))
    this.feed = { id: new Log({ logId: LOG_ID }).feedId(feedName), name: feedName }
    const host: TalkHost = {
      me: () => ({ peer: this.peer, member: this.member, feed: this.feed }),
      ownName: () => this.ownName,
      people: () => world.othersOf(this),
      isPartial: () => false,
      nextSequence: () => ++this.written,
      send: (peer, data) => world.send(this, peer, data),
      spoke: (member) => void this.spoke.push(member),
      output: (effect) => world.later(() => this.#do(effect)),
      fault: (code) => void this.faults.push(code),
    }
    this.talk = new LiveTalk(host, { logId: LOG_ID, random: () => 0 })
  }

  /** Says something; answers the id of the entry. */
  write(body: EntryBody): string {
    const sequence = ++this.written
    this.give({ type: 'write', sequence, body, atMs: this.#world.nowMs })
    return entryIdOf(this.feed.id, sequence)
  }

  say(text: string): string {
    return this.write({ type: 'text', text })
  }

  give(input: TalkInput): void {
    this.talk.handle(input, this.#world.nowMs)
    this.#world.settle()
  }

  restore(stored?: StoredLog): this {
    this.give({ type: 'restored', stored })
    return this
  }

  /** Makes the seals that were held, and those that follow. */
  seal(): void {
    this.isSealing = true
    for (const effect of this.#held.splice(0)) this.#seal(effect)
    this.isSealing = false
  }

  /** Opens what was held, and from now on at once. */
  open(): void {
    this.isOpening = true
    for (const effect of this.#closed.splice(0)) this.#do(effect)
  }

  /** All bodies in the log, as text. */
  bodies(): string {
    return [...this.talk.log.order.newestFirst()]
      .map(({ body }) => Buffer.from(body ?? []).toString('latin1'))
      .join('\n')
  }

  /** The words of the conversation, or what stands there instead. */
  shown(): unknown[] {
    const { reader } = this.talk
    return Array.from({ length: reader.length }, (_, at) => {
      const message = reader.at(at)
      if (message?.deleted === true) return 'deleted'
      return message?.problem ?? message?.event ?? message?.text
    })
  }

  message(id: string): Message | undefined {
    return this.talk.reader.at(this.talk.reader.indexOf(id))
  }

  /** What it stored, as a store would give it back. */
  kept(): StoredLog {
    const blocks = this.stored.flatMap((write) => (write.type === 'append' ? [write] : []))
    const notes = new Map<string, StoredNote>()
    for (const write of this.stored) if (write.type === 'note') notes.set(write.key, write)
    return { blocks, notes: [...notes.values()], damaged: [], isDamaged: false }
  }

  #seal({ number, plain }: Seal): void {
    const { sealAs } = this
    const sealed = sealAs === undefined ? plain : plain.map(() => sealAs())
    this.give({ type: 'bodies-sealed', number, sealed })
  }

  #do(effect: TalkEffect): void {
    this.effects.push(effect)
    switch (effect.type) {
      case 'message':
        this.messages.push(effect.message)
        return
      case 'talk-changed':
        this.changes += 1
        return
      case 'to-tab':
        this.#world.toTab(this, effect.tab, effect.data)
        return
      case 'left-told':
      case 'keep':
        return
      case 'seal-bodies':
        if (this.isSealing) this.#seal(effect)
        else this.#held.push(effect)
        return
      case 'open-bodies': {
        if (!this.isOpening) {
          this.#closed.push(effect)
          return
        }
        this.opened += effect.bodies.length
        const plain = effect.bodies.map(({ sealed }) => (this.isDamaged ? undefined : sealed))
        this.give({ type: 'bodies-opened', number: effect.number, plain })
        return
      }
      case 'sign':
        this.signatures += 1
        this.give({ type: 'signed', id: effect.id, signature: this.#world.sign(effect.message) })
        return
      case 'verify':
        this.give({ type: 'verified', id: effect.id, ok: true })
        return
      case 'store':
        this.stored.push(...effect.writes)
        this.give({ type: 'stored', batch: effect.batch, isDurable: true })
    }
  }
}

export class TalkWorld {
  nowMs = NOON
  readonly #pages: TalkPage[] = []
  readonly #links = new Set<string>()
  #later: (() => void)[] = []
  #isSettling = false
  #peers = 0

  /** Whether chunks are lost on their way. */
  withholding = false
  readonly #tabs = new Set<string>()

  /** A page that is there, with what it kept. Two of one number have one feed: a copied page. */
  page(name: string, stored?: StoredLog, number = this.#pages.length): TalkPage {
    return this.unread(name, number).restore(stored)
  }

  /** One that has not read its disk. */
  unread(name: string, number = this.#pages.length): TalkPage {
    const page = new TalkPage(this, name, number)
    this.#pages.push(page)
    return page
  }

  /** Two windows of one browser. */
  tabs(a: TalkPage, b: TalkPage): void {
    this.#tabs.add(linkOf(a, b)).add(linkOf(b, a))
    a.give({ type: 'tab-up', tab: b.peer })
    b.give({ type: 'tab-up', tab: a.peer })
  }

  toTab(from: TalkPage, tab: PeerId, data: Bytes): void {
    const page = this.#pages.find(({ peer }) => peer === tab)
    if (page === undefined || !this.#tabs.has(linkOf(from, page))) return
    this.later(() => page.give({ type: 'tab-frame', tab: from.peer, data }))
  }

  link(a: TalkPage, b: TalkPage): void {
    this.#links.add(linkOf(a, b)).add(linkOf(b, a))
    a.give({ type: 'link-up', peer: b.peer })
    b.give({ type: 'link-up', peer: a.peer })
    for (const page of this.#pages) page.give({ type: 'people' })
  }

  unlink(a: TalkPage, b: TalkPage): void {
    this.#links.delete(linkOf(a, b))
    this.#links.delete(linkOf(b, a))
    a.give({ type: 'link-down', peer: b.peer })
    b.give({ type: 'link-down', peer: a.peer })
    for (const page of this.#pages) page.give({ type: 'people' })
  }

  /** Everyone who is linked with a page. */
  othersOf(page: TalkPage): readonly Person[] {
    return this.#pages
      .filter((other) => this.#links.has(linkOf(page, other)))
      .map(({ peer, member, ownName }) => ({
        peer,
        member,
        name: ownName,
        device: 'desktop',
        isMe: member === page.member,
        present: true,
        typing: false,
        link: { state: 'connected', bytesSent: 0, bytesReceived: 0, sinceMs: 0 },
      }))
  }

  send(from: TalkPage, to: PeerId, data: Bytes): void {
    const page = this.#pages.find(({ peer }) => peer === to)
    if (page === undefined || !this.#links.has(linkOf(from, page))) return
    const frame = decodeLogFrame(data)
    if (this.withholding && frame.ok && ['chunk', 'run'].includes(frame.value.type)) return
    this.later(() => page.give({ type: 'frame', peer: from.peer, data }))
  }

  sign(message: Bytes): Bytes {
    const signature = new Uint8Array(64)
    signature.set(sha256(encodeCbor(message)))
    return signature
  }

  nextPeer(): number {
    return ++this.#peers
  }

  later(call: () => void): void {
    this.#later.push(call)
  }

  settle(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    for (let call = this.#later.shift(); call !== undefined; call = this.#later.shift()) call()
    this.#isSettling = false
  }

  /** Lets time pass for everyone. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let steps = 0; ; steps++) {
      if (steps > MAX_STEPS) throw new Error('somebody has something to do without end')
      const due = this.#pages
        .map((page) => page.talk.deadlineMs() ?? Infinity)
        .reduce((a, b) => Math.min(a, b), Infinity)
      if (due > untilMs) break
      this.nowMs = Math.max(this.nowMs, due)
      for (const page of this.#pages) page.talk.tick(this.nowMs)
      this.settle()
    }
    this.nowMs = untilMs
  }
}

const linkOf = (a: TalkPage, b: TalkPage): string => `${a.peer} ${b.peer}`
