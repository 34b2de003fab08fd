// The bytes of a transfer that both ends can make, and what the page of the transfer offers. Pure.

/** What a receiver has seen of a transfer. */
export interface TransferSeen {
  bytes: number
  /** Where the first byte was that is not of the sequence. */
  firstWrong: number | null
  /** By the page's clock, since 1970. */
  endedAtMs: number | null
}

/** The hook of the page, `globalThis.natlabTransfer`. */
export interface TransferHook {
  readonly seen: TransferSeen
  /** Sends so many bytes of the sequence; resolves with whether the other side took all. */
  send(bytes: number): Promise<boolean>
  /** Says numbers from 1 up. */
  sayNumbers(name: string, about: { count: number; everyMs: number }): Promise<void>
}

/**
 * Fills in the sequence from a position. Each byte depends on the whole position, so that a piece that
 * is lost, doubled or moved by any distance shows.
 */
export function fillSequence(chunk: Uint8Array, position: number): void {
  for (let index = 0; index < chunk.length; index += 1) {
    let mixed = Math.imul((position + index) ^ 0x5bd1_e995, 0x85eb_ca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
    chunk[index] = mixed >>> 24
  }
}
