// Runs the laboratory without root: starts this command again in namespaces of its own (user, mount,
// network, process ids), where it is root over nothing else. Killing the outer process ends all.

import { spawn, spawnSync } from 'node:child_process'

import { words } from './command.ts'
import { OUTER_PID } from './owner.ts'
import { labSupport } from './support.ts'

const UNSHARE = words('unshare -Urnmpf --kill-child --mount-proc')
/** `ip netns` keeps its names in /run/netns, which must be ours. */
const PREPARE = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"'

/**
 * Whether the command should be started again inside a user namespace: it cannot make namespaces
 * itself, and the kernel lets it make its own.
 */
export function canEnterUserNamespace(): boolean {
  if (process.platform !== 'linux' || process.env[OUTER_PID] !== undefined) return false
  if (labSupport().ok) return false
  const [program = '', ...rest] = UNSHARE
  return spawnSync(program, [...rest, 'sh', '-c', PREPARE, 'sh', 'true']).status === 0
}

/** Starts this same command inside and resolves with its exit code. */
export function enterUserNamespace(argv: readonly string[]): Promise<number> {
  const [program = '', ...rest] = [
    ...UNSHARE,
    'sh',
    '-c',
    PREPARE,
    'sh',
    process.execPath,
    ...process.execArgv,
    ...argv,
  ]
  const child = spawn(program, rest, {
    stdio: 'inherit',
    env: { ...process.env, [OUTER_PID]: String(process.pid) },
  })
  // The terminal's Ctrl-C reaches the inner process too; it cleans up and exits by itself.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGKILL'))
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1))
    child.once('error', () => resolve(1))
  })
}
