import { describe, expect, it } from 'vitest'

import { goldenBytes, toHex } from './golden.testing.ts'
import golden from './golden.json' with { type: 'json' }

describe('the format of this version', () => {
  it('W27 writes every structure byte for byte as golden.json has it', () => {
    const hex = Object.entries(goldenBytes()).map(([name, bytes]) => [name, toHex(bytes)])
    expect(Object.fromEntries(hex)).toEqual(golden)
  })
})
