// The grid as one page that needs nothing else: no script, no font, no picture. Light and dark. Pure.

import type { Grid } from './grid-data.ts'
import { gridText } from './grid-text.ts'

/** The page. */
export function gridPage(grid: Grid): string {
  return `<!doctype html><meta charset="utf-8"><pre>${gridText(grid)}</pre>\n`
}
