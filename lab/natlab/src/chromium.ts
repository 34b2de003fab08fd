// Headless Chromium on a host of the lab, driven by Playwright: a wrapper script as the executable
// enters the host's namespace, so that several browsers of one Node process live in several networks.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { chromium, type Browser, type BrowserContext, type LaunchOptions } from 'playwright-core'

import { STOCK_ORIGIN, WEB_ORIGIN } from './addresses.ts'
import type { Host } from './host.ts'
import { LabError } from './lab-error.ts'
import { chromiumSupport, findChromium } from './support.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

/** A browser on a host; close it before the lab. */
export interface HostBrowser {
  readonly browser: Browser
  close(): Promise<void>
}

const FLAGS = [
  // The pages are plain http in the lab, and WebCrypto asks for a secure context.
  `--unsafely-treat-insecure-origin-as-secure=${WEB_ORIGIN},${STOCK_ORIGIN}`,
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--no-proxy-server',
]

/** A browser with a profile of its own on a host. */
export interface ProfileBrowser {
  readonly context: BrowserContext
  /** Ends it at once, as a crash would; the profile stays. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Starts Chromium inside a host's namespace, with more words for its command line if wanted. */
export async function launchChromium(
  host: Host,
  moreWords: readonly string[] = [],
): Promise<HostBrowser> {
  const folder = makeTemporaryFolder()
  try {
    const executablePath = await writeWrapper(host, folder.path)
    const browser = await chromium.launch({ ...launchOptions(moreWords), executablePath })
    return {
      browser,
      close: async () => {
        await browser.close()
        folder.remove()
      },
    }
  } catch (error) {
    folder.remove()
    throw error
  }
}

/** The same with a profile in this folder, which it finds again when it is started again. */
export async function launchProfile(
  host: Host,
  folder: string,
  moreWords: readonly string[] = [],
): Promise<ProfileBrowser> {
  const executablePath = await writeWrapper(host, folder)
  const profile = join(folder, 'profile')
  const context = await chromium.launchPersistentContext(profile, {
    ...launchOptions(moreWords),
    executablePath,
  })
  const pid = Number(await readFile(join(folder, PID_FILE), 'utf8'))
  const closed = new Promise((resolve) => {
    context.once('close', resolve)
  })
  return {
    context,
    kill: async () => {
      // Its children with it: Playwright starts a browser as the head of a group.
      process.kill(-pid, 'SIGKILL')
      await closed
    },
    close: () => context.close(),
  }
}

const PID_FILE = 'pid'

/** The wrapper becomes the browser, so its number is the browser's. */
async function writeWrapper(host: Host, folder: string): Promise<string> {
  const program = findChromium()
  if (program === undefined) {
    const support = chromiumSupport()
    throw new LabError('chromium-missing', support.ok ? '' : support.reason)
  }
  const wrapper = join(folder, 'chromium')
  const script = [
    '#!/bin/sh',
    `echo $$ > '${join(folder, PID_FILE)}'`,
    `exec ip netns exec ${host.namespace.name} '${program}' "$@"`,
    '',
  ]
  await writeFile(wrapper, script.join('\n'), { mode: 0o755 })
  return wrapper
}

function launchOptions(moreWords: readonly string[]): LaunchOptions {
  return {
    args: [...FLAGS, ...moreWords],
    // The lab runs as root (or as root of a user namespace), where Chromium's sandbox refuses.
    chromiumSandbox: false,
    // The lab's own signal handler closes everything, in order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  }
}
