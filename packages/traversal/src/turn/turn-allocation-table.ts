// All allocations of a server: keeps quotas, ports and clients in step with them, and ends those whose
// time is over.
import type { TurnAllocation } from './turn-allocation.ts'
import { FAMILIES, expirePeers, relaysOf } from './turn-allocation.ts'
import { SWEEP_INTERVAL_MS } from './turn-limits.ts'
import type { TurnQuotaTable } from './turn-quota.ts'
import type { ReservationTable } from './turn-reservation.ts'

export interface AllocationTable {
  /** Adds one that the quota has counted, and makes it its client's. */
  add(allocation: TurnAllocation, nowMs: number): void
  /** Ends it: closes its relayed addresses and forgets it. May be called again. */
  release(allocation: TurnAllocation): void
  /** Ends what has run out of one allocation. */
  expire(allocation: TurnAllocation, nowMs: number): void
  /** The same for all of them, and for reservations, when it is time. */
  tick(nowMs: number): void
  deadlineMs(): number | undefined
  all(): Iterable<TurnAllocation>
}

export function createAllocationTable(
  quotas: TurnQuotaTable,
  reservations: ReservationTable,
): AllocationTable {
  const allocations = new Set<TurnAllocation>()
  let sweepAtMs = 0

  function release(allocation: TurnAllocation): void {
    if (!allocations.delete(allocation)) return
    for (const { port } of relaysOf(allocation)) port.close()
    quotas.release(allocation.holder)
    allocation.client.allocation = undefined
    allocation.client.table?.remove(allocation.client)
  }

  function expire(allocation: TurnAllocation, nowMs: number): void {
    for (const family of FAMILIES) {
      const relay = allocation[family]
      if (relay === undefined || relay.expiresAtMs > nowMs) continue
      relay.port.close()
      allocation[family] = undefined
    }
    expirePeers(allocation, nowMs)
    const isOpen = allocation.answer !== undefined
    if (isOpen && relaysOf(allocation).length === 0) release(allocation)
  }

  return {
    add(allocation, nowMs) {
      if (allocations.size === 0) sweepAtMs = nowMs + SWEEP_INTERVAL_MS
      allocations.add(allocation)
      allocation.client.allocation = allocation
      allocation.client.table?.add(allocation.client)
    },
    release,
    expire,
    tick(nowMs) {
      if (nowMs < sweepAtMs) return
      sweepAtMs = nowMs + SWEEP_INTERVAL_MS
      for (const allocation of allocations) expire(allocation, nowMs)
      reservations.expire(nowMs)
    },
    deadlineMs: () => (allocations.size + reservations.size() === 0 ? undefined : sweepAtMs),
    all: () => allocations,
  }
}
