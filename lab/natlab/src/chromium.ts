// Headless Chromium on a host of the lab, driven by Playwright: a wrapper script as the executable
// enters the host's namespace, so that several browsers of one Node process live in several networks.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { chromium, type Browser } from 'playwright-core'

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

/** Starts Chromium inside a host's namespace, with more words for its command line if wanted. */
export async function launchChromium(
  host: Host,
  moreWords: readonly string[] = [],
): Promise<HostBrowser> {
  const program = findChromium()
  if (program === undefined) {
    const support = chromiumSupport()
    throw new LabError('chromium-missing', support.ok ? '' : support.reason)
  }
  const folder = makeTemporaryFolder()
  const wrapper = join(folder.path, 'chromium')
  const script = `#!/bin/sh\nexec ip netns exec ${host.namespace.name} '${program}' "$@"\n`
  await writeFile(wrapper, script, { mode: 0o755 })
  try {
    const browser = await chromium.launch({
      executablePath: wrapper,
      args: [...FLAGS, ...moreWords],
      // The lab runs as root (or as root of a user namespace), where Chromium's sandbox refuses.
      chromiumSandbox: false,
      // The lab's own signal handler closes everything, in order.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
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
