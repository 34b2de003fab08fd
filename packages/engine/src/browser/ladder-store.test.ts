import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recallPath, rememberPath } from './ladder-store.ts'

const DAY_MS = 24 * 3_600_000

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

test('E204: what worked between two networks is remembered for a week', () => {
  rememberPath('a b', { won: 'predicted', failures: 0 }, 0)
  expect(recallPath('a b', DAY_MS)).toEqual({ won: 'predicted', failures: 0 })
  expect(recallPath('a c', DAY_MS)).toBeUndefined()
  expect(recallPath('a b', 8 * DAY_MS)).toBeUndefined()
})

test('E204: only the pairs that met last are kept', () => {
  for (let at = 0; at < 40; at++) rememberPath(`pair ${at}`, { failures: at }, at)
  expect(recallPath('pair 0', 40)).toBeUndefined()
  expect(recallPath('pair 39', 40)).toEqual({ failures: 39 })
  expect(recallPath('pair 8', 40)).toEqual({ failures: 8 })
})

test('E204: storage that is forbidden, full or spoilt is as good as empty', () => {
  localStorage.setItem('knothole-paths', '{"a b":{"atMs":"soon"}}')
  expect(recallPath('a b', 0)).toBeUndefined()
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('forbidden')
    },
    setItem: () => {
      throw new Error('full')
    },
  })
  expect(() => rememberPath('a b', { failures: 1 }, 0)).not.toThrow()
  expect(recallPath('a b', 0)).toBeUndefined()
})
