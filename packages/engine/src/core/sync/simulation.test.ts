import { describe, expect, it } from 'vitest'
import { overSeeds } from './over-seeds.testing.ts'
import { rooms } from './sim-rooms.testing.ts'

/** A long run takes its time. */
const TIMEOUT_MS = 3_600_000

describe('a simulated room', () => {
  it(
    'E330 storm: after any misfortunes everyone has the same, and nothing is lost',
    () => {
      expect(overSeeds('storm', rooms.storm)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'E330 churn: people who come and go as measured in the wild leave nothing behind',
    () => {
      expect(overSeeds('churn', rooms.churn)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'E330 crowd: up to a hundred people in a partial mesh',
    () => {
      expect(overSeeds('crowd', rooms.crowd)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'E330 backlog: megabytes of history reach late guests over links that break, within their windows',
    () => {
      expect(overSeeds('backlog', rooms.backlog)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'E330 policy: what is too old for the room goes, and what is not stays with everyone, for days and months',
    () => {
      expect(overSeeds('policy', rooms.policy)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'E330 villains: those who lie harm nobody but themselves',
    () => {
      expect(overSeeds('villains', rooms.villains)).toEqual([])
    },
    TIMEOUT_MS,
  )
})
