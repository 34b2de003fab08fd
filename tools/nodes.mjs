// `npm run test:nodes`: the last commit, in a fresh copy, on every Node we support: install, build,
// unit tests, start, and what the server answers. Fetches the Nodes from the npm registry into
// .cache/nodes; takes some minutes. Does not look at uncommitted work.
import './node-version.mjs'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { npm, npmCli, root } from './run.mjs'
import { countLine } from './steps.mjs'

const versions = ['20.19', '22', '24', '26']
const startWithinMs = 60_000
const vitest = ['node_modules/vitest/vitest.mjs', 'run']

/** @typedef {{ folder: string, env: NodeJS.ProcessEnv, node: string, log: number }} Bench */

/**
 * The program of a Node version, fetched when it is not in the cache.
 * @param {string} version
 */
function fetchNode(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const home = join(root, '.cache/nodes', version)
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  const node = join(home, 'node_modules', name, program)
  if (!existsSync(node)) {
    const options = [
      '--no-save',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]
    mkdirSync(home, { recursive: true })
    npm(['install', `--prefix=${home}`, ...options, `${name}@${version}`])
  }
  if (!existsSync(node)) throw new Error(`${name}@${version} could not be installed`)
  return node
}

/**
 * Runs one step on the Node under test; throws when it fails.
 * @param {Bench} bench
 * @param {readonly string[]} args of node
 */
function step({ node, folder, env, log }, args) {
  const result = spawnSync(node, args, { cwd: folder, env, stdio: ['ignore', log, log] })
  if (result.status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${result.status}`)
}

/** A port that nobody uses now. @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/**
 * Starts the server as people do and asks for the page and its health.
 * @param {Bench} bench
 */
async function tryServer({ node, folder, env, log }) {
  const args = ['tools/start.mjs', '--port', String(await freePort()), '--no-stun']
  const server = spawn(node, args, { cwd: folder, env, stdio: ['ignore', 'pipe', log] })
  const ended = once(server, 'exit')
  try {
    const url = await Promise.race([addressOf(server.stdout), ended.then(() => undefined)])
    if (url === undefined)
      throw new Error('the server ended or was silent before it had an address')
    for (const path of ['/', '/api/health']) {
      const response = await fetch(new URL(path, url))
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`)
    }
    server.kill('SIGTERM')
    const [code] = await ended
    if (code !== 0) throw new Error(`SIGTERM: exit code ${code}`)
  } finally {
    server.kill('SIGKILL')
  }
}

/**
 * The address that the server prints.
 * @param {import('node:stream').Readable | null} output
 * @returns {Promise<string | undefined>}
 */
async function addressOf(output) {
  if (output === null) return undefined
  const lines = createInterface({ input: output, signal: AbortSignal.timeout(startWithinMs) })
  for await (const line of lines) {
    const url = /https?:\/\/\S+/.exec(line)?.[0]
    if (url !== undefined) return url
  }
  return undefined
}

/**
 * What does not work on a version; nothing is best.
 * @param {string} version
 * @returns {Promise<string[]>}
 */
async function tryVersion(version) {
  const node = fetchNode(version)
  const cli = npmCli()
  if (cli === undefined) throw new Error('start this with `npm run test:nodes`')
  const folder = mkdtempSync(join(tmpdir(), `knothole-node-${version}-`))
  const logFile = join(root, '.cache/nodes', `${version}.log`)
  const log = openSync(logFile, 'w')
  const path = `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`
  const bench = { node, folder, env: { ...process.env, PATH: path, npm_execpath: cli }, log }
  /** @type {string[]} */
  const problems = []
  try {
    const copied = spawnSync('git', ['clone', '--quiet', root, folder], { stdio: 'inherit' })
    if (copied.status !== 0) throw new Error('git clone failed')
    step(bench, [cli, 'ci'])
    step(bench, [cli, 'run', 'build'])
    await note(problems, () => step(bench, [...vitest, '--project=unit', '--reporter=default']))
    await note(problems, () => tryServer(bench))
  } catch (error) {
    problems.push(String(error))
  } finally {
    closeSync(log)
    rmSync(folder, { recursive: true, force: true })
  }
  return problems.length === 0 ? [] : [...problems, `see ${logFile}`, tail(logFile)]
}

/** @type {(problems: string[], attempt: () => void | Promise<void>) => Promise<void>} */
const note = async (problems, attempt) => {
  try {
    await attempt()
  } catch (error) {
    problems.push(String(error))
  }
}

/** @param {string} file */
const tail = (file) => readFileSync(file, 'utf8').split('\n').slice(-25).join('\n')

const count = { passed: 0, failed: 0, skipped: 0 }
for (const version of versions) {
  const startMs = performance.now()
  const problems = await tryVersion(version)
  const seconds = Math.round((performance.now() - startMs) / 1000)
  count[problems.length === 0 ? 'passed' : 'failed'] += 1
  const verdict = problems.join('\n  ') || 'installs, builds, passes its unit tests, serves'
  console.log(`Node ${version}: ${verdict} (${seconds} s)`)
}
console.log(countLine(count))
process.exitCode = count.failed === 0 ? 0 : 1
