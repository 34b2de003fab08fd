/** Finds and starts the one headless Chromium of a bench. It downloads none. */
import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'
import { BenchError } from './bench.ts'

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where Chromium lies: what `CHROMIUM` says, or the first of the usual places that has one. */
export function findChromium(): string | undefined {
  return process.env['CHROMIUM'] ?? usualPaths.find((path) => existsSync(path))
}

/** Starts Chromium, with more words for its command line where a bench needs them. */
export async function launchChromium(words: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new BenchError(
      'missing-part',
      'No Chromium found: install it, or set CHROMIUM to its path.',
    )
  }
  // Chromium's sandbox refuses to run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args: [...quiet, ...asRoot, ...words] })
}
