// The command: reads options, starts the server, prints its address, stops on SIGTERM or SIGINT.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createLogger } from './logger.ts'
import { helpText } from './options/option-table.ts'
import { OptionsError } from './options/options-error.ts'
import { readOptions } from './options/options.ts'
import type { ServerOptions } from './options/options.ts'
import { CLOSE_WITHIN_MS, openServer } from './server.ts'
import type { RunningServer } from './server.ts'
import { ListenError } from './listen-error.ts'

/** Exit codes: 1 for what went wrong, 2 for a command that was wrong, 128+n for signal n. */
const FAILED = 1
const USAGE = 2
const SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

const options = optionsOrExit()
if (options === 'help') process.stdout.write(helpText())
else await run(options)

function optionsOrExit(): ServerOptions | 'help' {
  try {
    return readOptions({
      argv: process.argv.slice(2),
      environment: process.env,
      readFile: (path) => readFileSync(path, 'utf8'),
    })
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    process.stderr.write(`knothole: ${error.message}\nTry --help.\n`)
    process.exit(USAGE)
  }
}

async function run(serverOptions: ServerOptions): Promise<void> {
  const logger = createLogger(serverOptions.logLevel, (line) => process.stderr.write(line))
  let server: RunningServer
  try {
    server = await openServer(serverOptions, logger)
  } catch (error) {
    process.stderr.write(`knothole: ${explain(error, serverOptions)}\n`)
    process.exit(FAILED)
  }
  stopOnSignal(server)
  process.stdout.write(`Knothole is at ${server.url}\n`)
}

/** The first signal stops gracefully, the second at once. */
function stopOnSignal(server: RunningServer): void {
  let isStopping = false
  const stop = (signal: keyof typeof SIGNAL): void => {
    if (isStopping) process.exit(SIGNAL[signal])
    isStopping = true
    setTimeout(() => process.exit(FAILED), CLOSE_WITHIN_MS).unref()
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`knothole: stopping failed: ${String(error)}\n`)
        process.exit(FAILED)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/** What went wrong at the start and what to do about it. */
function explain(error: unknown, { host, port, dataFolder }: ServerOptions): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ListenError) return error.message
  const code = 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use by another program, perhaps another Knothole: stop it, or choose another with --port`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host ?? ''}: choose one it has with --host, or none for all`
    case 'EACCES':
    case 'EPERM':
      return `not allowed: port ${port} below 1024 needs privileges, and ${dataFolder} must be writable (${error.message})`
    default:
      return `could not start with the data in ${dataFolder}: ${error.message}`
  }
}
