// What a TURN server counts of itself: plain numbers, no names and no addresses.
import type { StunRefusal } from '../stun/stun-message.ts'

/** Why a packet got no answer. */
export type TurnDrop =
  | StunRefusal
  | 'closed'
  | 'bad-source'
  | 'unknown-method'
  | 'not-a-request'
  | 'rate-limited'
  | 'no-allocation'
  | 'still-opening'
  | 'unknown-channel'
  | 'unknown-attribute'
  | 'missing-attribute'
  | 'no-permission'
  | 'other-icmp'
  | 'too-large'

export interface TurnCounters {
  readonly toPeers: { packets: number; bytes: number }
  readonly toClients: { packets: number; bytes: number }
  shortcut: number
  readonly dropped: Partial<Record<TurnDrop, number>>
  readonly refused: Record<number, number>
  drop(reason: TurnDrop): void
  refuse(code: number): void
}

export function createCounters(): TurnCounters {
  const dropped: Partial<Record<TurnDrop, number>> = {}
  const refused: Record<number, number> = {}
  return {
    toPeers: { packets: 0, bytes: 0 },
    toClients: { packets: 0, bytes: 0 },
    shortcut: 0,
    dropped,
    refused,
    drop(reason) {
      dropped[reason] = (dropped[reason] ?? 0) + 1
    },
    refuse(code) {
      refused[code] = (refused[code] ?? 0) + 1
    },
  }
}
