// The real server for the page's system tests: the built command, as users start it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { BuiltPage } from './browser.testing.ts'

const MAIN = fileURLToPath(new URL('../../../rendezvous/dist/shell/main.js', import.meta.url))

/** A running server and everything it wrote. */
export interface Rendezvous {
  readonly origin: string
  readonly output: readonly string[]
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Starts it again where it was, with another page. */
  renew(page: BuiltPage): Promise<void>
  /** Ends it and removes its data. */
  close(): Promise<void>
}

/** Starts the server on a free port of loopback with this page. */
export async function startRendezvous(
  page: BuiltPage,
  more: readonly string[] = ['--no-stun'],
): Promise<Rendezvous> {
  const folder = await mkdtemp(join(tmpdir(), 'knothole-rendezvous-'))
  const output: string[] = []
  const start = async (shown: BuiltPage, port: string): Promise<Running> => {
    await layOut(folder, shown)
    return launch({ folder, output, flags: ['--port', port, ...more] })
  }
  let running = await start(page, '0')
  const { origin } = running
  return {
    origin,
    output,
    kill: () => running.kill(),
    async renew(another) {
      await running.kill()
      running = await start(another, new URL(origin).port)
    },
    async close() {
      await running.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Puts a page where the server looks for it, and nothing of an earlier one. */
async function layOut(folder: string, { html, parts }: BuiltPage): Promise<void> {
  await rm(join(folder, 'assets'), { recursive: true, force: true })
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), html)
  for (const [path, code] of parts) await writeFile(join(folder, path), code)
}

interface Running {
  readonly origin: string
  kill(): Promise<void>
}

async function launch(options: {
  readonly folder: string
  readonly output: string[]
  readonly flags: readonly string[]
}): Promise<Running> {
  const { folder, output, flags } = options
  const own = ['--host', '127.0.0.1', '--log-level', 'debug', '--page', folder, '--data', folder]
  const child = spawn(process.execPath, [MAIN, ...own, ...flags])
  const ended = once(child, 'exit')
  const from = output.length
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line))
  const lines = createInterface({ input: child.stdout }).on('line', (line) => output.push(line))
  await Promise.race([once(lines, 'line'), ended])
  const said = output.slice(from)
  const origin = said.map((line) => /^Knothole is at (\S+)$/.exec(line)?.[1]).find(Boolean)
  if (origin === undefined) throw new Error(`the server did not start: ${said.join('\n')}`)
  return {
    origin,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
