// Files of the page's build other than the page itself, read once and served from memory: a request
// can name no path on the disk. Serves only kinds of files a page asks for.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { encodeBody } from './encoded-body.ts'
import type { EncodedBody } from './encoded-body.ts'

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
])

/** A name with the hash of its content, as Vite writes it, never means other content. */
const HASHED_NAME = /-[\w-]{8,}\.\w+$/

export interface StaticFile {
  readonly contentType: string
  readonly cacheControl: string
  readonly body: EncodedBody
}

/** The files by their path in a URL. */
export async function readStaticFiles(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const contentType = CONTENT_TYPES.get(extname(entry.name))
    if (!entry.isFile() || contentType === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = `/${relative(folder, file).split(sep).join('/')}`
    const isHashed = HASHED_NAME.test(entry.name)
    files.set(path, {
      contentType,
      cacheControl: isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      body: await encodeBody(await readFile(file)),
    })
  }
  return files
}
