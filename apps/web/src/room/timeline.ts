// The conversation as it is drawn: messages and notices in the order they came, grouped by author and
// time, with a line where a new day begins. Pure; the time zone is the reader's.
import type { Message } from '@knothole/engine'
import type { RoomNotice } from './notices.ts'

/** One thing that happened, in the order it reached us. */
export type Item =
  | { readonly type: 'message'; readonly message: Message }
  | {
      readonly type: 'notice'
      readonly key: string
      readonly atMs: number
      readonly notice: RoomNotice
    }

/** One thing to draw. */
export type Block =
  | { readonly type: 'day'; readonly key: string; readonly atMs: number }
  | {
      readonly type: 'group'
      readonly key: string
      readonly messages: readonly [Message, ...Message[]]
    }
  | Extract<Item, { type: 'notice' }>

/** Messages of one author this far apart still read as one turn. */
export const GROUP_GAP_MS = 5 * 60_000

/** Adds a message, or puts a newer version of it in its place. */
export function withMessage(items: readonly Item[], message: Message): readonly Item[] {
  const at = items.findLastIndex(
    (item) => item.type === 'message' && item.message.id === message.id,
  )
  const item: Item = { type: 'message', message }
  return at < 0 ? [...items, item] : items.with(at, item)
}

/** Adds a notice; one about the same thing right before it is replaced. */
export function withNotice(
  items: readonly Item[],
  notice: RoomNotice,
  atMs: number,
): readonly Item[] {
  const last = items.at(-1)
  const replaces = last?.type === 'notice' && last.notice.about === notice.about
  const kept = replaces ? items.slice(0, -1) : items
  return [...kept, { type: 'notice', key: `notice:${kept.length}`, atMs, notice }]
}

/** The blocks to draw for these items. */
export function blocksOf(items: readonly Item[]): readonly Block[] {
  const blocks: Block[] = []
  let day: string | undefined
  for (const item of items) {
    const atMs = item.type === 'message' ? item.message.atMs : item.atMs
    const itsDay = dayOf(atMs)
    if (itsDay !== day && item.type === 'message') {
      blocks.push({ type: 'day', key: `day:${itsDay}:${blocks.length}`, atMs })
      day = itsDay
    }
    append(blocks, item)
  }
  return blocks
}

function append(blocks: Block[], item: Item): void {
  const last = blocks.at(-1)
  if (item.type === 'notice') blocks.push(item)
  else if (last?.type === 'group' && continues(last.messages, item.message))
    blocks[blocks.length - 1] = { ...last, messages: [...last.messages, item.message] }
  else blocks.push({ type: 'group', key: item.message.id, messages: [item.message] })
}

function continues(group: readonly [Message, ...Message[]], next: Message): boolean {
  const last = group.at(-1) ?? group[0]
  return (
    last.author === next.author &&
    last.mine === next.mine &&
    last.name === next.name &&
    Math.abs(next.atMs - last.atMs) <= GROUP_GAP_MS
  )
}

function dayOf(atMs: number): string {
  return new Date(atMs).toDateString()
}
