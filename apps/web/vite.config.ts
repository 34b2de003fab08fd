// Builds the page as one file: script and style are written into index.html, so that opening a link
// costs one request and the server can name both by hash in its Content-Security-Policy. What a first
// load does not need is built as parts, files of their own, which scripts `import()`.
import { createHash } from 'node:crypto'
import { build, defineConfig } from 'vite'
import type { InlineConfig, Plugin } from 'vite'
import { buildParts, emitParts, importParts } from './tools/parts.ts'
import type { Parts } from './tools/parts.ts'

/** What is fetched when it is wanted first, by the file that scripts import. */
const PARTS = {
  'qr-code': 'src/parts/qr-code.ts',
  care: 'src/care/care-dialog.tsx',
  home: 'src/home/home.tsx',
  doctor: 'src/doctor/doctor.tsx',
  room: 'src/room/room-part.ts',
  notices: 'src/room/notice-part.ts',
  stop: 'src/stop/stop-screen.tsx',
  detours: '../../packages/engine/src/browser/detours.ts',
  'make-room': '../../packages/engine/src/browser/make-room.ts',
  paper: '../../packages/engine/src/browser/paper.ts',
  'paper-panel': 'src/paper/paper-panel.tsx',
}

/** What every room fetches at once: a file by itself, so that it waits for no other. */
const WHOLE_PARTS = {
  log: '../../packages/engine/src/browser/log.ts',
}

/** Moves the one script and the one style of the build into the page. */
function inlineEverything(): Plugin {
  return {
    name: 'knothole-inline',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = Object.values(bundle).find(({ fileName }) => fileName.endsWith('.html'))
      if (page?.type !== 'asset') throw new Error('there is no page in the build')
      let html = String(page.source)
      for (const [file, output] of Object.entries(bundle)) {
        if (output === page) continue
        if (output.type === 'chunk')
          html = html.includes(LATER)
            ? html
                .replace(scriptTag(file), '')
                .replace(LATER, () => laterPage(plainImports(output.code)))
            : html.replace(scriptTag(file), () =>
                script(plainImports(output.code), ' type="module"'),
              )
        else html = html.replace(styleTag(file), () => `<style>${String(output.source)}</style>`)
        if (html.includes(file)) throw new Error(`${file} could not be inlined`)
        delete bundle[file]
      }
      page.source = html
    },
  }
}

/** Leaves out Vite's preloading of styles, which parts do not have: its wrapping is undone below. */
function noPreload(): Plugin {
  return {
    name: 'knothole-no-preload',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      return id.includes('vite/preload-helper') ? 'export const __vitePreload = 0' : undefined
    },
  }
}

/** Undoes Vite's wrapping of dynamic imports. */
function plainImports(code: string): string {
  const plain = code.replaceAll(/[\w$]+\(\(\)=>(import\(`[^`]+`\)),__VITE_PRELOAD__\)/g, '$1')
  if (plain.includes('__VITE_PRELOAD__')) throw new Error('an import is wrapped in a way not known')
  return plain
}

/**
 * Writes the head start and the engine into the page as scripts of their own, before everything else:
 * they run while the rest of the page is still arriving.
 */
function scriptsFirst(): Plugin {
  return {
    name: 'knothole-scripts-first',
    apply: 'build',
    async transformIndexHtml(html) {
      let page = html
      for (const [mark, entry] of Object.entries(SCRIPTS_FIRST)) {
        if (!page.includes(mark)) continue
        const code = await buildClassic(entry)
        page = page.replace(mark, () => script(code, ''))
      }
      return page
    },
  }
}

const SCRIPTS_FIRST = {
  '<!-- head start -->': 'src/head-start.ts',
  '<!-- engine first -->': 'src/engine-first.ts',
}

/** One entry as one classic script, which runs where it stands, unlike a module. */
async function buildClassic(
  entry: string,
  define: Readonly<Record<string, string>> = {},
): Promise<string> {
  const output = await build({
    ...ALONE,
    define: { ...ALONE.define, ...define },
    plugins: [importParts(parts)],
    build: {
      write: false,
      target: TARGET,
      lib: { entry, formats: ['iife'], name: 'knotholePage' },
    },
  })
  const [chunk] = [output].flat().flatMap((built) => ('output' in built ? built.output : []))
  if (chunk?.type !== 'chunk') throw new Error(`${entry} was not built`)
  return chunk.code
}

/**
 * Writes the service worker beside the page, with what it has to keep: another file for every build, by
 * which browsers know that there is another page.
 */
function emitWorker(): Plugin {
  return {
    name: 'knothole-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const page = Object.values(bundle).find(({ fileName }) => fileName === 'index.html')
      if (page?.type !== 'asset') return
      const files = (await parts()).files.map(({ fileName }) => `/${fileName}`)
      const hash = createHash('sha256').update(page.source).update(files.join())
      const edition = { version: hash.digest('hex').slice(0, 16), files }
      const source = await buildClassic('src/offline/worker.ts', {
        KNOTHOLE_EDITION: JSON.stringify(edition),
      })
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

/** Packages are built from their sources. */
const CONDITIONS = ['source', 'module', 'browser', 'import', 'default']

/** The first releases with Ed25519 in WebCrypto, which the engine needs. */
const TARGET = ['chrome137', 'firefox129', 'safari17.5']

/** The same in tests as in what ships: parts take these functions from the page. */
const JSX = {
  runtime: 'automatic',
  importSource: 'preact',
  development: false,
} as const

/** A build beside that of the page. */
const ALONE = {
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: CONDITIONS },
  // Vite leaves this open in what it builds as a library.
  define: { 'process.env.NODE_ENV': '"production"' },
  oxc: { jsx: JSX },
} satisfies InlineConfig

/** The parts, built once for all scripts of the page. */
function parts(): Promise<Parts> {
  built ??= Promise.all([PARTS, WHOLE_PARTS].map((part) => buildSome(part))).then(
    ([some, whole]) => ({
      fileOf: new Map([...(some?.fileOf ?? []), ...(whole?.fileOf ?? [])]),
      files: [...(some?.files ?? []), ...(whole?.files ?? [])],
    }),
  )
  return built
}

function buildSome(entries: Readonly<Record<string, string>>): Promise<Parts> {
  return buildParts(entries, 'src/shared.ts', { ...ALONE, build: { target: TARGET } })
}

let built: Promise<Parts> | undefined

/** The page proper as text: the browser reads it when `engine-first.ts` says so. */
const laterPage = (code: string): string => script(code, PAGE_TYPE)

/** Where it stands in a page whose first scripts decide when it is read; any other has a module. */
const LATER = '<!-- page proper -->'

const PAGE_TYPE = ' type="text/plain" id="knothole-page"'

const scriptTag = (file: string): RegExp =>
  new RegExp(`<script type="module"[^>]*src="/${file}"></script>`)

const styleTag = (file: string): RegExp => new RegExp(`<link rel="stylesheet"[^>]*href="/${file}">`)

/** The HTML parser ends a script at `</script` wherever it stands, in strings too. */
function script(code: string, attributes: string): string {
  const safe = code.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  return `<script${attributes}>${safe}</script>`
}

export default defineConfig({
  resolve: { conditions: CONDITIONS },
  oxc: { jsx: JSX },
  build: {
    target: TARGET,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    emptyOutDir: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
  plugins: [
    noPreload(),
    importParts(parts),
    scriptsFirst(),
    inlineEverything(),
    emitParts(parts),
    emitWorker(),
  ],
})
