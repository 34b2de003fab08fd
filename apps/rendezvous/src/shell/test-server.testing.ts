// Servers for tests: one in this process, or the built command in a process of its own.
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLogger } from './logger.ts'
import { readOptions } from './options/options.ts'
import { openServer } from './server.ts'
import type { RunningServer } from './server.ts'

/** A folder that is removed afterwards. */
export interface TestFolder {
  readonly path: string
  remove(): Promise<void>
}

export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'knothole-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A server in this process on a free port of loopback, without STUN unless asked for. */
export async function openTestServer(
  folder: TestFolder,
  flags: readonly string[] = [],
  onLog: (line: string) => void = () => {},
): Promise<RunningServer> {
  const options = readOptions({
    argv: ['--host', '127.0.0.1', '--port', '0', '--data', folder.path, '--no-stun', ...flags],
    environment: {},
    readFile: () => '{}',
  })
  if (options === 'help') throw new Error('--help is no server')
  return openServer(options, createLogger(options.logLevel, onLog))
}

/** The built command, running. */
export interface TestProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

const MAIN = fileURLToPath(new URL('../../dist/shell/main.js', import.meta.url))

/** A small heap, so that memory which is kept shows, and what is only not yet collected does not. */
const NODE_FLAGS = ['--max-old-space-size=96', '--max-semi-space-size=4']

/** Builds the command if its sources changed. */
export async function buildServer(): Promise<void> {
  const tsc = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))
  const project = fileURLToPath(new URL('../..', import.meta.url))
  await promisify(execFile)(process.execPath, [tsc, '-b', project])
}

/** How the command ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the built command and waits until it says where it is. */
export async function startTestProcess(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<TestProcess> {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, ...flags], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout: string[] = []
  const stderr: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line))
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => stdout.push(line))
  await Promise.race([once(lines, 'line'), once(child, 'exit')])
  const url = /^Knothole is at (\S+)$/.exec(stdout[0] ?? '')?.[1]
  if (url === undefined) throw new Error(`the server did not start: ${stderr.join('\n')}`)
  return { child, url, stdout, stderr }
}

/** Runs the built command until it ends by itself. */
export async function runTestProcess(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProcessEnd> {
  const child = spawn(process.execPath, [MAIN, ...flags], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
