// The page: one HTML file with its script and style inside, read once. Its configuration is written
// into it per host, and its inline parts are named by hash for the security policy.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PageConfig } from '@knothole/wire'
import { encodeBody } from './encoded-body.ts'
import type { EncodedBody } from './encoded-body.ts'
import type { InlineHashes } from './security-headers.ts'

const CONFIG = /(<script id="knothole-config" type="application\/json">)[\s\S]*?(<\/script>)/

/** Configurations kept compressed: one per name the server is reached by. */
const MAX_CONFIGS = 16

export class Page {
  readonly hashes: InlineHashes
  readonly #html: string
  readonly #bodies = new Map<string, Promise<EncodedBody>>()

  constructor(html: string) {
    if (!CONFIG.test(html)) throw new Error('the page has no script element "knothole-config"')
    this.#html = html
    this.hashes = inlineHashesOf(html)
  }

  /** The page with a configuration in it. */
  bodyFor(config: PageConfig): Promise<EncodedBody> {
    // `<` is escaped so that no text can end the script element.
    const json = JSON.stringify(config).replaceAll('<', String.raw`\u003c`)
    const known = this.#bodies.get(json)
    if (known !== undefined) return known
    const html = this.#html.replace(CONFIG, (_all, open: string, close: string) => {
      return `${open}${json}${close}`
    })
    const body = encodeBody(Buffer.from(html))
    const [oldest] = this.#bodies.keys()
    if (oldest !== undefined && this.#bodies.size >= MAX_CONFIGS) this.#bodies.delete(oldest)
    this.#bodies.set(json, body)
    return body
  }
}

/** Reads the page of a build; undefined when there is none. */
export async function readPage(folder: string): Promise<Page | undefined> {
  const file = join(folder, 'index.html')
  const html = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  return html === undefined ? undefined : new Page(html)
}

/** Hashes of the inline scripts that run and of the inline styles (CSP3, section 6.7.3). */
function inlineHashesOf(html: string): InlineHashes {
  const scripts: string[] = []
  for (const [, attributes = '', code = ''] of html.matchAll(
    /<script([^>]*)>([\s\S]*?)<\/script>/g,
  )) {
    const isData = attributes.includes('application/json') || /\ssrc=/.test(attributes)
    if (!isData) scripts.push(hashOf(code))
  }
  const styles = [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map(([, text = '']) =>
    hashOf(text),
  )
  return { scripts, styles }
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
