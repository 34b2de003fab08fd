import { describe, expect, it } from 'vitest'
import { fakePerson, unlinked } from '../story/fake-room.testing.ts'
import { inOrder } from './people-order.ts'

const namesOf = (people: ReturnType<typeof inOrder>): string[] => people.map(({ name }) => name)
const [ann, bob, carol] = ['Ann', 'bob', 'carol'].map((name) => fakePerson(name))

describe('the list of people', () => {
  it('is by name, whoever came first', () => {
    const people = ['carol', 'bob 10', 'Ann', 'bob 9'].map((name) => fakePerson(name))
    expect(namesOf(inOrder(people))).toEqual(['Ann', 'bob 9', 'bob 10', 'carol'])
  })

  it('has those last who cannot be reached, and leaves in place who dropped out for a moment', () => {
    if (ann === undefined || bob === undefined || carol === undefined) throw new Error('no people')
    const people = [
      { ...ann, link: unlinked('unreachable') },
      carol,
      { ...bob, link: unlinked('reconnecting') },
    ]
    expect(namesOf(inOrder(people))).toEqual(['bob', 'carol', 'Ann'])
  })

  it('is the same for two of one name, whoever is named first', () => {
    const [one, other] = [fakePerson('sam'), { ...fakePerson('sam'), peer: fakePerson('x').peer }]
    expect(inOrder([one, other])).toEqual(inOrder([other, one]))
  })
})
