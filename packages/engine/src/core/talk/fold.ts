// Folds opened entries into the conversation: texts with what was done to them since, in the order that is
// the same for everyone, whatever the order in which they are opened. What is about an entry that is not
// open yet waits for it: it comes later in order than what it is about, so the newest part alone is whole.
import type { EntryBody, MemberId } from '@knothole/wire'
import type { Keep, Reaction, TalkEvent, TalkProblem } from './message.ts'

/** Where an entry stands in the order of the whole log. */
export interface Place {
  readonly atMs: number
  readonly tick: number
  readonly feed: string
  readonly sequence: number
}

/** What an entry says. `gone`: its body was let go, because its author asked so. */
export type Content =
  | EntryBody
  | { readonly type: 'problem'; readonly problem: TalkProblem }
  | { readonly type: 'gone' }

/** An opened entry. */
export interface TalkEntry {
  readonly id: string
  readonly place: Place
  readonly author: MemberId
  /** By the author's own clock. */
  readonly atMs: number
  readonly content: Content
}

type Note = TalkEntry & { readonly content: { type: 'edit' | 'delete' | 'reaction' } }

/** A row of the conversation. */
export interface Row {
  readonly id: string
  readonly place: Place
  readonly author: MemberId
  readonly atMs: number
  readonly event: TalkEvent | undefined
  readonly problem: TalkProblem | undefined
  readonly replyTo: string | undefined
  readonly said: string
  /** What was said about it that counts, or did. */
  readonly notes: Note[]
  edit: { readonly place: Place; readonly text: string } | undefined
  isDeleted: boolean
  readonly reactions: Map<string, Map<MemberId, { readonly place: Place; readonly on: boolean }>>
  /** Grows with every change. */
  version: number
}

/** What came of an entry: a row that is new or changed, and bodies that are to be let go. */
export interface Folded {
  readonly row?: Row | undefined
  readonly isNew?: boolean
  readonly letGo?: readonly string[]
  /** Names, or how long all is kept, changed. */
  readonly hasNews?: boolean
}

const NOTHING: Folded = {}

export class TalkFold {
  readonly #rows: Row[] = []
  readonly #byId = new Map<string, Row>()
  /** About what is not open, or is no text. */
  readonly #waiting = new Map<string, Note[]>()
  /** Entries whose bodies were let go, without word of it so far. */
  readonly #gone = new Map<string, TalkEntry>()
  readonly #names = new Map<MemberId, { readonly place: Place; readonly name: string }>()
  #keep: { readonly place: Place; readonly keep: Keep } | undefined

  get length(): number {
    return this.#rows.length
  }

  /** How long all is kept, by the newest word open so far; undefined without any. */
  get keep(): Keep | undefined {
    return this.#keep?.keep
  }

  /** Where the word of that stands. */
  get keepPlace(): Place | undefined {
    return this.#keep?.place
  }

  at(index: number): Row | undefined {
    return this.#rows[index]
  }

  row(id: string): Row | undefined {
    return this.#byId.get(id)
  }

  indexOf(id: string): number {
    const row = this.#byId.get(id)
    return row === undefined ? -1 : this.#search(row.place)
  }

  nameOf(author: MemberId): string | undefined {
    return this.#names.get(author)?.name
  }

  /** Takes an entry, once; a second time is nothing. */
  add(entry: TalkEntry): Folded {
    const { content } = entry
    switch (content.type) {
      case 'text':
        return this.#add(entry, { said: content.text, replyTo: content.replyTo })
      case 'problem':
        return this.#add(entry, { problem: content.problem })
      case 'policy':
        return this.#policy(entry, content.keep)
      case 'membership':
        return this.#membership(entry, content)
      case 'gone':
        return this.#wentGone(entry)
      case 'edit':
      case 'delete':
      case 'reaction':
        return this.#note(entry as Note)
    }
  }

  /** Takes only what is known of names and of keeping from an entry that is not opened otherwise. */
  glance(entry: TalkEntry): boolean {
    const { content } = entry
    if (content.type === 'membership') return this.#named(entry, content.name)
    return content.type === 'policy' && this.#kept(entry, content.keep)
  }

  /** Closes the rows before a place: they may be opened again, and what was said about them waits. */
  closeBefore(place: Place): readonly Row[] {
    const closed = this.#rows.splice(0, this.#search(place))
    for (const row of closed) {
      this.#byId.delete(row.id)
      if (row.notes.length > 0) this.#waiting.set(row.id, row.notes)
    }
    return closed
  }

  /** Forgets rows that are in the log no more. Answers whether there were any. */
  forget(isGone: (row: Row) => boolean): boolean {
    const kept = this.#rows.filter((row) => !isGone(row))
    if (kept.length === this.#rows.length) return false
    this.#rows.length = 0
    this.#byId.clear()
    for (const row of kept) {
      this.#rows.push(row)
      this.#byId.set(row.id, row)
    }
    return true
  }

  /** Forgets everything: it is to be taken anew. */
  clear(): void {
    this.#rows.length = 0
    this.#keep = undefined
    for (const table of [this.#byId, this.#waiting, this.#gone, this.#names]) table.clear()
  }

  #add(
    { id, place, author, atMs }: TalkEntry,
    what: Partial<Pick<Row, 'said' | 'replyTo' | 'event' | 'problem' | 'isDeleted'>>,
  ): Folded {
    if (this.#byId.has(id)) return NOTHING
    const row: Row = {
      id,
      place,
      author,
      atMs,
      event: undefined,
      problem: undefined,
      replyTo: undefined,
      said: '',
      notes: [],
      edit: undefined,
      isDeleted: false,
      reactions: new Map(),
      version: 0,
      ...what,
    }
    const last = this.#rows.at(-1)
    if (last === undefined || comparePlaces(last.place, place) < 0) this.#rows.push(row)
    else this.#rows.splice(this.#search(place), 0, row)
    this.#byId.set(id, row)
    const notes = this.#waiting.get(id) ?? []
    this.#waiting.delete(id)
    const letGo = notes.flatMap((note) => this.#apply(row, note)?.letGo ?? [])
    return { row, isNew: true, letGo }
  }

  #policy(entry: TalkEntry, keep: Keep): Folded {
    this.#kept(entry, keep)
    return { ...this.#add(entry, { event: { type: 'keep', keep } }), hasNews: true }
  }

  #kept({ place }: TalkEntry, keep: Keep): boolean {
    if (this.#keep !== undefined && comparePlaces(this.#keep.place, place) >= 0) return false
    this.#keep = { place, keep }
    return true
  }

  #membership(entry: TalkEntry, { event, name }: Content & { type: 'membership' }): Folded {
    const hasNews = this.#named(entry, name)
    if (event === 'joined') return { ...NOTHING, hasNews }
    const told = event === 'left' ? ({ type: 'left' } as const) : ({ type: 'named', name } as const)
    return { ...this.#add(entry, { event: told }), hasNews }
  }

  #named({ author, place }: TalkEntry, name: string): boolean {
    const known = this.#names.get(author)
    if (name === '' || (known !== undefined && comparePlaces(known.place, place) >= 0)) return false
    this.#names.set(author, { place, name })
    return true
  }

  #wentGone(entry: TalkEntry): Folded {
    const notes = this.#waiting.get(entry.id) ?? []
    if (notes.some((note) => isDeletionOf(note, entry)))
      return this.#add(entry, { isDeleted: true })
    if (!this.#byId.has(entry.id)) this.#gone.set(entry.id, entry)
    return NOTHING
  }

  #note(note: Note): Folded {
    const { target } = note.content
    const row = this.#byId.get(target)
    if (row !== undefined) return this.#apply(row, note) ?? NOTHING
    const notes = this.#waiting.get(target)
    if (notes === undefined) this.#waiting.set(target, [note])
    else if (!notes.some(({ id }) => id === note.id)) notes.push(note)
    const gone = this.#gone.get(target)
    if (gone === undefined || !isDeletionOf(note, gone)) return NOTHING
    this.#gone.delete(target)
    return this.#add(gone, { isDeleted: true })
  }

  /** Does to a row what a note says; undefined when it has no say in it. */
  #apply(row: Row, note: Note): Folded | undefined {
    const isText = row.event === undefined && row.problem === undefined
    if (!isText || comparePlaces(note.place, row.place) <= 0) return undefined
    const isOwn = note.author === row.author
    const { content } = note
    if (content.type === 'reaction') return this.#react(row, note)
    if (!isOwn) return undefined
    row.notes.push(note)
    if (content.type === 'delete') return this.#delete(row)
    return this.#edit(row, note, content.text)
  }

  #edit(row: Row, { id, place }: Note, text: string): Folded | undefined {
    if (row.isDeleted) return { letGo: [id] }
    if (row.edit !== undefined && comparePlaces(row.edit.place, place) >= 0) return undefined
    row.edit = { place, text }
    return changed(row)
  }

  #delete(row: Row): Folded {
    const edits = row.notes.filter(({ content }) => content.type === 'edit')
    const letGo = [row.id, ...edits.map(({ id }) => id)]
    if (row.isDeleted) return { letGo }
    row.isDeleted = true
    return { ...changed(row), letGo }
  }

  #react(row: Row, note: Note): Folded | undefined {
    const { author, place, content } = note
    const { emoji, on } = content as Content & { type: 'reaction' }
    const authors = row.reactions.get(emoji) ?? new Map<MemberId, { place: Place; on: boolean }>()
    const known = authors.get(author)
    if (known !== undefined && comparePlaces(known.place, place) >= 0) return undefined
    row.notes.push(note)
    authors.set(author, { place, on })
    row.reactions.set(emoji, authors)
    return changed(row)
  }

  /** Where a place is, or would be, among the rows. */
  #search(place: Place): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const row = this.#rows[middle]
      if (row !== undefined && comparePlaces(row.place, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The order of the log: by time, tick, feed, sequence. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs
  if (a.tick !== b.tick) return a.tick - b.tick
  if (a.feed !== b.feed) return a.feed < b.feed ? -1 : 1
  return a.sequence - b.sequence
}

/** The reactions that stand, in the order in which each was first given. */
export function reactionsOf(row: Row): Reaction[] {
  const found: { emoji: string; first: Place; authors: MemberId[] }[] = []
  for (const [emoji, given] of row.reactions) {
    const standing = [...given]
      .filter(([, { on }]) => on)
      .toSorted(([, a], [, b]) => comparePlaces(a.place, b.place))
    const [first] = standing
    if (first === undefined) continue
    found.push({ emoji, first: first[1].place, authors: standing.map(([author]) => author) })
  }
  return found
    .toSorted((a, b) => comparePlaces(a.first, b.first))
    .map(({ emoji, authors }) => ({ emoji, authors }))
}

function changed(row: Row): Folded {
  row.version += 1
  return { row }
}

function isDeletionOf(note: Note, entry: TalkEntry): boolean {
  const isOwn = note.content.type === 'delete' && note.author === entry.author
  return isOwn && comparePlaces(note.place, entry.place) > 0
}
