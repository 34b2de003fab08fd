// Picks how a thread does its UDP: in batches where that can be had, by Node's dgram elsewhere.
import { loadLibc } from './linux-libc.ts'
import { LoopWatch } from '../loop-watch.ts'
import { openBatchedUdp } from './udp-batched.ts'
import { openDgramUdp } from './udp-dgram.ts'
import type { UdpKind, UdpNetwork } from './udp-network.ts'

/** What serves; passes between threads. */
export interface UdpChoice {
  readonly kind: UdpKind
  /** Why it is not the one that was wished for. */
  readonly reason: string | undefined
}

/** Opens the wished kind, or dgram in its place and why. */
export async function openUdp(
  wish: UdpKind,
): Promise<{ readonly udp: UdpNetwork; readonly reason: string | undefined }> {
  const isBatched = wish === 'batched'
  const { libc, reason } = isBatched ? await loadLibc() : { libc: undefined, reason: undefined }
  if (libc === undefined) return { udp: openDgramUdp(), reason }
  const watch = await LoopWatch.ofThread(libc)
  if (watch !== undefined) return { udp: openBatchedUdp(libc, watch), reason: undefined }
  return { udp: openDgramUdp(), reason: 'the epoll of the event loop is not to be found in /proc' }
}
