// The dependency rule as a table: left may import right, nothing else, and a reason for every edge
// that is forbidden. Only the rule; check-deps holds the sources against it.
import { isTest } from './files.mjs'

const packages = ['wire', 'traversal', 'engine', 'engine/core', 'engine/ports']
const allPackages = [...packages, 'engine/shell', 'engine/browser', 'engine/node']

/** @type {Readonly<Record<string, readonly string[]>>} what a zone may import besides itself */
export const mayImport = Object.freeze({
  wire: [],
  traversal: [],
  'engine/ports': ['wire'],
  'engine/core': ['wire', 'traversal', 'engine/ports'],
  'engine/shell': ['wire', 'engine/core', 'engine/ports'],
  'engine/browser': ['wire', 'traversal', 'engine/core', 'engine/ports', 'engine/shell'],
  'engine/node': ['wire', 'engine/core', 'engine/ports', 'engine/shell'],
  engine: ['wire', 'engine/core', 'engine/ports', 'engine/shell'],
  testkit: ['wire', 'traversal', 'engine/ports'],
  'rendezvous/core': ['wire', 'traversal'],
  'rendezvous/shell': [...allPackages, 'rendezvous/core'],
  web: [...packages, 'engine/shell', 'engine/browser'],
  cli: allPackages,
  'lab/natlab': ['wire', 'traversal', 'testkit'],
  'lab/bench': ['wire', 'traversal', 'testkit'],
  tools: [],
  test: [...allPackages, 'testkit', 'tools'],
})

/** Why an edge is forbidden: the first line that fits says it; * is any zone. */
const reasons = [
  [
    'lab/*',
    'rendezvous*',
    'laboratories drive applications through their command line, as users do',
  ],
  ['lab/*', 'web', 'laboratories drive applications through their command line, as users do'],
  ['*', 'lab/*', 'nothing imports a laboratory: it is not shipped and may change at any time'],
  ['*', 'rendezvous*', 'nothing imports an application: applications only compose packages'],
  ['*', 'web', 'nothing imports an application: applications only compose packages'],
  ['*', 'cli', 'nothing imports an application: applications only compose packages'],
  ['*', 'test', 'only tests import tests'],
  ['*', 'tools', 'tools work on the checkout; shipped code must run without it'],
  ['*', 'testkit', 'the testkit is for tests and laboratories, never for shipped code'],
  ['wire', '*', 'wire is the bottom: bytes and messages know nothing about who sends them'],
  ['traversal', '*', 'traversal is useful to others on its own: it knows no part of Knothole'],
  ['engine/ports', '*', 'a port is declared in words of the wire, whoever implements it'],
  ['engine/core', '*', 'the core decides, adapters act: it must run without any of them'],
  ['engine/shell', '*', 'the shell drives the core through ports on every runtime alike'],
  ['engine/browser', 'engine/node', 'browsers have no Node, and Node is no browser'],
  ['engine/node', 'engine/browser', 'browsers have no Node, and Node is no browser'],
  ['web', 'engine/node', 'browsers have no Node'],
  ['engine/*', '*', 'the engine stands on wire, traversal and its own inner layers'],
  ['engine', 'engine/browser', 'the entry point runs everywhere; browsers import engine/browser'],
  ['engine', 'engine/node', 'the entry point runs everywhere; Node imports engine/node'],
  ['rendezvous/core', '*', 'the server core is pure: rooms and leases, no sockets, no peers'],
  ['testkit', '*', 'the testkit stands beside the engine: it sees its ports, not its inside'],
  ['*', '*', 'not in the dependency rule: add it there with a reason, or go through a package'],
].map(([from, to, because]) => ({ from: pattern(from), to: pattern(to), because: because ?? '' }))

/** @param {string | undefined} glob */
function pattern(glob = '*') {
  return new RegExp(`^${glob.replaceAll('*', '.*')}$`)
}

/**
 * Why `from` must not import `to`; undefined when it may.
 * @param {string} from zone
 * @param {string} to zone
 */
export function forbidden(from, to) {
  if (from === to || mayImport[from]?.includes(to)) return undefined
  return reasons.find((reason) => reason.from.test(from) && reason.to.test(to))?.because
}

/**
 * The zone a file belongs to; the first folder below src counts where a workspace has layers.
 * @param {string} path relative to the checkout
 */
export function zoneOf(path) {
  if (isTest(path)) return 'test'
  const [area = '', name = '', , layer = ''] = path.split('/')
  if (area === 'tools') return 'tools'
  if (area === 'lab') return `lab/${name}`
  if (name === 'rendezvous') return layer === 'core' ? 'rendezvous/core' : 'rendezvous/shell'
  return name === 'engine' && !layer.includes('.') ? `engine/${layer}` : name
}
