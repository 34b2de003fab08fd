import { expect, test } from 'vitest'
import { SeededRandom } from './seeded-random.ts'

const draw = (random: SeededRandom): number[] => Array.from({ length: 5 }, random.next)

test('one seed gives one stream, another seed another', () => {
  expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom('7')))
  expect(draw(new SeededRandom('a'))).not.toEqual(draw(new SeededRandom('b')))
})

test('a fork is not disturbed by draws from its origin', () => {
  const drawn = new SeededRandom('x')
  draw(drawn)
  expect(draw(drawn.fork('y'))).toEqual(draw(new SeededRandom('x').fork('y')))
  expect(draw(drawn.fork('y'))).not.toEqual(draw(drawn.fork('z')))
})

test('numbers fill their range evenly', () => {
  const random = new SeededRandom('even')
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 100_000; i++) {
    const at = random.below(10)
    counts[at] = (counts[at] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

test('bytes take every value', () => {
  expect(new Set(new SeededRandom('bytes').bytes(10_000)).size).toBe(256)
})

test('a shuffle keeps everything and changes the order', () => {
  const items = Array.from({ length: 50 }, (_, at) => at)
  const shuffled = new SeededRandom('shuffle').shuffle(items)
  expect(shuffled).not.toEqual(items)
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
})

test('nothing is picked from nothing', () => {
  expect(() => new SeededRandom('none').pick([])).toThrow(RangeError)
})
