// Every limit of the TURN server in one place, each with its reason.
import type { SourceRateLimitOptions } from '../source-rate-limit.ts'
import type { ChallengeAllowance } from './turn-challenge-budget.ts'
import type { PortRange, TurnQuotas } from './turn-interface.ts'

/** RFC 8656 section 7.2: what an allocation gets unasked, and after a refresh. */
export const DEFAULT_LIFETIME_S = 600
/** RFC 8656 section 9. */
export const PERMISSION_LIFETIME_MS = 300_000
/** RFC 8656 section 12. */
export const CHANNEL_LIFETIME_MS = 600_000
/** RFC 8656 section 7.2: how long the port next to an even one is kept. */
export const RESERVATION_LIFETIME_MS = 30_000
/** The dynamic ports of RFC 6335, which RFC 8656 section 7.2 recommends. */
export const DEFAULT_RELAY_PORTS: PortRange = { first: 49_152, last: 65_535 }
/**
 * Ports tried for one address before 508. Even when nine of ten are taken by others, two of three
 * clients find one; a flood of requests on a full server costs few system calls each.
 */
export const MAX_PORT_ATTEMPTS = 10

export const DEFAULT_QUOTAS: TurnQuotas = {
  /** Each is a socket: a quarter of the file descriptors that systems usually grant a server. */
  allocations: 4096,
  /** A browser allocates 3 to 6 times per connection (transports, families); 11 members, some spare. */
  allocationsPerUser: 100,
  /** An office behind one address. */
  allocationsPerAddress: 500,
  /** By address alone: more than a peer with every kind of interface has. */
  permissionsPerAllocation: 64,
  /** Browsers bind channels only for pairs that carry data. */
  channelsPerAllocation: 64,
  /** RFC 8656 section 7.2 recommends an hour. */
  maxLifetimeS: 3600,
}

/**
 * Answers without authentication to one source, beyond which there is silence. A browser behind the
 * same address takes one or two per allocation, so hundreds may start at once; a victim whose
 * address is forged gets less than 4 kB/s from us, whatever the attacker spends. 2 MB when full.
 */
export const CHALLENGE_RATE_LIMIT: SourceRateLimitOptions = {
  burst: 400,
  perSecond: 20,
  maxSources: 10_000,
}
/**
 * Bytes that strangers together may be answered beyond those they sent, so that a flood from forged
 * addresses is not made larger by us, wherever it is to go. A first request and its challenge differ
 * by 60 bytes or so: 1000 clients may come at once, 250 a second, and under a flood one of three
 * requests is answered, one of the usual seven attempts almost surely.
 */
export const CHALLENGE_ALLOWANCE: ChallengeAllowance = {
  burstBytes: 64 * 1024,
  bytesPerSecond: 16 * 1024,
}
/** Longer realms would make refusals longer; a host name of 64 bytes is a long one. */
export const MAX_REALM_BYTES = 64
/**
 * The most by which an answer without authentication outgrows its request: 401 to the shortest
 * Allocate, with REALM of `MAX_REALM_BYTES`, NONCE and PASSWORD-ALGORITHMS; 88 with a realm of 32
 * bytes. Nothing at all is impossible: the client asks in 28 bytes and must learn realm and nonce.
 */
export const MAX_CHALLENGE_GROWTH_BYTES = 120

/** How often expired permissions, channels and allocations are looked for. */
export const SWEEP_INTERVAL_MS = 1000
