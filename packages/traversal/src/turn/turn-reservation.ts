// Relayed ports kept for whoever has the token (RFC 8656 sections 7.2 and 18.7): the odd neighbour of
// an even port, for half a minute, for the user who asked and for nobody else.
import { RESERVATION_LIFETIME_MS } from './turn-limits.ts'
import type { TurnHolder, TurnQuotaTable } from './turn-quota.ts'
import type { RelayPort } from './turn-relay-ports.ts'

export interface ReservationTable {
  /** Keeps a port that is counted for `holder`; gives its token. */
  reserve(port: RelayPort, holder: TurnHolder, nowMs: number): Uint8Array
  /** Hands the port over, and its place in the quota with it; undefined for a wrong token. */
  take(token: Uint8Array, user: string, nowMs: number): Reservation | undefined
  /** Closes those that nobody came for. */
  expire(nowMs: number): void
  size(): number
}

export interface Reservation {
  readonly port: RelayPort
  readonly holder: TurnHolder
}

const TOKEN_BYTES = 8

export function createReservationTable(
  quotas: TurnQuotaTable,
  randomBytes: (count: number) => Uint8Array,
): ReservationTable {
  const table = new Map<string, Reservation & { readonly expiresAtMs: number }>()
  return {
    reserve(port, holder, nowMs) {
      const token = randomBytes(TOKEN_BYTES)
      table.set(token.join(), { port, holder, expiresAtMs: nowMs + RESERVATION_LIFETIME_MS })
      return token
    },
    take(token, user, nowMs) {
      const found = table.get(token.join())
      if (found === undefined || found.expiresAtMs <= nowMs) return undefined
      if (found.holder.user !== user) return undefined
      table.delete(token.join())
      return found
    },
    expire(nowMs) {
      for (const [key, { port, holder, expiresAtMs }] of table) {
        if (expiresAtMs > nowMs) continue
        table.delete(key)
        quotas.release(holder)
        port.close()
      }
    },
    size: () => table.size,
  }
}
