// The conversation as rows of a list: messages with what stands between them (notices, gaps, the line
// above what is unread). Any row is found without going through the others, so a hundred thousand
// messages cost nothing until they are looked at. Pure; the time zone is the reader's.
import type { Delivery, Message, TalkGap, TalkView } from '../engine.ts'
import type { RoomNotice } from './notices.ts'

/** A line between messages, at the time it is sorted by. */
export interface PlacedNotice {
  readonly key: string
  readonly atMs: number
  /** Never before a message that was there: clocks of others may be ahead of ours. */
  readonly sortMs: number
  readonly notice: RoomNotice
}

/** A message and how it stands among its neighbours. */
export interface MessageRow {
  readonly type: 'message'
  readonly key: string
  readonly message: Message
  /** First message of its day: the day is written above it. */
  readonly startsDay: boolean
  readonly startsGroup: boolean
  readonly endsGroup: boolean
  /** Last message of ours that got as far as this. */
  readonly endsDelivery: boolean
}

/** One row to draw. */
export type Row =
  | MessageRow
  | { readonly type: 'opening'; readonly key: string }
  | { readonly type: 'unread'; readonly key: string }
  | { readonly type: 'gap'; readonly key: string; readonly gap: TalkGap }
  | ({ readonly type: 'notice' } & PlacedNotice)

type Between = Exclude<Row, MessageRow>

interface Insert {
  /** Stands before the message with this index. */
  readonly before: number
  readonly row: Between
}

/** Messages of one author this far apart still read as one turn. */
export const GROUP_GAP_MS = 5 * 60_000

/** Up to where one has read. */
export interface ReadMark {
  readonly atMs: number
  /** Messages of one millisecond are told apart by it. */
  readonly id?: string | undefined
}

/** What the rows are made of. */
export interface RowSources {
  readonly talk: TalkView
  readonly notices: readonly PlacedNotice[]
  /** The line stands above the first message of others after this. */
  readonly unreadAfter: ReadMark | undefined
}

/** The rows at one moment. */
export class Rows {
  readonly length: number
  /** Where the line above the unread is, or -1. */
  readonly unreadAt: number
  readonly #talk: TalkView
  readonly #inserts: readonly Insert[]

  constructor({ talk, notices, unreadAfter }: RowSources) {
    this.#talk = talk
    const unread = unreadAfter === undefined ? -1 : firstUnread(talk, unreadAfter)
    this.#inserts = [
      // While there are earlier ones the first row is a message: a list keeps its place by it.
      ...(talk.hasEarlier
        ? []
        : [{ before: 0, row: { type: 'opening', key: 'opening' } as const }]),
      ...notices.map((placed) => ({
        before: firstLater(talk, placed.sortMs),
        row: { type: 'notice', ...placed } as const,
      })),
      ...talk.gaps.map((gap, index) => ({
        before: gapPlace(talk, gap),
        row: { type: 'gap', key: `gap:${gap.beforeId ?? index}`, gap } as const,
      })),
      ...(unread < 0 ? [] : [{ before: unread, row: { type: 'unread', key: 'unread' } as const }]),
    ].toSorted((one, other) => one.before - other.before)
    this.length = talk.length + this.#inserts.length
    this.unreadAt = this.#inserts.findIndex(({ row }) => row.type === 'unread')
    if (this.unreadAt >= 0) this.unreadAt += unread
  }

  at(index: number): Row | undefined {
    const passed = this.#insertsUpTo(index)
    const last = this.#inserts[passed - 1]
    if (last !== undefined && last.before + passed - 1 === index) return last.row
    return this.#messageRow(index - passed)
  }

  /** The key of a row: the same for the same thing, wherever it moves. */
  key(index: number): string {
    const passed = this.#insertsUpTo(index)
    const last = this.#inserts[passed - 1]
    if (last !== undefined && last.before + passed - 1 === index) return last.row.key
    return this.#talk.at(index - passed)?.id ?? `row:${index}`
  }

  /** The row of a message, or -1 while it is not opened. */
  indexOf(id: string): number {
    const at = this.#talk.indexOf(id)
    return at < 0 ? -1 : at + this.#countBefore(at)
  }

  /** How many inserts stand at or above a row. */
  #insertsUpTo(index: number): number {
    let [low, high] = [0, this.#inserts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const insert = this.#inserts[middle]
      if (insert !== undefined && insert.before + middle <= index) low = middle + 1
      else high = middle
    }
    return low
  }

  #countBefore(message: number): number {
    const later = this.#inserts.findIndex(({ before }) => before > message)
    return later < 0 ? this.#inserts.length : later
  }

  #messageRow(index: number): MessageRow | undefined {
    const message = this.#talk.at(index)
    if (message === undefined) return undefined
    const before = this.#talk.at(index - 1)
    const after = this.#talk.at(index + 1)
    const startsDay =
      before === undefined ? !this.#talk.hasEarlier : dayOf(before.atMs) !== dayOf(message.atMs)
    const endsGroup = !this.#continues(index + 1, message, after)
    return {
      type: 'message',
      key: message.id,
      message,
      startsDay,
      startsGroup: startsDay || !this.#continues(index, before, message),
      endsGroup,
      endsDelivery: endsGroup || !sameDelivery(message, after),
    }
  }

  /** Whether the message at an index goes on with the turn of the one before it. */
  #continues(index: number, before: Message | undefined, message: Message | undefined): boolean {
    return (
      before !== undefined &&
      message !== undefined &&
      sameTurn(before, message) &&
      dayOf(before.atMs) === dayOf(message.atMs) &&
      !this.#inserts.some((insert) => insert.before === index)
    )
  }
}

function sameTurn(before: Message, message: Message): boolean {
  return (
    before.event === undefined &&
    message.event === undefined &&
    before.author === message.author &&
    before.mine === message.mine &&
    before.name === message.name &&
    Math.abs(message.atMs - before.atMs) <= GROUP_GAP_MS
  )
}

/** Whether the same words say how far two messages of ours got. */
function sameDelivery({ delivery }: Message, after: Message | undefined): boolean {
  return delivery?.type === after?.delivery?.type && counted(delivery) === counted(after?.delivery)
}

function counted(delivery: Delivery | undefined): number {
  if (delivery?.type === 'delivered') return delivery.to
  return delivery?.type === 'read' || delivery?.type === 'carried' ? delivery.by.length : 0
}

/** The first message later than a time: the order of a talk is by time. */
function firstLater(talk: TalkView, atMs: number): number {
  let [low, high] = [0, talk.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((talk.at(middle)?.atMs ?? 0) <= atMs) low = middle + 1
    else high = middle
  }
  return low
}

/** The first message after a mark. */
function firstAfter(talk: TalkView, { atMs, id }: ReadMark): number {
  const marked = id === undefined ? -1 : talk.indexOf(id)
  return marked < 0 ? firstLater(talk, atMs) : marked + 1
}

function firstUnread(talk: TalkView, mark: ReadMark): number {
  for (let index = firstAfter(talk, mark); index < talk.length; index += 1)
    if (isUnread(talk.at(index))) return index
  return -1
}

/** Messages of others after a mark; more than `most` are not counted. */
export function countUnread(talk: TalkView, mark: ReadMark, most: number): number {
  let count = 0
  for (let index = firstAfter(talk, mark); index < talk.length && count < most; index += 1)
    if (isUnread(talk.at(index))) count += 1
  return count
}

function isUnread(message: Message | undefined): boolean {
  return message?.mine === false && message.event === undefined
}

function gapPlace(talk: TalkView, { beforeId }: TalkGap): number {
  const at = beforeId === undefined ? -1 : talk.indexOf(beforeId)
  return at < 0 ? talk.length : at
}

/** Days as numbers: a date costs more than the rest of a row. */
function dayOf(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0)
}
