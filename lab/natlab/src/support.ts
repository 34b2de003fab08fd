// Says whether a laboratory can run here, and if not, which package or privilege is missing. The
// answer comes from trying (a namespace, a NAT rule), not from guessing by user id.

import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

import { LabError } from './lab-error.ts'

/** Whether the laboratory can run, in words when not. */
export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** Debian package of each program the lab calls. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  ss: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
}

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The trial: what a router needs, in a namespace that vanishes with its process. */
const TRIAL = `
table ip trial {
  chain post { type nat hook postrouting priority 100
    oifname "wan" masquerade fully-random
  }
}
`

let known: Support | undefined

/** Whether namespaces with NAT can be made by this process, as it is. */
export function labSupport(): Support {
  known ??= findSupport()
  return known
}

/** Throws the reason when the lab cannot run. */
export function requireLabSupport(): void {
  const missing = missingPackages()
  if (missing !== undefined) throw new LabError('packages-missing', missing)
  const support = labSupport()
  if (!support.ok) throw new LabError('no-privilege', support.reason)
}

/** The browser to use: `CHROMIUM` in the environment, or the first one on the path. */
export function findChromium(): string | undefined {
  const chosen = process.env['CHROMIUM']
  if (chosen !== undefined && chosen !== '') return chosen
  return CHROMIUM_NAMES.map((name) => findProgram(name)).find((path) => path !== undefined)
}

/** Whether browsers can run in the lab. */
export function chromiumSupport(): Support {
  if (findChromium() !== undefined) return { ok: true }
  return { ok: false, reason: 'no Chromium found: apt-get install chromium, or set CHROMIUM=path' }
}

function findSupport(): Support {
  if (process.platform !== 'linux') {
    return { ok: false, reason: `network namespaces need Linux; this is ${process.platform}` }
  }
  const missing = missingPackages()
  if (missing !== undefined) return { ok: false, reason: missing }
  return tryNamespace()
}

function missingPackages(): string | undefined {
  const missing = Object.keys(PACKAGES).filter((name) => findProgram(name) === undefined)
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))].join(' ')
  return `${missing.join(', ')} not found: apt-get install ${packages}`
}

function tryNamespace(): Support {
  const name = `kh${process.pid}-trial`
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' })
  } catch (error) {
    return { ok: false, reason: `no privilege to make network namespaces (${lastLine(error)})` }
  }
  try {
    execFileSync('ip', ['netns', 'exec', name, findProgram('nft') ?? 'nft', '-f', '-'], {
      input: TRIAL,
      stdio: 'pipe',
    })
    return { ok: true }
  } catch (error) {
    return { ok: false, reason: `nftables NAT does not work here (${lastLine(error)})` }
  } finally {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' })
  }
}

/** The full path of a program. */
export function findProgram(name: string): string | undefined {
  // Debian keeps nft and friends out of an ordinary user's path.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function lastLine(error: unknown): string {
  const said =
    error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
  return said.split('\n').at(-1) ?? ''
}
