// Talks of several people on links that deliver at once, with plain seals and signatures, for tests. What
// is done to a talk is done until nothing more comes of it.
import { createHash } from 'node:crypto'
import { encodeCbor, entryIdOf, memberIdOf } from '@knothole/wire'
import type { Bytes, EntryBody, MemberId, PeerId } from '@knothole/wire'
import type { StoredLog, StoredNote, StoreWrite } from '../../ports/index.ts'
import { Log, sha256 } from '../log/index.ts'
import type { FaultCode, Person } from '../room-state.ts'
import type { OwnFeed } from '../session-io.ts'
import type { TalkHost, TalkInput } from '../talk-seat.ts'
import type { Message } from './message.ts'
import type { TalkEffect } from './talk-io.ts'
import { LiveTalk } from './talk.ts'

export const LOG_ID: Bytes = new Uint8Array(16).fill(5)
export const NOON = 1_800_000_000_000

const bytesOf = (text: string, length: number): Bytes =>
  new Uint8Array(createHash('sha256').update(text).digest().subarray(0, length))

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
  /** Bodies that do not open here. */
  isDamaged: (sealed: Bytes) => boolean = () => false
  readonly #world: TalkWorld

  constructor(world: TalkWorld, name: string, page: number) {
    this.#world = world
    this.name = name
    this.ownName = name
    this.peer = `peer ${name} ${page}` as PeerId
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
      case 'keep':
        return
      case 'seal-bodies':
        this.give({ type: 'bodies-sealed', number: effect.number, sealed: effect.plain })
        return
      case 'open-bodies': {
        const plain = effect.bodies.map(({ sealed }) =>
          sealed === undefined || this.isDamaged(sealed) ? undefined : sealed,
        )
        this.give({ type: 'bodies-opened', number: effect.number, plain })
        return
      }
      case 'sign':
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

  /** A page that is there, with what it kept. */
  page(name: string, stored?: StoredLog): TalkPage {
    const page = new TalkPage(this, name, this.#pages.length)
    this.#pages.push(page)
    return page.restore(stored)
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
    this.later(() => page.give({ type: 'frame', peer: from.peer, data }))
  }

  sign(message: Bytes): Bytes {
    const signature = new Uint8Array(64)
    signature.set(sha256(encodeCbor(message)))
    return signature
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
    for (;;) {
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
