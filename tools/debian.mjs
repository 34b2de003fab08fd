// Installs missing Debian packages when run as root on Debian, and says what is missing otherwise.
// Starts no service, and does not touch apt when nothing is missing.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { locate, requirements } from './requirements.mjs'
import { run } from './run.mjs'

/** @typedef {import('./requirements.mjs').RequirementName} RequirementName */

const policyFile = '/usr/sbin/policy-rc.d'

/** Everything in the table of requirements. */
export const allRequirements = /** @type {RequirementName[]} */ (Object.keys(requirements))

/**
 * Debian packages whose programs are not on this machine.
 * @param {readonly RequirementName[]} names
 * @returns {string[]}
 */
export function missingDebianPackages(names) {
  const absent = names.filter((name) => locate(name) === undefined)
  return [...new Set(absent.map((name) => requirements[name].debian))]
}

/**
 * Installs what is missing, or says what is and why it matters.
 * @param {readonly RequirementName[]} names
 * @returns {boolean} whether everything is there now
 */
export function installDebianPackages(names) {
  const packages = missingDebianPackages(names)
  if (packages.length === 0) return true
  const mayInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (mayInstall) {
    console.log(`Installing Debian packages: ${packages.join(' ')} ...`)
    aptInstall(packages)
  }
  const left = names.filter((name) => locate(name) === undefined)
  for (const name of left) {
    console.log(`Missing: ${name}, for ${requirements[name].why}.`)
  }
  if (left.length > 0) {
    const list = missingDebianPackages(names).join(' ')
    console.log(`On Debian, as root: apt-get install --no-install-recommends ${list}`)
  }
  return left.length === 0
}

/** @param {readonly string[]} packages */
function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Debian asks this file before it starts a service that a package brings; 101 means no.
  const addPolicy = !existsSync(policyFile)
  if (addPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    run('apt-get', ['update', '-qq'], { env })
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
  } finally {
    if (addPolicy) rmSync(policyFile, { force: true })
  }
}
