/**
 * Installs the rivals' package when its lockfile changed and bundles their pages once. Nothing of
 * it is a workspace, so a newcomer's `npm start` does not pay for it.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BenchError } from './bench.ts'
import { cacheFolder, rivalsFolder } from './places.ts'

const pagesFolder = join(rivalsFolder, 'pages')
const installedFile = join(rivalsFolder, 'node_modules', '.knothole-bench')

/** A program inside one of the rivals' packages. */
export function rivalProgram(path: string): string {
  return join(rivalsFolder, 'node_modules', path)
}

/** The bundled script of `rivals/pages/NAME.js`, ready to stand inside a page. */
export async function bundleRival(name: string): Promise<string> {
  await installRivals()
  const bundle = join(cacheFolder, `${name}-${await fingerprint()}.js`)
  if (!existsSync(bundle)) {
    await mkdir(cacheFolder, { recursive: true })
    const half = `${bundle}.${process.pid}`
    const rolldown = rivalProgram('rolldown/bin/cli.mjs')
    const options = ['--format', 'iife', '--platform', 'browser', '--minify', '--file', half]
    await run(process.execPath, [rolldown, join(pagesFolder, `${name}.js`), ...options])
    await rename(half, bundle)
  }
  return readFile(bundle, 'utf8')
}

/** Runs `npm ci` for the rivals unless what the lockfile asks for is there already. */
export async function installRivals(): Promise<void> {
  const lock = await readFile(join(rivalsFolder, 'package-lock.json'), 'utf8')
  if (existsSync(installedFile) && (await readFile(installedFile, 'utf8')) === lock) return
  console.error('Installing the rivals (once) ...')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'])
  await writeFile(installedFile, lock)
}

/** Changes with everything a bundle is made from. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  const pages = (await readdir(pagesFolder)).toSorted().map((file) => join(pagesFolder, file))
  for (const file of [join(rivalsFolder, 'package-lock.json'), ...pages]) {
    hash.update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 12)
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { cwd: rivalsFolder, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      words += bytes.toString()
    })
  }
  const [status] = await once(child, 'close')
  if (status !== 0) {
    throw new BenchError('rival-install', `${command} ${args.join(' ')} failed:\n${words}`)
  }
}
