// Does what the talk of a room wants done: seals, opens, signs and checks, keeps the log in the store of
// this device, and tells other windows. Decides nothing itself. Loaded with the log.
import type { Bytes } from '@knothole/wire'
import type { Log } from '../../core/log/index.ts'
import { KEEP_NOTE, keepOf } from '../../core/talk/agreement.ts'
import { LiveTalk } from '../../core/talk/talk.ts'
import type {
  DeliveryTo,
  Keep,
  TalkEffect,
  TalkHost,
  TalkInput,
  TalkView,
} from '../../core/index.ts'
import type { LogStore, OpenTabChannel, StoreWrite } from '../../ports/index.ts'
import { BodySeals } from '../seals/body-seals.ts'
import type { ImportReport, RoomLog, RoomLogOptions } from './log-module.ts'
import { ProofChecks } from '../seals/proof-checks.ts'
import { StoreDesk } from '../store/store-desk.ts'
import { Tabs } from './tabs.ts'
import { TalkFiles } from './talk-files.ts'

type Work = Extract<
  TalkEffect,
  { type: 'seal-bodies' | 'open-bodies' | 'sign' | 'verify' | 'store' }
>

/** What a runtime brings. */
export interface KeeperPorts {
  /** Opens the store of the room. */
  readonly openStore: () => Promise<LogStore>
  /** Where several windows of one runtime may have a room open. */
  readonly openTabs?: OpenTabChannel | undefined
}

export class TalkKeeper implements RoomLog {
  readonly #options: RoomLogOptions
  readonly #ports: KeeperPorts
  readonly #seals: BodySeals
  readonly #checks: ProofChecks
  readonly #desk: StoreDesk
  readonly #files: TalkFiles
  readonly #underWay = new Set<Promise<void>>()
  #tabs: Tabs | undefined
  #talk: LiveTalk | undefined
  #view: TalkView | undefined
  #keep: Keep = 'forever'
  /** Agreements take effect one after the other: one that lets go must not overtake one that keeps. */
  #agreed: Promise<void> = Promise.resolve()
  /** Called when older entries are open. */
  #onEarlier: (() => void)[] = []
  /** Called when our goodbye is told. */
  #onLeft: () => void = () => undefined
  #closed = false

  constructor(options: RoomLogOptions, ports: KeeperPorts) {
    const { subtle, keys, clock } = options
    this.#options = options
    this.#ports = ports
    this.#seals = new BodySeals(options, keys.content)
    this.#checks = new ProofChecks(subtle)
    this.#files = new TalkFiles({
      ...options,
      logId: keys.logId,
      contentKey: keys.content,
      seals: this.#seals,
      log: () => this.#opened().log,
      input: (input) => this.#input(input),
    })
    this.#desk = new StoreDesk({
      open: ports.openStore,
      clock,
      onState: (storage) => this.#input({ type: 'storage', storage }),
      onLate: (stored) => this.#input({ type: 'restored', stored }),
    })
  }

  readonly open = (host: TalkHost): LiveTalk => {
    const { keys, randomBytes } = this.#options
    const random = (): number => new DataView(randomBytes(4).buffer).getUint32(0) / 2 ** 32
    const talk = new LiveTalk(host, { logId: keys.logId, random })
    this.#talk = talk
    this.#begin(this.#restore())
    return talk
  }

  get view(): TalkView {
    return (this.#view ??= this.#viewOf(this.#opened()))
  }

  #viewOf({ reader }: LiveTalk): TalkView {
    return {
      get length() {
        return reader.length
      },
      at: (index) => reader.at(index),
      indexOf: (id) => reader.indexOf(id),
      get hasEarlier() {
        return reader.hasEarlier
      },
      earlier: () => this.#earlier(),
      get gaps() {
        return reader.gaps
      },
      get keep() {
        return reader.keep
      },
      get storage() {
        return reader.storage
      },
    }
  }

  deliveryOf(id: string): readonly DeliveryTo[] {
    return this.#opened().reader.deliveryOf(id)
  }

  handle(effect: TalkEffect): void {
    switch (effect.type) {
      case 'message':
        this.#options.onMessage(effect.message)
        return
      case 'talk-changed':
        if (this.#talk?.isOpeningEarlier === false)
          for (const done of this.#onEarlier.splice(0)) done()
        this.#options.onTalk()
        return
      case 'left-told':
        this.#onLeft()
        return
      case 'to-tab':
        if (!this.#files.hear(effect.tab, effect.data)) this.#tabs?.send(effect.tab, effect.data)
        return
      case 'keep':
        this.#begin(this.#inTurn(() => this.#agree(effect)))
        return
      default:
        this.#begin(this.#do(effect))
    }
  }

  exportTalk(format: 'json' | 'html'): Promise<Bytes> {
    return this.#files.save(format)
  }

  importTalk(bytes: Bytes): Promise<ImportReport> {
    return this.#files.bring(bytes)
  }

  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLeft = resolve
      this.#input({ type: 'leave' })
    })
  }

  async forget(): Promise<void> {
    await this.#desk.erase()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#tabs?.close()
    for (const done of this.#onEarlier.splice(0)) done()
    await Promise.all(this.#underWay)
    await this.#desk.close()
  }

  #opened(): LiveTalk {
    if (this.#talk === undefined) throw new Error('the talk was used before it was opened')
    return this.#talk
  }

  #input(input: TalkInput): void {
    if (!this.#closed) this.#options.input(input)
  }

  #begin(work: Promise<void>): void {
    // A failure here is a fault of ours: the platform reports it as unhandled, the others go on.
    const done = work.finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }

  async #do(effect: Work): Promise<void> {
    switch (effect.type) {
      case 'seal-bodies': {
        const { number, plain } = effect
        const sealed = await this.#seals.seal(this.#options.feed.id, plain)
        this.#input({ type: 'bodies-sealed', number, sealed })
        return
      }
      case 'open-bodies': {
        const { number, bodies } = effect
        this.#input({ type: 'bodies-opened', number, plain: await this.#seals.open(bodies) })
        return
      }
      case 'sign': {
        const { id, message } = effect
        this.#input({ type: 'signed', id, signature: await this.#options.identity.sign(message) })
        return
      }
      case 'verify': {
        const { id, author, signature, message } = effect
        const ok = await this.#checks.verify(author, signature, message)
        this.#input({ type: 'verified', id, ok })
        return
      }
      case 'store': {
        const { batch, writes } = effect
        const isDurable = (await this.#desk.write(writes)) === 'durable'
        this.#input({ type: 'stored', batch, isDurable })
      }
    }
  }

  async #restore(): Promise<void> {
    const stored = await this.#desk.load()
    const keep = keepOf(stored?.notes ?? [])
    const notes = stored?.notes.filter(({ key }) => key === KEEP_NOTE) ?? []
    await this.#inTurn(async () => {
      this.#keep = keep ?? this.#keep
      if (keep !== 'memory') return
      await this.#desk.erase(notes.map((note) => ({ type: 'note', ...note })))
    })
    this.#input({ type: 'restored', stored })
    const { keys, randomBytes } = this.#options
    const { openTabs } = this.#ports
    if (openTabs === undefined || this.#closed) return
    this.#tabs = new Tabs({
      open: openTabs,
      logId: keys.logId,
      randomBytes,
      input: (input) => this.#input(input),
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#agreed.then(work)
    // A failure here is a fault of ours: who waits for this turn hears of it, and the next one follows.
    this.#agreed = turn.catch(() => undefined)
    return turn
  }

  /** Keeps as the room agreed. What only memory keeps is forgotten by the disk, but for that agreement. */
  async #agree({ keep, note }: TalkEffect & { type: 'keep' }): Promise<void> {
    const before = this.#keep
    this.#keep = keep
    const write: StoreWrite = { type: 'note', ...note }
    if (keep === 'memory') {
      await this.#desk.erase([write])
      return
    }
    if (before === 'memory') this.#desk.reopen()
    const writes = before === 'memory' ? writesOf(this.#opened().log) : []
    await this.#desk.write([...writes, write])
  }

  #earlier(): Promise<void> {
    if (this.#closed || !this.#opened().reader.hasEarlier) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onEarlier.push(resolve)
      this.#input({ type: 'earlier' })
    })
  }
}

/** Everything in a log, as a store takes it. */
function writesOf(log: Log): StoreWrite[] {
  const writes: StoreWrite[] = []
  for (const { id, base, count } of log.feeds()) {
    const note = log.noteOfBase(id)
    if (note !== undefined) writes.push({ type: 'note', ...note })
    for (let after = base; after < count;) {
      const chunk = log.read(id, after)
      if (chunk === undefined) break
      const { name, from, entries, proof } = chunk
      after = from + entries.length - 1
      const proofs = [{ sequence: after, proof }]
      writes.push({ type: 'append', feed: id, name, from, entries, proofs })
    }
  }
  return writes
}
