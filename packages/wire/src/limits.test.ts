import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import * as limits from './limits.ts'

describe('limits', () => {
  it('W26 the specification has every limit with its number', () => {
    const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8')
    const rows = [...spec.matchAll(/^\| `([A-Z_]+)` \| ([\d,]+) /gm)]
    const table = rows.map(([, name, number = '']) => [name, Number(number.replaceAll(',', ''))])
    expect(Object.fromEntries(table)).toEqual({ ...limits })
  })
})
