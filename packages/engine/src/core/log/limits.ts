// What a room's log takes from those who write it. The log of an honest room stays far below; a liar with
// one identity cannot use up what others need. Beside wire's limits, which bound each structure.

/** Feeds of a room: fifty pages a day that say something, for almost two years; each takes half a KiB. */
export const MAX_FEEDS = 32_768

/** Feeds of one author: an eighth, ten pages a day for a year. */
export const MAX_FEEDS_OF_AUTHOR = 4_096

/** Entries of one author: a hundred a day for more than five years. */
export const MAX_ENTRIES_OF_AUTHOR = 200_000

/** Bytes of one author's headers and bodies: what its entries come to, with bodies of 400 bytes. */
export const MAX_BYTES_OF_AUTHOR: number = 128 * 1024 * 1024

/**
 * How far ahead of our clock an entry's time may be and still move it: clocks set to the wrong zone are
 * hours off. Beyond, an entry stands where its time puts it, but nobody follows it there.
 */
export const MAX_AHEAD_MS: number = 24 * 60 * 60 * 1000

/** Names for entries that are not here, which a liar could make up: twice a long history's, in 40 MB. */
export const MAX_WAITING_NAMES: number = 256 * 1024
