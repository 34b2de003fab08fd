// Builds the page of the transfer scenario from the sources, into a folder the rendezvous can serve.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'vite'

const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Transfer</title>
<script id="knothole-config" type="application/json">{ "stunUrls": [] }</script>
</head><body><script type="module" src="/transfer.js"></script></body></html>`

/** Builds into this folder. */
export async function buildTransferPage(folder: string): Promise<void> {
  const entry = fileURLToPath(
    new URL('../../src/scenario/transfer-page.testing.ts', import.meta.url),
  )
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: { input: entry, output: { entryFileNames: 'transfer.js' } },
    },
  })
  await writeFile(join(folder, 'index.html'), HTML)
}
