// Every limit of sync, each with its reason. What a peer can make us keep is the sum of the buffers named
// here; times are those of a person who waits.

/** Chunks on the way to a peer that has not announced them: what one round trip of a slow path carries. */
export const FIRST_WINDOW_BYTES: number = 256 * 1024

/**
 * The window of a peer that announces fast: 50 ms of a path of 10 MB a second. With all that may be said
 * beside it, a link must have room for it (E101): what it has no room for is lost, and missed after 3 s only.
 */
export const MAX_WINDOW_BYTES: number = 512 * 1024

/** What is said now goes beyond a window that history fills, up to here: the largest chunk and some more. */
export const LIVE_RESERVE_BYTES: number = 64 * 1024

/** Chunks of a peer that wait to be checked: a full window, and what was on the way when it filled. */
export const MAX_INBOX_BYTES: number = MAX_WINDOW_BYTES + 1024 * 1024

/** Of these, chunks that came before what they continue: live entries while history is still coming. */
export const MAX_EARLY_BYTES: number = 256 * 1024

/** Frames of a peer that came before our store was opened. */
export const MAX_HELD_BYTES: number = 1024 * 1024

/** Chunks of a peer that wait: a flood of tiny ones is no cheaper to us than one of large ones. */
export const MAX_INBOX_CHUNKS = 4096

/** Chunks of one peer whose signatures are being checked: a browser takes some ms for each, but many at once. */
export const MAX_CHECKS_PER_PEER = 8

/** Chunks whose signatures are being checked at once; a flood waits behind itself. */
export const MAX_CHECKS = 32

/** Bytes that the store has not yet taken, beyond which chunks wait: a second of a slow disk. */
export const MAX_UNSTORED_BYTES: number = 8 * 1024 * 1024

/** Ranges that a peer asks of us and we have not sent: four times what an honest one asks at once. */
export const MAX_RANGES = 1024

/** Ranges that we ask of one peer at once; the rest follows as they are answered. */
export const MAX_ASKED = 256

/** Entries asked for at once, so that a long feed is not lost with one slow peer; the next are asked for when they are here. */
export const MAX_ASKED_ENTRIES = 262_144

/** Writes of ours that wait for the signature of those before them: a page types no faster. */
export const MAX_WRITES = 4096

/** Entries asked for before the first that is here: they join from the end, and wait aside until then. */
export const MAX_FILLED_ENTRIES = 256

/** Silence of a peer that was asked, after which another is. */
export const SILENCE_MS = 3_000

/** How long a peer may leave a range unanswered while it sends other things. */
export const PATIENCE_MS = 20_000

/** What a peer announces on a standing link is on its way to us from its author too: wait for that first. */
export const NEWS_GRACE_MS = 150

/** How often neighbours compare what they have. Frames may be lost; so long at most it stays unnoticed. */
export const BEAT_MS = 15_000

/** Whole summaries to one peer are this far apart, whatever it asks. */
export const SUMMARY_PAUSE_MS = 4_000

/** Entries that are announced at once, as their sender waits for it to send more: an eighth of a window of short texts. */
export const MANY_ENTRIES = 1024

/** What was admitted is announced together with what follows within this time. */
export const ANNOUNCE_AFTER_MS = 20

/** How long a peer is not asked for a feed that it withheld, lied about or forged. */
export const PENALTY_MS = 60_000

/** Faults within `PENALTY_MS` after which nothing of a peer is checked until that has passed. */
export const MAX_FAULTS = 8

/** Frames without entries that are read of one peer: an honest one sends few. */
export const CONTROL_RATE = { burst: 400, perSecond: 100 } as const

/** Evidence and receipts of one peer whose signatures are checked: a full room's on a new link, then a few. */
export const SIGNED_RATE = { burst: 512, perSecond: 20 } as const

/** Receipts that wait for their check. */
export const MAX_RECEIPTS_WAITING = 256

/** Members whose receipts are kept: twice a full room, as people come and go. */
export const MAX_RECEIPTS = 256

/** Feeds of which is kept what a member ever said of them: twice what one receipt holds. */
export const MAX_RECEIPT_MEMORY = 1024

/** Our receipt follows a change after so long, and for each member of the room a little longer. */
export const RECEIPT_AFTER_MS = 2_000
export const RECEIPT_AFTER_PER_MEMBER_MS = 300

/** Receipts of others are passed on together with those that come within this time. */
export const RECEIPTS_TOGETHER_MS = 500

/** A gap is told when it lasts: most are filled before anyone could read of them. */
export const GAP_AFTER_MS = 500

/** After this time without anyone who has the beginning of a feed, what everyone let go is passed over. */
export const SKIP_AFTER_MS = 5_000

/** Evidence of a cut is sent again to a peer that does not know it, so often at most. */
export const EVIDENCE_PAUSE_MS = 5_000

/** Feeds of which is kept how far a peer has them: as many as a room has. */
export const MAX_LEDGER_FEEDS = 32_768

/** Bodies of a feed asked for at once. */
export const MAX_ASKED_BODIES = 256

/** Peers remembered after their links: what they had is known when they come back. */
export const MAX_REMEMBERED = 128

/** Entries without a body whose bodies are asked for; of more, the page says that they are missing. */
export const MAX_MISSING_BODIES = 4096

/** Entries of ours that go to a new neighbour unasked: what was typed while nobody was there. */
export const SMALL_FEED = 32

/** Pieces of the log that are kept encoded while they go to one neighbour after the other. */
export const MAX_PARCELS = 16
