// Parts of the page that are fetched when they are wanted first: built together as modules, each a file
// named by its content, and found again where a script writes `import('…')`. Refuses a dynamic import of
// anything else, so that no part slips into the first load or out of the limits of its size.
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import type { InlineConfig, Plugin } from 'vite'

/** Where built parts lie, below the page. */
const FOLDER = 'assets'

interface PartFile {
  readonly fileName: string
  readonly code: string
}

/** The built parts: the name of the file that holds a source file, and all files. */
export interface Parts {
  readonly fileOf: ReadonlyMap<string, string>
  readonly files: readonly PartFile[]
}

/**
 * Builds every part at once: what two of them need becomes a file of its own, and what the page's file
 * `shared` exports is taken from the page.
 */
export async function buildParts(
  entries: Readonly<Record<string, string>>,
  shared: string,
  config: InlineConfig & { readonly root: string },
): Promise<Parts> {
  const output = await build({
    ...config,
    plugins: [sharedByPage(resolve(config.root, shared))],
    build: {
      ...config.build,
      write: false,
      modulePreload: false,
      lib: { entry: { ...entries }, formats: ['es'] },
      rolldownOptions: {
        output: {
          minify: true,
          // What cannot change is looked up once by V8, such as the tables of SHA-256; Vite makes it variables.
          topLevelVar: false,
          entryFileNames: `${FOLDER}/[name]-[hash].js`,
          chunkFileNames: `${FOLDER}/shared-[hash].js`,
        },
      },
    },
  })
  const fileOf = new Map<string, string>()
  const files: PartFile[] = []
  for (const chunk of [output].flat().flatMap((built) => ('output' in built ? built.output : []))) {
    if (chunk.type !== 'chunk')
      throw new Error(`a part has a file that is no script: ${chunk.fileName}`)
    files.push({ fileName: chunk.fileName, code: chunk.code })
    const entry = chunk.isEntry ? entries[chunk.name] : undefined
    if (entry !== undefined) fileOf.set(resolve(config.root, entry), chunk.fileName)
  }
  return { fileOf, files }
}

/** Gives parts what the page shares with them: the exports that this file of the page lists. */
function sharedByPage(file: string): Plugin {
  const names = new Map<string, string>()
  return {
    name: 'knothole-shared',
    async buildStart() {
      const list = await readFile(file, 'utf8')
      for (const [, exported = '', source = ''] of list.matchAll(
        /export \{([^}]+)\} from '(.+?)'/g,
      )) {
        const found = await this.resolve(source, file)
        if (found === null) throw new Error(`${source} is shared and cannot be found`)
        names.set(found.id, exported)
      }
    },
    load(id) {
      const exported = names.get(id)
      if (exported === undefined) return undefined
      return { code: `export const {${exported}} = globalThis.knotholeShared`, moduleType: 'js' }
    },
  }
}

/** Lets a script import parts by the address of their files. */
export function importParts(parts: () => Promise<Parts>): Plugin {
  return {
    name: 'knothole-import-parts',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, { kind }) {
      if (kind !== 'dynamic-import') return undefined
      const found = await this.resolve(source, importer, { skipSelf: true, kind })
      const file = (await parts()).fileOf.get(found?.id ?? '')
      if (file === undefined) throw new Error(`${source} is no part: list it in vite.config.ts`)
      return { id: `/${file}`, external: 'absolute' }
    },
  }
}

/** Writes the parts' files beside the page, and removes those of earlier builds. */
export function emitParts(parts: () => Promise<Parts>): Plugin {
  let outDir = ''
  return {
    name: 'knothole-emit-parts',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    async buildStart() {
      await rm(join(outDir, FOLDER), { recursive: true, force: true })
    },
    async generateBundle() {
      for (const { fileName, code } of (await parts()).files)
        this.emitFile({ type: 'asset', fileName, source: code })
    },
  }
}
