// Which sealed bodies are opened next: those wanted for the conversation at once, some at a time; the rest,
// of which only names and agreements are looked for, when nothing else is to do. Opens nothing itself.
import type { Entry } from '../log/index.ts'

/** Bodies opened together: what a frame of the page has time for. */
const MAX_TOGETHER = 256

/** Batches under way: while one is opened, the next is being handed over. */
const MAX_UNDER_WAY = 4

/** The rest is not looked at before a page has settled, and then without haste. */
const GLANCE_AFTER_MS = 2_000
const GLANCE_EVERY_MS = 20

/** Entries to open together. */
export interface Batch {
  readonly number: number
  readonly entries: readonly Entry[]
  /** They are new, and not merely opened now. */
  readonly isNews: boolean
  /** Only names and agreements are wanted. */
  readonly isGlance: boolean
}

export class Opener {
  #wanted: { entry: Entry; isNews: boolean }[] = []
  /** Where names are told that are wanted. */
  #names: Entry[] = []
  /** The newest last. */
  #rest: Entry[] = []
  #glanceAtMs: number | undefined
  readonly #underWay = new Map<number, Batch>()
  #batches = 0

  /** Entries that are wanted and not open. */
  get waiting(): number {
    let count = this.#wanted.length
    for (const { isGlance, entries } of this.#underWay.values())
      if (!isGlance) count += entries.length
    return count
  }

  want(entries: readonly Entry[], isNews: boolean): void {
    for (const entry of entries) this.#wanted.push({ entry, isNews })
  }

  /** Looks at these for names, as soon as nothing is wanted more. */
  look(entries: readonly Entry[]): void {
    for (const entry of entries) this.#names.push(entry)
  }

  /** Looks at these some time; the newest come last. */
  glance(entries: readonly Entry[], nowMs: number): void {
    for (const entry of entries) this.#rest.push(entry)
    if (entries.length > 0) this.#glanceAtMs ??= nowMs + GLANCE_AFTER_MS
  }

  /** What is not under way yet is not wanted any more; answers with that. */
  unwant(): Entry[] {
    return this.#wanted.splice(0).map(({ entry }) => entry)
  }

  /** Everything that the log had is different. */
  clear(): void {
    this.#wanted = []
    this.#names = []
    this.#rest = []
    this.#underWay.clear()
  }

  deadlineMs(): number | undefined {
    return this.#rest.length > 0 && this.waiting === 0 ? this.#glanceAtMs : undefined
  }

  next(nowMs: number): Batch | undefined {
    if (this.#wanted.length > 0)
      return this.#underWay.size < MAX_UNDER_WAY ? this.#nextWanted() : undefined
    if (this.#underWay.size > 0) return undefined
    if (this.#names.length > 0) return this.#glance(this.#names.splice(0, MAX_TOGETHER))
    if (this.#rest.length === 0 || nowMs < (this.#glanceAtMs ?? 0)) return undefined
    this.#glanceAtMs = nowMs + GLANCE_EVERY_MS
    return this.#glance(this.#rest.splice(-MAX_TOGETHER).toReversed())
  }

  /** The batch that was opened; undefined when nobody waits for it any more. */
  opened(number: number): Batch | undefined {
    const batch = this.#underWay.get(number)
    this.#underWay.delete(number)
    return batch
  }

  #nextWanted(): Batch {
    const isNews = this.#wanted[0]?.isNews === true
    const end = this.#wanted.findIndex(
      (wanted, at) => at >= MAX_TOGETHER || wanted.isNews !== isNews,
    )
    const taken = this.#wanted.splice(0, end < 0 ? this.#wanted.length : end)
    return this.#begin({ entries: taken.map(({ entry }) => entry), isNews, isGlance: false })
  }

  #glance(entries: readonly Entry[]): Batch {
    return this.#begin({ entries, isNews: false, isGlance: true })
  }

  #begin(batch: Omit<Batch, 'number'>): Batch {
    const begun = { ...batch, number: ++this.#batches }
    this.#underWay.set(begun.number, begun)
    return begun
  }
}
