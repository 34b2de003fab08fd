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
  /** Ends it and removes its data. */
  close(): Promise<void>
}

/** Starts the server on a free port of loopback with this page. */
export async function startRendezvous(
  { html, parts }: BuiltPage,
  more: readonly string[] = ['--no-stun'],
): Promise<Rendezvous> {
  const folder = await mkdtemp(join(tmpdir(), 'knothole-rendezvous-'))
  await writeFile(join(folder, 'index.html'), html)
  await mkdir(join(folder, 'assets'))
  for (const [path, code] of parts) await writeFile(join(folder, path), code)
  const flags = ['--host', '127.0.0.1', '--port', '0', '--log-level', 'debug', ...more]
  const child = spawn(process.execPath, [MAIN, ...flags, '--page', folder, '--data', folder])
  const ended = once(child, 'exit')
  const output: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line))
  const lines = createInterface({ input: child.stdout }).on('line', (line) => output.push(line))
  await Promise.race([once(lines, 'line'), ended])
  const origin = output.map((line) => /^Knothole is at (\S+)$/.exec(line)?.[1]).find(Boolean)
  if (origin === undefined) throw new Error(`the server did not start: ${output.join('\n')}`)
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  return {
    origin,
    output,
    kill,
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
