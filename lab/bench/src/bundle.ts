/** Builds a script of a bench from the sources, the engine's included. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** What to build. */
export interface BundleOptions {
  /** A file of `lab/bench/src`. */
  readonly entry: string
  readonly format: 'iife' | 'es'
  /** Files in place of names that the entry imports. */
  readonly alias?: Readonly<Record<string, string>>
}

/** The script. */
export async function bundle({ entry, format, alias = {} }: BundleOptions): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('..', import.meta.url)),
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'], alias },
    build: {
      write: false,
      target: 'es2023',
      // As the parts of the product’s page are built; the same for every contender.
      rolldownOptions: { output: { topLevelVar: false } },
      lib: { entry: sourceFile(entry), formats: [format], name: 'benchPage' },
    },
  })
  const [chunk] = [output].flat().flatMap((built) => ('output' in built ? built.output : []))
  if (chunk?.type !== 'chunk') throw new Error(`${entry} was not built`)
  return chunk.code
}

/** Where a file of `lab/bench/src` lies, seen from the compiled files. */
export function sourceFile(path: string): string {
  return fileURLToPath(new URL(`../src/${path}`, import.meta.url))
}
