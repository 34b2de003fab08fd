import { expect, test } from 'vitest'

import { gridPage } from './grid-page.ts'
import { gridText } from './grid-text.ts'
import { sampleGrid, sampleRun } from './grid.testing.ts'

const grid = sampleGrid([
  {
    pair: ['C3', 'C3'],
    runs: { knothole: [sampleRun('direct')], stock: [sampleRun('direct', 500)] },
  },
  {
    pair: ['C3', 'Sr'],
    runs: { knothole: [sampleRun('birthday', 4321)], stock: [sampleRun('turn')] },
  },
  { pair: ['Sr', 'Sr'], runs: { knothole: [sampleRun('failed')], stock: [sampleRun('turn')] } },
  { pair: ['C3', 'same'], runs: { knothole: [sampleRun('lan', 77)] } },
])

test('the page stands alone: no script, nothing from elsewhere', () => {
  const page = gridPage(grid)
  expect(page).toMatch(/^<!doctype html>/)
  expect(page).not.toMatch(/<script|<link|@import|url\(|src=|https?:/)
})

test('the page has every class, cell and driver, what luck there was, and what was not expected', () => {
  const page = gridPage(grid)
  for (const words of ['about C3', 'like Sr', '4321 ms', '500 ms', '77 ms', 'C3 and same']) {
    expect(page).toContain(words)
  }
  expect(page).toContain('Sr and Sr, Knothole: 1 of 1 did not connect')
  expect(page).toMatch(/C3 and Sr<\/th><td>1 of 1<\/td>/)
})

test('words of the machine are text, not markup', () => {
  expect(gridPage(grid)).toContain('two cores &amp; a &lt;browser>')
})

test('as text: a table for each driver, upper half only', () => {
  expect(gridText(grid).split('\n').slice(0, 4)).toEqual([
    'knothole',
    '       C3     Sr',
    'C3     D 400  B 4321',
    'Sr            - !'.replace(' !', '!'),
  ])
})
