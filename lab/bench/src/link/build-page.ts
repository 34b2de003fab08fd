/** Builds the page of the `link` bench from the sources, the engine's included, into one script. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** The script. */
export async function buildLinkPage(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: {
      write: false,
      target: 'es2023',
      lib: {
        entry: fileURLToPath(new URL('../../src/link/link-page.testing.ts', import.meta.url)),
        formats: ['iife'],
        name: 'linkPage',
      },
    },
  })
  const [chunk] = [output].flat().flatMap((built) => ('output' in built ? built.output : []))
  if (chunk?.type !== 'chunk') throw new Error('the page of the link bench was not built')
  return chunk.code
}
