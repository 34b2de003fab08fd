// What tests and labs need from the machine beyond npm: each program, the Debian package that has
// it, and why. Tests ask `missing(...)` and skip by name; nothing is installed from here.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @typedef {{ programs: readonly string[], debian: string, why: string }} Requirement
 * @typedef {keyof typeof requirements} RequirementName
 */

/** Debian package by the program that proves it is there; `programs` are names it may have. */
export const requirements = Object.freeze({
  chromium: {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    why: 'a real browser for tests of the page, the laboratory and the benchmarks',
  },
  firefox: {
    programs: ['firefox-esr', 'firefox'],
    debian: 'firefox-esr',
    why: 'a second real browser to relay for',
  },
  turnutils: {
    programs: ['turnutils_uclient'],
    debian: 'coturn',
    why: "foreign clients of our STUN and TURN server, and another's server for our credentials",
  },
  openssl: { programs: ['openssl'], debian: 'openssl', why: 'certificates of tests' },
  certutil: {
    programs: ['certutil'],
    debian: 'libnss3-tools',
    why: 'to make browsers of tests believe those certificates',
  },
  nft: { programs: ['nft'], debian: 'nftables', why: 'the NATs of the laboratory' },
  ip: {
    programs: ['ip'],
    debian: 'iproute2',
    why: 'networks, hosts and routers of the laboratory',
  },
  conntrack: { programs: ['conntrack'], debian: 'conntrack', why: 'NAT state and its counters' },
  tcpdump: { programs: ['tcpdump'], debian: 'tcpdump', why: 'packet captures (--pcap)' },
  unshare: { programs: ['unshare'], debian: 'util-linux', why: 'namespaces without root' },
  nsenter: { programs: ['nsenter'], debian: 'util-linux', why: 'programs inside a namespace' },
})

// Debian's PATH for people who are not root lacks the folders that ip and nft are in.
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Where a required program is; undefined when it is not installed.
 * @param {RequirementName} name
 * @returns {string | undefined}
 */
export function locate(name) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders]
  const { programs } = requirements[name]
  return programs
    .flatMap((program) => folders.map((folder) => join(folder, program)))
    .find((path) => isExecutable(path))
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Why a test cannot run here, in words for its reader; undefined when nothing is missing.
 * Use: `const reason = missing('chromium')`, then `test.skipIf(reason !== undefined)(title, ...)`.
 * @param {...(RequirementName | 'namespaces')} names 'namespaces' asks whether we may make networks
 * @returns {string | undefined}
 */
export function missing(...names) {
  const reasons = names.flatMap((name) => {
    if (name === 'namespaces')
      return mayMakeNetworks() ? [] : ['network namespaces are not allowed']
    return locate(name) === undefined ? [`${name} (Debian: ${requirements[name].debian})`] : []
  })
  return reasons.length === 0 ? undefined : `missing: ${reasons.join(', ')}`
}

/** @type {boolean | undefined} */
let mayMake

/** A new network namespace, as root or inside a user namespace. */
function mayMakeNetworks() {
  if (mayMake === undefined) {
    const asRoot = process.getuid?.() === 0
    const args = asRoot ? ['--net', 'true'] : ['--user', '--map-root-user', '--net', 'true']
    mayMake = spawnSync('unshare', args, { stdio: 'ignore' }).status === 0
  }
  return mayMake
}
