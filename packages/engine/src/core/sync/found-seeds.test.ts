// Seeds with which the simulation finds what was wrong once, as soon as its mend is taken away (tried with
// each). They run with their ranges too; here each says what it is for, and stays when the ranges are drawn
// otherwise.
import { describe, expect, it } from 'vitest'
import { rooms } from './sim-rooms.testing.ts'

/** Throws where something does not hold. */
const room = (name: keyof typeof rooms, seed: number | string) => (): unknown =>
  rooms[name].run(`${name} ${seed}`)

describe('a seed that found something', () => {
  it('E341: seed 1 of policy: what everyone let go was told as missing to who came later', () => {
    expect(room('policy', 1)).not.toThrow()
  })

  it('E341: seed 2 of policy: so was what entries named of a feed that was let go as a whole', () => {
    expect(room('policy', 2)).not.toThrow()
  })

  it('E341: seed 50054-0 of policy: who let go did not say so to whoever asked for it', () => {
    expect(room('policy', '50054-0')).not.toThrow()
  })

  it('E341: seed 459 of policy: what entries named and neighbours had let go was told as missing', () => {
    expect(room('policy', 459)).not.toThrow()
  })

  it('E341: seed 1707 of policy: what nobody had any more was told as missing with what somebody kept', () => {
    expect(room('policy', 1707)).not.toThrow()
  })

  it('E331: seed 348 of policy: what was let go before it was stored was announced, and forgotten by a crash', () => {
    expect(room('policy', 348)).not.toThrow()
  })

  it('E330: seed 35 of storm: a summary overtaken by a newer word made an honest neighbour a liar', () => {
    expect(room('storm', 35)).not.toThrow()
  })

  it('E308: seed 13 of villains: the other branch of a forker made liars of those who named it', () => {
    expect(room('villains', 13)).not.toThrow()
  })
})
