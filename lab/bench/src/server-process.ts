/** Starts a server program in a process of its own, waits until it listens, and ends it again. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { BenchError } from './bench.ts'

const startTimeoutMs = 15_000
const retryMs = 50
const stopTimeoutMs = 3000
/** Enough of a failed server's last words to see why. */
const lastWordsLength = 2000

/** A program, and the TCP port it will listen on. */
export interface ServerProgram {
  /** A script for this Node, or with `isNative` a program of its own. */
  readonly program: string
  readonly isNative?: boolean
  readonly args: readonly string[]
  readonly port: number
}

/** A running server. */
export interface ServerProcess {
  readonly pid: number
  close(): Promise<void>
}

/** Starts the program and returns once its port accepts a connection. */
export async function startServer(server: ServerProgram): Promise<ServerProcess> {
  const { program, isNative, args, port } = server
  const child =
    isNative === true
      ? spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      words = (words + bytes.toString()).slice(-lastWordsLength)
    })
  }
  const exited = once(child, 'exit')
  // Also when a signal ends the bench before it can close anything.
  const killOnExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killOnExit)
  const close = async (): Promise<void> => {
    process.off('exit', killOnExit)
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    await exited
    clearTimeout(hard)
  }
  const deadlineMs = performance.now() + startTimeoutMs
  while (!(await accepts(port))) {
    const gone = child.exitCode !== null || child.signalCode !== null
    if (!gone && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, retryMs))
      continue
    }
    await close()
    throw new BenchError('server-start', `${program} did not listen on port ${port}.\n${words}`)
  }
  return { pid: child.pid ?? 0, close }
}

/** A TCP port that was free a moment ago, for programs that must be told one. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
