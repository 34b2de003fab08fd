// The numbers of a partial mesh, each with its reason.
import { FULL_MESH_PEERS } from '@knothole/wire'
import type { Card } from '@knothole/wire'
import type { Rate } from '../token-bucket.ts'

/** How many links one keeps. */
export interface Degree {
  /** Below it others are asked for links. */
  readonly least: number
  /** Above it a link is given up; whoever has this many takes none but from those below their least. */
  readonly most: number
}

/**
 * HyParView (Leitao, Pereira and Rodrigues 2007) keeps 5 in a network of 10,000: enough to stay one
 * component with high probability when many fail at once. One more at least, since links of browsers fail more often.
 */
const DEGREE: Degree = { least: 6, most: 8 }

/** A phone pays for each link with its battery; three random links hold a graph together, and this is one more. */
const PHONE_DEGREE: Degree = { least: 4, most: 5 }

/** How many links a device of this kind keeps. */
export function degreeOf({ device }: Pick<Card, 'device'>): Degree {
  return device === 'phone' ? PHONE_DEGREE : DEGREE
}

/** Links at most, however much others need one: what a full mesh has, and those who join by us. */
export const CAP_LINKS: number = FULL_MESH_PEERS + 4

/** Fewer links than this are too few to wait for the usual pace. */
export const URGENT_LINKS = 2

/** A room as small as this is a full mesh again; between this and the largest full mesh it stays what it is. */
export const SMALL_ROOM_PEERS: number = FULL_MESH_PEERS - 3

/** How often links are looked over. */
export const LOOK_EVERY_MS = 500

/** In a room that is a full mesh again the greater of two asks after this long only. */
export const ASK_SPREAD_MS = 3_000

/** Links asked for at once. */
export const MAX_ASKS = 3

/** An ask without an answer for this long is over: two round trips over a bad network, and a little. */
export const ASK_WITHIN_MS = 2_500

/** A link that is not up by then is given up for another: with relays it is, if there is a way at all. */
export const LINK_WITHIN_MS = 6_000

/** A link is repaired for this long before another takes its place; it heals within two seconds or seldom. */
export const REPLACE_AFTER_MS = 2_500

/** A link that is not repaired by then is given up. */
export const REPAIR_WITHIN_MS = 9_000

/** Whom we parted from, or who refused, is left alone for this long: a pair does not flap. */
export const PARTED_MS = 60_000
export const REFUSED_MS = 10_000

/** After a failure this long, doubling to the last. */
export const FIRST_RETRY_MS = 10_000
export const LAST_RETRY_MS = 160_000

/** One link too many is given up at a time, this far apart and up to twice that: neighbours' counts are news by then. */
export const TRIM_EVERY_MS = 1_500

/** A new link is kept for this long. */
export const TRIM_AFTER_MS = 8_000

/** A poor link is replaced about this often. */
export const IMPROVE_EVERY_MS = 60_000

/** More than so many bytes between two looks two seconds apart is a transfer; its link is left alone for this long. */
export const BUSY_BYTES: number = 64 * 1024
export const BUSY_MS = 10_000

/** The root's beats: often enough that an island is noticed in ten seconds, and one small frame a link and beat. */
export const BEAT_EVERY_MS = 4_000
export const ROOT_LOST_MS = 10_000

/** Whoever might be the root next waits so long for each who comes before, up to a limit: so one beats and not all. */
export const RANK_WAIT_MS = 100
export const MAX_RANK_WAIT_MS = 2_000

/** A root that hears of others with smaller ids asks one of them, this often. */
export const ISLAND_AFTER_MS = 5_000
export const ISLAND_EVERY_MS = 3_000

/** When two parts of a mesh meet, about so many people make another link across. */
export const BRIDGES = 6

/** Without the rendezvous people say that they are there: this often, and every third time with their card. */
export const HERE_EVERY_MS = 20_000
export const CARD_EVERY = 3

/** Nothing heard of for this long, and the rendezvous does not have them either: two words missed and a half. */
export const HEARD_WITHIN_MS = 50_000

/** Someone without a link whom the rendezvous no longer has: as for those with one. */
export const FAR_GONE_AFTER_MS = 5_000

/** How long someone is shown as typing without further word, as among neighbours. */
export const TYPING_MS = 6_000

/** Frames of one neighbour: a word of everyone in a full room at once, and then a few a second. */
export const GOSSIP_RATE: Rate = { burst: 300, perSecond: 60 }

/** How long the last number of somebody's words counts: what goes round has come round by then. */
export const NUMBER_LIFE_MS = 30_000

/** Cards known by their bytes, lest they go round twice: a full room twice over. */
export const MAX_SEEN_CARDS = 256

/** Peers remembered: a full room and three that came and went. */
export const MAX_STANDINGS = 512
