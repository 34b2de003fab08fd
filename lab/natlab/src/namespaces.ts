// Linux network namespaces by name (`ip netns`): made, wired with veth pairs, used and removed. Every
// name starts with `kh<pid>-`, so that two runs do not clash and the leftovers of a dead run can be
// told from those of a living one. No interface is ever made in the namespace we were started in.

import { runCommand, runCommandNow, startCommand, words } from './command.ts'
import type { CommandOptions, RunningCommand } from './command.ts'
import { isAlive } from './owner.ts'

/** One namespace. */
export interface Namespace {
  readonly name: string
  /** Runs a command inside, to its end. */
  run(argv: readonly string[], options?: CommandOptions): Promise<string>
  /** Starts a command inside, in the background. */
  start(argv: readonly string[]): RunningCommand
  /** Runs lines of the `ip` command inside. */
  ip(lines: readonly string[]): Promise<void>
  /** Loads an nftables ruleset. */
  loadRuleset(ruleset: string): Promise<void>
}

/** One end of a veth pair. */
export interface LinkEnd {
  readonly namespace: Namespace
  readonly device: string
}

const OWNED_NAME = /^kh(?<pid>\d+)-/

/**
 * Forwarding on, spoof checks off (paths are asymmetric on purpose), no bridge filtering. IPv6 is off,
 * or on without waiting for duplicate addresses to show up. Argument: 1 turns it off, 0 on.
 */
const SETTINGS = `
set_all() { for f in /proc/sys/$1; do [ -w "$f" ] && echo "$2" > "$f"; done; }
set_all net/ipv4/ip_forward 1
set_all 'net/ipv4/conf/*/rp_filter' 0
set_all 'net/ipv4/conf/*/send_redirects' 0
set_all 'net/ipv6/conf/*/disable_ipv6' "$0"
set_all 'net/ipv6/conf/*/accept_dad' 0
set_all 'net/ipv6/conf/*/accept_ra' 0
set_all 'net/ipv6/conf/*/forwarding' 1
set_all net/bridge/bridge-nf-call-iptables 0
true`

let labsOfThisProcess = 0

/** The namespaces of one lab. */
export class NamespaceSet {
  readonly #prefix: string
  readonly #names = new Set<string>()
  readonly #removeAtExit = (): void => this.#removeNow()

  constructor() {
    labsOfThisProcess += 1
    this.#prefix = `kh${process.pid}-${labsOfThisProcess}-`
    process.once('exit', this.#removeAtExit)
  }

  /** Makes namespaces with these last names, in order. */
  async add(lastNames: readonly string[], about: { ipv6: boolean }): Promise<Namespace[]> {
    const names = lastNames.map((last) => this.#prefix + last)
    for (const name of names) this.#names.add(name)
    await runCommand(['ip', '-batch', '-'], {
      input: names.map((name) => `netns add ${name}\n`).join(''),
    })
    const namespaces = names.map((name) => openNamespace(name))
    await Promise.all(
      namespaces.map(async (namespace) => {
        await namespace.run(['sh', '-c', SETTINGS, about.ipv6 ? '0' : '1'])
        await namespace.ip(['link set lo up'])
      }),
    )
    return namespaces
  }

  /** Kills what still runs inside, by pid, and removes all. */
  async remove(): Promise<void> {
    process.removeListener('exit', this.#removeAtExit)
    for (const name of this.#names) killInside(name)
    const existing = new Set(listNamespaces())
    const names = [...this.#names].filter((name) => existing.has(name))
    this.#names.clear()
    await runCommand(['ip', '-batch', '-'], {
      input: names.map((name) => `netns del ${name}\n`).join(''),
    })
  }

  #removeNow(): void {
    const existing = new Set(listNamespaces())
    for (const name of this.#names) if (existing.has(name)) removeNamespace(name)
    this.#names.clear()
  }
}

/** Joins two namespaces with a veth pair and sets both ends up. */
export async function linkNamespaces(a: LinkEnd, b: LinkEnd): Promise<void> {
  await runCommand([
    ...words(`ip link add ${a.device} netns ${a.namespace.name} type veth`),
    ...words(`peer name ${b.device} netns ${b.namespace.name}`),
  ])
  await Promise.all([a, b].map((end) => end.namespace.ip([`link set ${end.device} up`])))
}

/** Removes the namespaces (and processes inside) of labs whose owner is dead; returns their names. */
export function sweepNamespaces(): string[] {
  const orphans = listNamespaces().filter((name) => {
    const pid = OWNED_NAME.exec(name)?.groups?.['pid']
    return pid !== undefined && !isAlive(Number(pid))
  })
  for (const name of orphans) removeNamespace(name)
  return orphans
}

/** The names of all namespaces made by any lab that still exist. */
export function listNamespaces(): string[] {
  return runCommandNow(['ip', 'netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => OWNED_NAME.test(name))
}

function openNamespace(name: string): Namespace {
  const inside = (argv: readonly string[]): string[] => ['ip', 'netns', 'exec', name, ...argv]
  return {
    name,
    run: (argv, options) => runCommand(inside(argv), options),
    start: (argv) => startCommand(inside(argv)),
    ip: async (lines) => {
      await runCommand(['ip', '-n', name, '-batch', '-'], { input: `${lines.join('\n')}\n` })
    },
    loadRuleset: async (ruleset) => {
      await runCommand(inside(['nft', '-f', '-']), { input: ruleset })
    },
  }
}

/** Two labs may sweep at once: what the other one has removed is as good as removed by us. */
function removeNamespace(name: string): void {
  try {
    killInside(name)
    runCommandNow(['ip', 'netns', 'del', name])
  } catch (error) {
    if (listNamespaces().includes(name)) throw error
  }
}

function killInside(name: string): void {
  const pids = runCommandNow(['ip', 'netns', 'pids', name]).split('\n').filter(Boolean)
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH'
}
