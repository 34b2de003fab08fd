// Whose a namespace or a folder is: the process that made it, by pid, so that leftovers of the dead
// can be told from the property of the living.

import { readFileSync } from 'node:fs'

/** Set inside a user namespace (user-namespace.ts) to the pid of the process outside. */
export const OUTER_PID = 'KNOTHOLE_NATLAB_OUTER_PID'

/** Our pid as other processes of this machine see it. */
export function ownerPid(): number {
  return Number(process.env[OUTER_PID] ?? process.pid)
}

/** Whether a process runs; a zombie holds no namespace and cleans nothing up: it counts as dead. */
export function isAlive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !status.slice(status.lastIndexOf(')')).startsWith(') Z')
  } catch {
    return false
  }
}
