// Rooms this browser has been in, newest first, with their secrets: kept on this device only, and
// forgotten when asked. What was stored is checked when read, since anything on the origin can write.
import { parseRoomLink } from '@knothole/wire'
import type { KeyValue } from './key-value.ts'

/** A room one can go back to. */
export interface RecentRoom {
  readonly link: string
  readonly lastUsedMs: number
  /** Names of people met there, latest first. */
  readonly who: readonly string[]
  /** How far one has read. */
  readonly read?: { readonly atMs: number; readonly id?: string | undefined } | undefined
  /** Messages of others that came, and were not looked at. */
  readonly unread?: number | undefined
  /** Time of the newest message. */
  readonly lastMs?: number | undefined
}

const KEY = 'knothole.rooms'

/** Rooms remembered: more than fit a list one reads at a glance, few enough to stay private. */
export const MAX_RECENT_ROOMS = 12

const MAX_WHO = 6

/** The rooms remembered, newest first. */
export function readRecentRooms(store: KeyValue): readonly RecentRoom[] {
  const parsed = parse(store.get(KEY))
  return Array.isArray(parsed) ? parsed.filter(isRecentRoom).slice(0, MAX_RECENT_ROOMS) : []
}

/** Notes that a room is used now, and who is there. */
export function rememberRoom(store: KeyValue, used: RecentRoom): void {
  const rooms = readRecentRooms(store)
  const before = rooms.find((room) => room.link === used.link)
  const who = [...new Set([...used.who, ...(before?.who ?? [])])].slice(0, MAX_WHO)
  write(store, [{ ...before, ...used, who }, ...rooms.filter((room) => room.link !== used.link)])
}

/** Notes how the talk of a room stands, if the room is remembered. */
export function noteTalk(
  store: KeyValue,
  link: string,
  talk: Pick<RecentRoom, 'read' | 'unread' | 'lastMs'>,
): void {
  const rooms = readRecentRooms(store)
  if (rooms.some((room) => room.link === link))
    write(
      store,
      rooms.map((room) => (room.link === link ? { ...room, ...talk } : room)),
    )
}

/** Forgets one room, or all of them. */
export function forgetRooms(store: KeyValue, link?: string): void {
  write(
    store,
    link === undefined ? [] : readRecentRooms(store).filter((room) => room.link !== link),
  )
}

function write(store: KeyValue, rooms: readonly RecentRoom[]): void {
  const kept = rooms.slice(0, MAX_RECENT_ROOMS)
  store.set(KEY, kept.length === 0 ? undefined : JSON.stringify(kept))
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '[]')
  } catch {
    return []
  }
}

function isRecentRoom(value: unknown): value is RecentRoom {
  if (typeof value !== 'object' || value === null) return false
  const { link, lastUsedMs, who, read, unread, lastMs } = value as Partial<
    Record<keyof RecentRoom, unknown>
  >
  return (
    isMark(read) &&
    isCount(unread) &&
    isCount(lastMs) &&
    typeof link === 'string' &&
    typeof parseRoomLink(link) !== 'string' &&
    typeof lastUsedMs === 'number' &&
    Array.isArray(who) &&
    who.every((name) => typeof name === 'string')
  )
}

function isCount(value: unknown): boolean {
  return value === undefined || typeof value === 'number'
}

function isMark(value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value !== 'object' || value === null) return false
  const { atMs, id } = value as Partial<Record<'atMs' | 'id', unknown>>
  return typeof atMs === 'number' && (id === undefined || typeof id === 'string')
}
