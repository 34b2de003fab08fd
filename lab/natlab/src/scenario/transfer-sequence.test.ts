import { expect, test } from 'vitest'

import { fillSequence } from './transfer-sequence.ts'

function piece(position: number, length: number): Uint8Array {
  const chunk = new Uint8Array(length)
  fillSequence(chunk, position)
  return chunk
}

test('pieces fit together', () => {
  expect([...piece(0, 50), ...piece(50, 50)]).toEqual([...piece(0, 100)])
})

test.each([1, 256, 1024, 16_384, 65_536, 1_048_576])(
  'a piece %i bytes further on is another piece',
  (distance) => {
    const [here, there] = [piece(1000, 400), piece(1000 + distance, 400)]
    const same = here.filter((byte, index) => byte === there[index]).length
    expect(same).toBeLessThan(12)
  },
)
