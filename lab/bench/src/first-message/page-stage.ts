/** The stage of contenders that are one page and a WebSocket address on a site of ours. */
import type { Page } from 'playwright-core'
import type { Network } from '../network.ts'
import type { SiteOptions } from '../site.ts'
import { openSite } from '../site.ts'
import type { Stage } from './contender.ts'
import { greeting } from './contender.ts'

/** Where a page's script stands. */
export type Packaging = 'inline' | 'file'

/** What the page is made of. */
export interface PageStageOptions {
  readonly script: string
  /** Inside the page, or a file of its own as every bundler makes it: one more request. */
  readonly packaging: Packaging
  /** Added to the link of both pages, e.g. `server=1234`. */
  readonly query?: string
  readonly onSocket?: SiteOptions['onSocket']
}

/** Opens the site; the waiter gets `?wait` in its address and sets `data-ready` when it waits. */
export async function openPageStage(network: Network, options: PageStageOptions): Promise<Stage> {
  const { query = '', onSocket, script, packaging } = options
  const html = wrapScript(
    packaging === 'inline' ? `<script>${escapeScript(script)}</script>` : fileTag,
  )
  const site = await openSite({ html, script, ...(onSocket === undefined ? {} : { onSocket }) })
  const port = await network.expose(site.port)
  let rooms = 0
  return {
    async arrange(waiter: Page) {
      rooms += 1
      const link = `http://127.0.0.1:${port}/room-${rooms}?${query}`
      await waiter.goto(`${link}&wait`)
      await waiter.waitForSelector('body[data-ready]', { state: 'attached' })
      return link
    },
    close: () => site.close(),
  }
}

const fileTag = '<script src="/script.js"></script>'

/** The smallest page. */
function wrapScript(tag: string): string {
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title>' +
    `<body data-greeting="${greeting}">${tag}</body></html>`
  )
}

function escapeScript(script: string): string {
  return script.replaceAll('</script', String.raw`<\/script`)
}
