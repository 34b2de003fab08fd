// Holds the page to its weight: all script and style of its first load, and each part that is fetched
// when it is wanted, gzipped as a server would, inline parts of its HTML included. Needs a build and
// says so. docs/decisions/0007-lazy-parts.md says what is a part and why.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { listFiles } from './files.mjs'

/** 60 kB: about a second on a slow phone line, and a fifth of what a framework page ships. */
export const limitBytes = 60_000

/**
 * What each part may weigh, by the name its file has before the hash. A part without a limit is a
 * problem: what is fetched late is fetched all the same.
 * @type {Readonly<Record<string, number>>}
 */
export const partLimitsBytes = {
  // The ladder, relays and NAT report: everything for links that are not up at once; the mesh of a large room.
  detours: 29_000,
  // The log, its sync, the talk and the store, with all they need: one file that every room fetches at once.
  log: 47_000,
  // The conversation with all that can be done in it, its list of any length, the people in it.
  room: 31_000,
  // Who came and went, between the messages.
  notices: 2_000,
  // How a conversation is kept, saved and forgotten.
  care: 5_000,
  // The first screen, which who comes by a link does without.
  home: 6_000,
  // Asks servers for a room.
  'make-room': 1_000,
  // Invitations on paper, with schemas and CBOR of their own.
  paper: 4_000,
  // What the page shows of them.
  'paper-panel': 4_000,
  // What stops people before they are in a room.
  stop: 2_000,
  // The page /doctor.
  doctor: 10_000,
  // Draws the link as a QR code.
  'qr-code': 5_000,
  // The service worker, registered when the page is idle.
  sw: 1_500,
  // What two parts need.
  shared: 17_000,
}

/**
 * @typedef {{ path: string, gzipBytes: number, part: string | undefined }} Weight
 * @typedef {{ weights: Weight[], totalBytes: number, problems: string[] }} SizeReport
 */

/**
 * Weighs the built page.
 * @param {string} folder the checkout
 * @param {Readonly<Record<string, number>>} [partLimits]
 * @returns {SizeReport} `totalBytes` is the first load's
 */
export function checkSize(folder, partLimits = partLimitsBytes) {
  const dist = join(folder, 'apps/web/dist')
  if (!existsSync(join(dist, 'index.html'))) {
    const problem = 'apps/web/dist/index.html is missing: run `npm run build` first'
    return { weights: [], totalBytes: 0, problems: [problem] }
  }
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const weights = listFiles(dist).flatMap((path) => {
    const content = weighed(path, readFileSync(join(dist, path)))
    const weight = { path, gzipBytes: gzipSync(content).length, part: partOf(path, html) }
    return content.length === 0 ? [] : [weight]
  })
  const totalBytes = sum(weights.filter(({ part }) => part === undefined))
  const over = `script and style are ${totalBytes} bytes gzipped, at most ${limitBytes} are allowed`
  const problems = totalBytes > limitBytes ? [over] : []
  if (totalBytes === 0) problems.push('apps/web/dist has no script and no style')
  return { weights, totalBytes, problems: [...problems, ...partProblems(weights, partLimits)] }
}

/**
 * @param {Weight[]} weights
 * @param {Readonly<Record<string, number>>} limits
 */
function partProblems(weights, limits) {
  const parts = new Set(weights.flatMap(({ part }) => part ?? []))
  return [...parts].flatMap((name) => {
    const limit = limits[name]
    if (limit === undefined) return [`the part ${name} has no limit in tools/check-size.mjs`]
    const bytes = sum(weights.filter(({ part }) => part === name))
    return bytes > limit ? [`the part ${name} is ${bytes} bytes gzipped, at most ${limit}`] : []
  })
}

/**
 * The name of the part a file belongs to; undefined for the first load.
 * @param {string} path
 * @param {string} html
 */
function partOf(path, html) {
  const [, part, worker] = /^(?:assets\/(.+)-[\w-]{8}|(sw))\.js$/.exec(path) ?? []
  return html.includes(`="/${path}"`) ? undefined : (part ?? worker)
}

/** @param {Weight[]} weights */
function sum(weights) {
  return weights.reduce((bytes, { gzipBytes }) => bytes + gzipBytes, 0)
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
 * The report as lines for a person, heaviest file first, the first load before its parts.
 * @param {SizeReport} report
 * @returns {string}
 */
export function sizeTable({ weights, totalBytes }) {
  const rows = [...weights].toSorted((a, b) => b.gzipBytes - a.gzipBytes)
  return [
    ...rows
      .filter(({ part }) => part === undefined)
      .map(({ path, gzipBytes }) => row(gzipBytes, path)),
    row(totalBytes, `of ${limitBytes} allowed at first load`),
    ...rows.flatMap(({ path, gzipBytes, part }) =>
      part === undefined
        ? []
        : [row(gzipBytes, `${path}, of ${partLimitsBytes[part]} allowed later`)],
    ),
  ].join('\n')
}

/** @param {number} bytes @param {string} words */
const row = (bytes, words) => `${String(bytes).padStart(7)}  ${words}`
