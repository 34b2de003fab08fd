// Keeps a room's log on the device as well as the device allows, and says how well that is. Trouble ends
// no conversation: what cannot be kept now is held and tried again, and others have it too. SPEC.md E371.
import type { TalkStorage } from '../../core/index.ts'
import { StoreError } from '../../ports/index.ts'
import type { Clock, LogStore, StoredLog, StoreTrouble, StoreWrite } from '../../ports/index.ts'

/** A disk that was full is asked again: people make room when they are told, not within seconds. */
const RETRY_MS = 30_000

/** What the page says of a trouble. */
const STATES: Readonly<Record<StoreTrouble, TalkStorage>> = {
  unavailable: 'memory',
  closed: 'memory',
  full: 'full',
  blocked: 'blocked',
  newer: 'newer',
  damaged: 'damaged',
}

/** Nothing that we do helps: a newer release owns it, or somebody has let it go on purpose. */
const FINAL: ReadonlySet<StoreTrouble> = new Set(['newer', 'closed'])

export interface StoreDeskOptions {
  readonly open: () => Promise<LogStore>
  readonly clock: Clock
  /** Called when it changes. */
  readonly onState: (state: TalkStorage) => void
  /** Called with what was kept when the store opened only after trouble. */
  readonly onLate?: ((stored: StoredLog) => void) | undefined
}

export class StoreDesk {
  readonly #options: StoreDeskOptions
  #store: LogStore | undefined
  #opening: Promise<StoredLog | undefined> | undefined
  #state: TalkStorage | undefined
  /** What is not kept yet, in its order. */
  #held: StoreWrite[] = []
  #cancelRetry: (() => void) | undefined
  /** Nothing may be kept: the room agreed on it, or the desk is closed. */
  #isSilent = false
  /** Part of what was kept could not be read. */
  #isDamaged = false

  constructor(options: StoreDeskOptions) {
    this.#options = options
  }

  /** What is kept; undefined when nothing can be. Once, before anything is written. */
  load(): Promise<StoredLog | undefined> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** `memory` when it is not kept now: it will be, if the device lets us in time. Trouble rejects nothing. */
  async write(writes: readonly StoreWrite[]): Promise<'durable' | 'memory'> {
    await this.#opening
    if (this.#isSilent) return 'memory'
    if (this.#held.length > 0 || this.#store === undefined) {
      if (this.#cancelRetry !== undefined) this.#held.push(...writes)
      return 'memory'
    }
    try {
      await this.#store.write(writes)
      return 'durable'
    } catch (error) {
      this.#held.push(...writes)
      this.#trouble(error)
      return 'memory'
    }
  }

  /**
   * Lets everything on the device go at once, for all windows, but these notes. What is written later
   * stays in memory until `reopen`. False when the device refuses even that; the state says why.
   */
  async erase(notes: readonly StoreWrite[] = []): Promise<boolean> {
    this.#silence()
    await this.#opening
    try {
      await this.#eraseAll()
      this.#say('memory')
      if (notes.length > 0) await this.#keepOnly(notes)
      return true
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#say(STATES[error.code])
      return false
    }
  }

  /** Keeps things again; whatever is in the log is to be written anew. */
  reopen(): void {
    this.#isSilent = false
    this.#opening = this.#open()
  }

  async close(): Promise<void> {
    this.#silence()
    await this.#opening
    await this.#store?.close()
    this.#store = undefined
  }

  async #open(): Promise<StoredLog | undefined> {
    try {
      const store = await this.#options.open()
      const stored = await store.load()
      this.#store = store
      this.#isDamaged = stored.isDamaged
      this.#sayKept()
      return stored
    } catch (error) {
      this.#trouble(error)
      return undefined
    }
  }

  async #eraseAll(): Promise<void> {
    const open = this.#store
    this.#store = undefined
    const isErased = await open?.erase().then(() => true, isOpenStill)
    if (isErased !== true) await (await this.#options.open()).erase()
  }

  async #keepOnly(notes: readonly StoreWrite[]): Promise<void> {
    const store = await this.#options.open()
    await store.write(notes)
    await store.close()
  }

  #trouble(error: unknown): void {
    // Anything else is a fault of ours.
    if (!(error instanceof StoreError)) throw error
    const { code } = error
    if (this.#isSilent) return
    this.#say(STATES[code])
    if (FINAL.has(code)) {
      this.#store = undefined
      this.#held = []
      return
    }
    // Where a full disk or a patient writer is the trouble, the store is as good as before.
    const isSound = code === 'full' || code === 'blocked'
    this.#retryLater(isSound)
  }

  #retryLater(isSound: boolean): void {
    const { clock } = this.#options
    this.#cancelRetry?.()
    this.#cancelRetry = clock.schedule(clock.nowMs() + RETRY_MS, () => {
      // Its failure is told by `#trouble`.
      this.#retry(isSound).catch((error: unknown) => this.#trouble(error))
    })
  }

  async #retry(isSound: boolean): Promise<void> {
    if (this.#store === undefined || !isSound) await this.#openAgain()
    while (this.#held.length > 0 && !this.#isSilent) {
      const writes = this.#held
      await this.#writeHeld(writes)
      this.#held = this.#held.slice(writes.length)
    }
    this.#cancelRetry = undefined
    if (!this.#isSilent) this.#sayKept()
  }

  async #openAgain(): Promise<void> {
    await this.#store?.close()
    this.#store = undefined
    const store = await this.#options.open()
    const stored = await store.load()
    if (this.#isSilent) return store.close()
    this.#store = store
    this.#isDamaged ||= stored.isDamaged
    this.#options.onLate?.(stored)
  }

  /** What shall be gone goes first: it may be what makes room. */
  async #writeHeld(writes: readonly StoreWrite[]): Promise<void> {
    const going = writes.filter(
      (write) =>
        write.type === 'remove' ||
        (write.type === 'bodies' && write.bodies.every(([, body]) => body === undefined)),
    )
    if (going.length > 0) await this.#store?.write(going)
    await this.#store?.write(writes)
  }

  #silence(): void {
    this.#isSilent = true
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#held = []
  }

  #sayKept(): void {
    this.#say(this.#isDamaged ? 'damaged' : 'durable')
  }

  #say(state: TalkStorage): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onState(state)
  }
}

/** False for a store that was taken away: another window may have erased it, and written since. */
function isOpenStill(error: unknown): false {
  if (error instanceof StoreError && error.code === 'closed') return false
  throw error
}
