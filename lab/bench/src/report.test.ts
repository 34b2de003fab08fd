import { describe, expect, it } from 'vitest'
import type { Bench, BenchResult } from './bench.ts'
import type { Machine } from './machine.ts'
import { formatSection, formatTable, replaceSection, toJson } from './report.ts'
import { summarise } from './statistics.ts'

const machine: Machine = {
  processor: 'Abacus 9',
  cores: 2,
  system: 'Linux 6',
  node: 'v20.0.0',
  date: '2026-11-22',
  load: 0.5,
}
const entry = (contender: string, samples: readonly (number | undefined)[]) => ({
  contender,
  row: summarise({ name: `near/${contender}`, unit: 'ms' }, samples),
})
const table = {
  title: 'near',
  limit: 'limit',
  entries: [
    entry('limit', [100, 101, 99]),
    entry('ours', [124, 110, undefined]),
    entry('theirs', [undefined]),
  ],
}
const result: BenchResult = { tables: [table], software: ['Browser 1'] }
const bench: Bench = {
  name: 'race',
  summary: 'Who is first.',
  contenders: [
    { name: 'limit', what: 'the floor' },
    { name: 'absent', what: 'did not run' },
  ],
  defaultRuns: 3,
  run: () => Promise.resolve(result),
}

describe('formatTable', () => {
  it('gives medians, spread, ratios and failures', () => {
    expect(formatTable(table).split('\n')).toEqual([
      '| contender | median | min to max | times limit | runs |',
      '|---|--:|--:|--:|--:|',
      '| limit | 100 ms | 99.0 to 101 | 1.00 | 3 |',
      '| ours | 117 ms | 110 to 124 | 1.17 | 2, 1 failed |',
      '| theirs | none ms | none to none | none | 0, 1 failed |',
    ])
  })
})

describe('formatSection', () => {
  it('names the machine, how to repeat it, and the raw values', () => {
    const section = formatSection(bench, result, machine)
    expect(section).toContain('Measured 2026-11-22 on Abacus 9, 2 cores (load 0.5, the')
    expect(section).toContain('Node v20.0.0, Browser 1')
    expect(section).toContain('npm run bench -- race')
    expect(section).toContain('- near/ours: 124 110')
    expect(section).toContain('- **limit**: the floor')
    expect(section).not.toContain('absent')
  })
})

describe('formatSection on a busy machine', () => {
  it('says that the numbers must not be quoted', () => {
    const warning = 'busy with other work'
    expect(formatSection(bench, result, { ...machine, load: 3.1 })).toContain(warning)
    expect(formatSection(bench, result, { ...machine, load: 3 })).not.toContain(warning)
  })
})

describe('replaceSection', () => {
  it('starts a document', () => {
    const text = replaceSection('', 'race', 'one')
    expect(text).toMatch(/^# Benchmarks\n/)
    expect(text).toContain('<!-- bench:race -->\none\n<!-- end of bench:race -->\n')
  })

  it('replaces its own section and nothing else', () => {
    const before = replaceSection(replaceSection('', 'race', 'one'), 'walk', 'two')
    const after = replaceSection(before, 'race', 'three $& times')
    expect(after).toBe(before.replace('\none\n', () => '\nthree $& times\n'))
  })

  it('is the same when done twice', () => {
    const once = replaceSection('# Mine\n', 'race', 'one')
    expect(replaceSection(once, 'race', 'one')).toBe(once)
    expect(once).toMatch(/^# Mine\n/)
  })
})

describe('toJson', () => {
  it('is the name and all rows', () => {
    expect(JSON.parse(toJson(bench, result))).toMatchObject({
      name: 'race',
      rows: [
        { name: 'near/limit', unit: 'ms', median: 100, min: 99, max: 101, runs: [100, 101, 99] },
        {},
        {},
      ],
    })
  })
})
