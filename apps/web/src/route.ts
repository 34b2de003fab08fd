// Which screen an address asks for. Pure; the fragment is read here and never written to a log.
import { parseRoomLink } from '@knothole/wire'
import type { RoomLinkFault } from '@knothole/wire'

/** What the address bar asks for. */
export type Route =
  | { readonly type: 'home' }
  | { readonly type: 'room'; readonly link: string }
  | { readonly type: 'bad-link'; readonly reason: RoomLinkFault }

/** The route of an address. */
export function routeOf(href: string): Route {
  if (new URL(href).pathname === '/') return { type: 'home' }
  const link = parseRoomLink(href)
  return typeof link === 'string'
    ? { type: 'bad-link', reason: link }
    : { type: 'room', link: href }
}

/** A pasted text as a room to open, or why it is none. Links without a scheme are taken too. */
export function pastedRoute(text: string): Exclude<Route, { type: 'home' }> {
  const typed = text.trim()
  const link = /^https?:/i.test(typed) || !typed.includes('/r/') ? typed : `https://${typed}`
  const parsed = parseRoomLink(link)
  return typeof parsed === 'string' ? { type: 'bad-link', reason: parsed } : { type: 'room', link }
}
