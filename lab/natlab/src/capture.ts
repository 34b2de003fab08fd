// Captures the public network into a file for Wireshark, with tcpdump in the core namespace.

import { words } from './command.ts'
import type { Lab } from './lab.ts'
import { LabError } from './lab-error.ts'
import { findProgram } from './support.ts'

/** Packets enter the core by a port; those the delay hop gives back (no Ethernet) are copies. */
const ON_PORTS_ONLY = 'link[2:2] = 1'

/** Starts a capture; the returned function ends it and completes the file. */
export async function startCapture(lab: Lab, path: string): Promise<() => Promise<void>> {
  if (findProgram('tcpdump') === undefined) {
    throw new LabError('packages-missing', 'tcpdump not found: apt-get install tcpdump')
  }
  const running = lab.core.namespace.start([
    ...words('tcpdump -i any -y LINUX_SLL -Q in -U -Z root -w'),
    path,
    ON_PORTS_ONLY,
  ])
  await running.said((text) => text.includes('listening on'))
  return () => running.kill('SIGINT')
}
