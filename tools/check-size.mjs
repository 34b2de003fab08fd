// Holds the page to its weight: all script and style that apps/web ships, each file gzipped as a
// server would, inline parts of its HTML included. Needs a build and says so.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { listFiles } from './files.mjs'

/** 60 kB: about a second on a slow phone line, and a fifth of what a framework page ships. */
export const limitBytes = 60_000

/**
 * @typedef {{ path: string, gzipBytes: number }} Weight
 * @typedef {{ weights: Weight[], totalBytes: number, problems: string[] }} SizeReport
 */

/**
 * Weighs the built page.
 * @param {string} folder the checkout
 * @returns {SizeReport}
 */
export function checkSize(folder) {
  const dist = join(folder, 'apps/web/dist')
  if (!existsSync(join(dist, 'index.html'))) {
    const problem = 'apps/web/dist/index.html is missing: run `npm run build` first'
    return { weights: [], totalBytes: 0, problems: [problem] }
  }
  const weights = listFiles(dist).flatMap((path) => {
    const content = weighed(path, readFileSync(join(dist, path)))
    return content.length === 0 ? [] : [{ path, gzipBytes: gzipSync(content).length }]
  })
  const totalBytes = weights.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0)
  const over = `script and style are ${totalBytes} bytes gzipped, at most ${limitBytes} are allowed`
  const empty = totalBytes === 0 ? ['apps/web/dist has no script and no style'] : []
  return { weights, totalBytes, problems: totalBytes > limitBytes ? [over] : empty }
}

/**
 * The part of a file that counts: all of a script or style, the inline ones of a document.
 * @param {string} path
 * @param {Buffer} content
 * @returns {Buffer}
 */
function weighed(path, content) {
  if (/\.(?:js|mjs|css)$/.test(path)) return content
  if (!path.endsWith('.html')) return Buffer.alloc(0)
  const inline = content.toString().matchAll(/<(script|style)\b[^>]*>([\s\S]*?)<\/\1>/g)
  return Buffer.from([...inline].map(([, , text]) => text).join(''))
}

/**
 * The report as lines for a person, heaviest file first.
 * @param {SizeReport} report
 * @returns {string}
 */
export function sizeTable({ weights, totalBytes }) {
  const rows = [...weights].toSorted((a, b) => b.gzipBytes - a.gzipBytes)
  const lines = [...rows, { path: `of ${limitBytes} allowed`, gzipBytes: totalBytes }]
  return lines.map((row) => `${String(row.gzipBytes).padStart(7)}  ${row.path}`).join('\n')
}
