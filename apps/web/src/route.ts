// Which screen an address asks for. Pure; the fragment is read here and never written to a log.
import { parseRoomLink } from '@knothole/wire'
import type { RoomLinkFault } from '@knothole/wire'

/** Where a network is examined. */
export const DOCTOR_PATH = '/doctor'

/** What the address bar asks for. */
export type Route =
  | { readonly type: 'home' }
  | { readonly type: 'doctor' }
  | { readonly type: 'room'; readonly link: string }
  | { readonly type: 'bad-link'; readonly reason: RoomLinkFault }

/** The route of an address. */
export function routeOf(href: string): Route {
  const { pathname } = new URL(href)
  if (pathname === '/') return { type: 'home' }
  if (pathname === DOCTOR_PATH) return { type: 'doctor' }
  const link = parseRoomLink(href)
  return typeof link === 'string'
    ? { type: 'bad-link', reason: link }
    : { type: 'room', link: href }
}

/** A pasted text as a room to open, or why it is none. Links without a scheme are taken too. */
export function pastedRoute(text: string): Extract<Route, { type: 'room' | 'bad-link' }> {
  const typed = text.trim()
  const link = /^https?:/i.test(typed) || !typed.includes('/r/') ? typed : `https://${typed}`
  const parsed = parseRoomLink(link)
  return typeof parsed === 'string' ? { type: 'bad-link', reason: parsed } : { type: 'room', link }
}
