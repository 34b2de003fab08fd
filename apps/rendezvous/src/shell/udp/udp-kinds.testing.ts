// The ways of moving datagrams that can be tested on this machine.
import { loadLibc } from './linux-libc.ts'
import type { UdpKind } from './udp-network.ts'

const { libc } = await loadLibc()

/** Both, where the machine has both: dgram alone is what the rest has. */
export const UDP_KINDS: readonly UdpKind[] = libc === undefined ? ['dgram'] : ['dgram', 'batched']
