// The files of a grid: JSON to keep and to merge into, and the page made from it.

import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname } from 'node:path'

import { findChromium } from '../support.ts'
import { mergeGrids, type Grid } from './grid-data.ts'
import { gridPage } from './grid-page.ts'

/** Reads a grid; undefined when there is no such file. */
export async function readGrid(file: string): Promise<Grid | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Grid
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a grid, put into what the file has already when wanted; returns what was written. */
export async function writeGrid(
  file: string,
  about: { grid: Grid; merge: boolean },
): Promise<Grid> {
  const older = about.merge ? await readGrid(file) : undefined
  const grid = older === undefined ? about.grid : mergeGrids(older, about.grid)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(grid, wholeNumbers, 1)}\n`)
  return grid
}

/** Writes the page of a grid. */
export async function writeGridPage(file: string, grid: Grid): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, gridPage(grid))
}

/** The machine in a few words: times mean little without them. */
export function machineWords(): string {
  const [cpu] = cpus()
  const program = findChromium()
  const browser =
    program === undefined ? [] : [execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()]
  return [
    `${cpus().length} cores (${cpu?.model.trim()})`,
    `Node ${process.version}`,
    ...browser,
  ].join(', ')
}

function wholeNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value
}
