// The grid as one page that needs nothing else: no script, no font, no picture. Light and dark. Pure.

import { cellKey, type Grid, type GridCell, type GridDriver } from './grid-data.ts'
import { GRID_STYLE } from './grid-page-style.ts'
import { LEAST_LIKELIHOOD, luckOf, quantile } from './luck.ts'
import { complaintsOf, summarize, type CellSummary, type PathFamily } from './grid-summary.ts'

const DRIVERS: readonly GridDriver[] = ['knothole', 'stock']
const DRIVER_NAMES: Readonly<Record<GridDriver, string>> = {
  knothole: 'Knothole',
  stock: 'Stock WebRTC',
}
const FAMILY_WORDS: Readonly<Record<PathFamily, string>> = {
  direct: 'direct, found by plain ICE',
  predicted: 'direct, by predicted ports',
  birthday: 'direct, by guessing ports on both sides (birthday)',
  relayed: 'through a relay',
  failed: 'no connection',
  disputed: 'pages and packet counters disagree',
}
const FAMILIES = ['direct', 'predicted', 'birthday', 'relayed', 'failed', 'disputed'] as const
const WAY_WORDS: Readonly<Record<GridCell['expected']['way'], string>> = {
  plain: 'plain ICE can connect it',
  predicted: 'only predicted ports can connect it',
  'birthday-block': 'only guessing ports can connect it',
  'birthday-shared': 'only guessing ports can connect it',
  relay: 'no direct path is possible',
}

/** The page. */
export function gridPage(grid: Grid): string {
  const drivers = DRIVERS.filter((driver) => grid.cells.some(({ runs }) => runs[driver]))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Through which NATs: Knothole and stock WebRTC</title>
<style>${GRID_STYLE}</style>
<h1>Who reaches whom, through which NATs</h1>
<p>Two people behind two kinds of networks open a chat. Every pair of kinds was run with real Chromium in a laboratory of
network namespaces: Knothole, and beside it a plain RTCPeerConnection with the same STUN and TURN servers.
A path counts only when both pages name it and the packet counters of hosts and network agree, with traffic.</p>
<p class="quiet">${escape([grid.machine, grid.weather, `measured ${grid.measured.slice(0, 10)}`].filter(Boolean).join(' · '))}.
No distance and no traffic of others unless said so: compare times with each other, not with the world's.</p>
<div class="sum">${drivers.map((driver) => summarySection(grid, driver)).join('')}</div>
<ul class="key">${FAMILIES.map((family) => `<li class="${family}"><i></i>${FAMILY_WORDS[family]}</li>`).join('')}</ul>
<p class="quiet">The number is the median time from opening the link to that path; a share stands before it where not all runs
had it. Upper line: Knothole. Lower line: stock WebRTC. Outlined in red: not what the oracle expects of the pair.</p>
<div class="scroll">${matrix(grid, drivers)}</div>
${otherPairs(grid, drivers)}
${lucks(grid)}
${surprises(grid, drivers)}
<h2>The classes</h2>
<div class="scroll"><table class="words"><tbody>${classRows(grid)}</tbody></table></div>
</html>
`
}

function summarySection(grid: Grid, driver: GridDriver): string {
  const summaries = matrixCells(grid).flatMap((cell) => summarize(cell, driver) ?? [])
  const count = (family: PathFamily): number =>
    summaries.filter((summary) => summary.family === family).length
  const direct = count('direct') + count('predicted') + count('birthday')
  const bars = FAMILIES.map((family) => {
    const share = (100 * count(family)) / Math.max(1, summaries.length)
    return share === 0 ? '' : `<i class="${family}" style="width:${share.toFixed(1)}%"></i>`
  })
  const plain = matrixCells(grid)
    .filter(({ expected }) => expected.way === 'plain')
    .flatMap((cell) => summarize(cell, driver)?.chatMs ?? [])
    .toSorted((a, b) => a - b)
  const talk = `First message in pairs that need no trick: ${milliseconds(quantile(plain, 0.5))} (median)`
  return `<section><h2>${DRIVER_NAMES[driver]}</h2><strong>${direct} of ${summaries.length}</strong>
pairs talk directly<div class="bar" aria-hidden="true">${bars.join('')}</div>
<p class="quiet">${talk}</p></section>`
}

function matrix(grid: Grid, drivers: readonly GridDriver[]): string {
  const labels = grid.classes.map(({ label }) => label)
  const cells = new Map(grid.cells.map((cell) => [cellKey(cell.pair), cell]))
  const head = labels.map((label) => `<th scope="col">${escape(label)}</th>`).join('')
  const rows = labels.map((row, index) => {
    const columns = labels.map((column, at) => {
      const cell = at < index ? undefined : cells.get(cellKey([row, column]))
      return `<td>${cell === undefined ? '' : chips(cell, drivers)}</td>`
    })
    return `<tr><th scope="row">${escape(row)}</th>${columns.join('')}</tr>`
  })
  return `<table class="grid"><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function chips(cell: GridCell, drivers: readonly GridDriver[]): string {
  return drivers
    .map((driver) => {
      const summary = summarize(cell, driver)
      return summary === undefined ? '' : chip({ cell, driver, summary })
    })
    .join('')
}

function chip(about: { cell: GridCell; driver: GridDriver; summary: CellSummary }): string {
  const { cell, driver, summary } = about
  const most = Math.max(...summary.paths.values())
  const [word = ''] = [...summary.paths].find(([, count]) => count === most) ?? []
  const share = most === summary.runs ? '' : `${most}/${summary.runs} `
  const odd = summary.surprises.length > 0 ? ' odd' : ''
  const title = [
    `${DRIVER_NAMES[driver]}, ${cell.pair.join(' and ')}: ${[...summary.paths].map(([path, count]) => `${path} ${count}/${summary.runs}`).join(', ')}`,
    `first message after ${milliseconds(summary.chatMs)}`,
    WAY_WORDS[cell.expected.way],
    ...complaintsOf(summary),
  ].join('; ')
  return `<div class="chip ${driver} ${summary.family}${odd}" title="${escape(title)}"><b>${escape(word)}</b><span>${share}${milliseconds(summary.pathMs)}</span></div>`
}

/** Pairs with something special about them, which have no place in the matrix. */
function otherPairs(grid: Grid, drivers: readonly GridDriver[]): string {
  const inMatrix = new Set(matrixCells(grid))
  const others = grid.cells.filter((cell) => !inMatrix.has(cell))
  if (others.length === 0) return ''
  const rows = others.map(
    (cell) =>
      `<tr><th scope="row">${escape(cell.pair.join(' and '))}</th><td>${chips(cell, drivers)}</td><td>${WAY_WORDS[cell.expected.way]}</td></tr>`,
  )
  return `<h2>Special pairs</h2><div class="scroll"><table class="words"><tbody>${rows.join('')}</tbody></table></div>`
}

/** Random cells beside the formula. */
function lucks(grid: Grid): string {
  const rows = grid.cells.flatMap((cell) => {
    const luck = luckOf(cell)
    if (luck === undefined) return []
    const verdict = luck.likelihood < LEAST_LIKELIHOOD ? 'too few for bad luck' : 'as it should be'
    return [
      `<tr><th scope="row">${escape(cell.pair.join(' and '))}</th><td>${luck.direct} of ${luck.trials}</td>
<td>${percent(luck.chance)}</td><td>${verdict}</td><td>${milliseconds(luck.medianMs)}</td>
<td>${milliseconds(luck.meanMs)}</td><td>${milliseconds(luck.p95Ms)}</td></tr>`,
    ]
  })
  if (rows.length === 0) return ''
  return `<h2>Luck</h2>
<p>Where ports are drawn at random, each side opens many and guesses many. The formula is
P = 1 - exp(-expected meetings), from the number of connections, guesses and ports.</p>
<div class="scroll"><table class="words"><thead><tr><th></th><th>direct</th><th>formula</th><th></th><th>median</th>
<th>mean</th><th>95 of 100</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function surprises(grid: Grid, drivers: readonly GridDriver[]): string {
  const lines = grid.cells.flatMap((cell) =>
    drivers.flatMap((driver) =>
      complaintsOf(summarize(cell, driver)).map(
        (words) =>
          `<li>${escape(cell.pair.join(' and '))}, ${DRIVER_NAMES[driver]}: ${escape(words)} (${WAY_WORDS[cell.expected.way]})</li>`,
      ),
    ),
  )
  const list = lines.length === 0 ? '<p>None.</p>' : `<ul class="odd-list">${lines.join('')}</ul>`
  return `<h2>Not as the oracle expects, or later than promised</h2>${list}`
}

function classRows(grid: Grid): string {
  return grid.classes
    .map(
      ({ label, about, like }) =>
        `<tr><th scope="row">${escape(label)}</th><td>${escape(about)}</td><td class="quiet">${escape(like)}</td></tr>`,
    )
    .join('')
}

function matrixCells(grid: Grid): GridCell[] {
  const labels = new Set(grid.classes.map(({ label }) => label))
  return grid.cells.filter(({ pair }) => pair.every((label) => labels.has(label)))
}

function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return ''
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
