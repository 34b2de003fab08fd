// Builds what a test puts into a real browser's page: one of the files beside this one, with the engine's
// sources in it, as one script.
import { build } from 'vite'

/** The script of `NAME.testing.ts`. */
export async function bundlePage(name: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: {
      write: false,
      target: 'chrome137',
      lib: { entry: `${import.meta.dirname}/${name}.testing.ts`, formats: ['iife'], name: 'it' },
    },
  })
  const [chunk] = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  if (chunk?.type !== 'chunk') throw new Error('nothing was built')
  return chunk.code
}
