// Starts the programs the tools are made of: npm, binaries of node_modules, and our own mains.
// Never goes through a shell with arguments of ours, so nothing needs quoting.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The checkout these tools belong to. */
export const root = resolve(fileURLToPath(new URL('..', import.meta.url)))

/**
 * Runs a program in the checkout with our stdio and waits for it.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {number} its exit code; 1 when it could not start or died of a signal
 */
export function run(file, args, options = {}) {
  const result = spawnSync(file, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) console.error(`${file}: ${result.error.message}`)
  return result.status ?? 1
}

/**
 * The script of npm: of the one that started us, so that both use the same settings, or of the one
 * that came with this Node.
 * @returns {string | undefined}
 */
export function npmCli() {
  const cli = process.env['npm_execpath']
  if (cli !== undefined && basename(cli) === 'npm-cli.js') return cli
  const home = dirname(realpathSync(process.execPath))
  return ['../lib/node_modules', 'node_modules', '../share/nodejs', '../share']
    .map((folder) => resolve(home, folder, 'npm/bin/npm-cli.js'))
    .find((path) => existsSync(path))
}

/**
 * Runs npm with this Node.
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 */
export function npm(args, options = {}) {
  const cli = npmCli()
  if (cli !== undefined) return run(process.execPath, [cli, ...args], options)
  // Windows only starts npm.cmd through a shell; every argument we pass is free of spaces.
  return run('npm', args, { ...options, shell: process.platform === 'win32' })
}

/**
 * Runs a command line tool of an installed package with this Node.
 * @param {string} packageName
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function tool(packageName, args, options = {}) {
  const folder = join(root, 'node_modules', packageName)
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = typeof bin === 'string' ? bin : (bin[packageName] ?? bin['tsc'])
  if (file === undefined) throw new Error(`${packageName} has no command`)
  return run(process.execPath, [join(folder, file), ...args], options)
}

/**
 * Becomes the program `main`: same process, so signals and the exit code are its own, and killing
 * us leaves nothing behind that holds the port.
 * @param {string} main path in the checkout
 * @param {readonly string[]} args
 */
export async function become(main, args) {
  const file = join(root, main)
  process.argv.splice(1, Infinity, file, ...args)
  await import(pathToFileURL(file).href)
}
