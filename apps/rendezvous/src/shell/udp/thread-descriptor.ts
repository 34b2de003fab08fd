// Descriptors that end with their thread. Node closes those that a thread got from `fs.open` when the
// thread ends, however it does (`trackUnmanagedFds`), but knows nothing of those made by system calls
// of ours: a failed thread would hold its ports for ever, and no other could serve in its place.
import { closeSync, openSync } from 'node:fs'
import { SOCK_CLOEXEC } from './linux-abi.ts'
import type { Libc } from './linux-libc.ts'

/**
 * Gives a descriptor of ours a number that Node answers for; end it by `closeSync`.
 * @throws Error with the system's code; the descriptor is closed then
 */
export function giveToThread(libc: Libc, fd: number): number {
  try {
    const own = openSync('/dev/null', 'r')
    if (libc.dup3(fd, own, SOCK_CLOEXEC) >= 0) return own
    const code = libc.errorName(libc.errno())
    closeSync(own)
    throw Object.assign(new Error(`dup3 ${code}`), { code })
  } finally {
    libc.close(fd)
  }
}
