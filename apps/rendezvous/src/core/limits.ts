// Every limit of the rendezvous, each with its reason. Limits of the frames themselves are wire's.
import { MAX_CLIENT_FRAME_BYTES } from '@knothole/wire'

/** So many at once, so many a second. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

const KIB = 1024
const SECOND_MS = 1000

/** From opening a socket to its join: a phone on a bad day takes 3 s for two round trips and two signatures. */
export const JOIN_TIMEOUT_MS: number = 10 * SECOND_MS

/** From serving a page to the join that answers its challenge: a slow phone reads the page in some seconds. */
export const PAGE_CHALLENGE_MS: number = 30 * SECOND_MS

/** Challenges of pages taken within that time, kept so that none is taken twice: some 300 newcomers a second, and under 2 MB. Whoever comes beyond it joins by its socket. */
export const MAX_TAKEN_CHALLENGES = 10_000

/** How long a participant whose socket broke keeps the place, so that a reconnect is no leave: a client's first two tries fall within it. */
export const GRACE_MS: number = 3 * SECOND_MS

/** How often the server pings: below the 30 s at which the strictest home routers and proxies drop an idle TCP mapping. */
export const PING_INTERVAL_MS: number = 20 * SECOND_MS

/** A socket silent for this long is gone: two pings unanswered and some slack. */
export const LEASE_MS: number = 45 * SECOND_MS

/** How exactly timeouts are kept. One scan of 10,000 sockets takes under a millisecond. */
export const SCAN_INTERVAL_MS: number = SECOND_MS

/** A scan this late means that our process was stopped, not that everybody fell silent at once. */
export const LATE_SCAN_MS: number = 5 * SECOND_MS

/** How often expired rooms are swept and occupied ones renewed; small against a room's shortest life of a day. */
export const SWEEP_INTERVAL_MS: number = 3600 * SECOND_MS

/** A room is swept this long after it expired, so that nobody's join falls between look-up and sweep. */
export const SWEEP_SLACK_MS: number = 6 * JOIN_TIMEOUT_MS

/** Days a room lives unused, unless configured: people come back after a holiday. */
export const DEFAULT_ROOM_DAYS: number = 30

/** Frames of one socket: 11 introductions at once with trickled candidates are under 150, and in a larger room a newcomer makes fewer; a talkative one restarts ICE with all. */
export const FRAME_RATE: Rate = { burst: 200, perSecond: 30 }

/** Bytes of one socket: 11 offers and answers of the largest size at once, and one a second after. */
export const BYTE_RATE: Rate = { burst: 24 * MAX_CLIENT_FRAME_BYTES, perSecond: 64 * KIB }

/** Mistakes of one socket, such as signals to peers who have just left: 11 of them with a few candidates each. */
export const MISTAKE_RATE: Rate = { burst: 50, perSecond: 0.5 }

/** Bytes waiting for one slow reader: the welcome to a full room with everyone's largest card is 290 KiB, real ones a fifth of that. Beyond it the reader is dropped, so that memory stays flat. */
export const MAX_BACKLOG_BYTES: number = 320 * KIB

/** A member with more bytes waiting than one signal is not handed a newcomer's offer. */
export const CONGESTED_BACKLOG_BYTES: number = 16 * KIB

/** Sockets opened per network: a campus behind one address comes back after our restart. Each costs a look-up and at most two signatures (0.3 ms). */
export const ARRIVAL_RATE: Rate = { burst: 240, perSecond: 4 }

/** Rooms made per network: far above people, and at most 2 MB of rows a day. */
export const ROOM_RATE: Rate = { burst: 60, perSecond: 0.2 }

/** Networks whose rates are remembered, at about 200 bytes each. */
export const MAX_NETWORKS = 50_000

/** Sockets of one network (an IPv4 address or an IPv6 /64): a large office behind one address. */
export const MAX_SOCKETS_PER_NETWORK = 512

/** Sockets in all, at about 10 KiB each: 200 MB at worst. */
export const MAX_SOCKETS = 20_000

/** Sockets that have not joined yet. When a flood fills it the oldest goes: an honest peer joins within a second. */
export const MAX_WAITING_SOCKETS = 2_000

/** How long credentials of a relay hold: longer than most talks, and short enough that leaked ones soon mean nothing. */
export const TURN_CREDENTIAL_MS: number = 2 * 3600 * SECOND_MS

/** How often one socket may ask for fresh credentials: at each change of its network, and when they expire. */
export const ICE_SERVERS_RATE: Rate = { burst: 10, perSecond: 1 / 30 }

/** Bytes one peer relays in all: a picture at once, and a slow file; whoever has another path takes that. */
export const RELAY_PEER_RATE: Rate = { burst: 2048 * KIB, perSecond: 1024 * KIB }

/** Bytes one peer relays to one other: half of all, so that one stream does not silence the rest. */
export const RELAY_PAIR_RATE: Rate = { burst: 1024 * KIB, perSecond: 512 * KIB }

/** What a relayed frame costs beside its body: a thousand tiny ones a second cost a tenth of a core. */
export const RELAY_FRAME_COST_BYTES = 512

/** Relayed bytes waiting for one reader: a quarter of what ends it, so that introductions still get through. */
export const MAX_RELAY_BACKLOG_BYTES: number = 64 * KIB

/** How long to hold the next body for a reader who is slow or not there: a round trip or two. */
export const RELAY_HOLD_MS = 250

/** Dropped bodies of one socket: a sender with a full window of small ones learns of each; a flood ends. */
export const RELAY_DROP_RATE: Rate = { burst: 2000, perSecond: 100 }

/** Probes of one socket, five small packets each: one per family and network change, and some to spare. */
export const PROBE_RATE: Rate = { burst: 8, perSecond: 0.2 }
