import type { MemberId } from '@knothole/wire'
import { expect, test } from 'vitest'
import { deliveriesOf, deliveryOf, isSettled } from './delivery.ts'
import type { Audience } from './delivery.ts'

const [ana, bo, cy] = ['ana', 'bo', 'cy'] as [MemberId, MemberId, MemberId]

const audience = (here: MemberId[], known: MemberId[] = here): Audience => ({
  here: new Set(here),
  known: new Set(known),
  nameOf: (member) => member.toUpperCase(),
})

test('E396: a message that nobody has waits, whoever is here', () => {
  const nobody = { has: [], read: [] }
  expect(deliveryOf(nobody, audience([]))).toEqual({ type: 'waiting' })
  expect(deliveryOf(nobody, audience([ana, bo]))).toEqual({ type: 'waiting' })
})

test('E396: who has it carries it to others who are here', () => {
  const delivery = deliveryOf({ has: [ana], read: [] }, audience([ana, bo], [ana, bo, cy]))
  expect(delivery).toEqual({ type: 'carried', by: ['ANA'], of: 3 })
})

test('E396: it is delivered once everyone here has it, and absent members count', () => {
  const both = { has: [ana, bo], read: [] }
  expect(deliveryOf(both, audience([ana, bo], [ana, bo, cy]))).toEqual({
    type: 'delivered',
    to: 2,
    of: 3,
    names: ['ANA', 'BO'],
  })
  expect(deliveryOf({ has: [ana], read: [] }, audience([], [ana]))).toMatchObject({ to: 1, of: 1 })
  expect(deliveryOf({ has: [cy], read: [] }, audience([]))).toMatchObject({ to: 1, of: 1 })
})

test('E396: it is read by those who said so', () => {
  const read = { has: [ana, bo], read: [bo] }
  expect(deliveryOf(read, audience([ana, bo]))).toEqual({ type: 'read', by: ['BO'], of: 2 })
  expect(deliveriesOf(read, audience([ana, bo], [ana, bo, cy]))).toEqual([
    { member: ana, name: 'ANA', state: 'delivered' },
    { member: bo, name: 'BO', state: 'read' },
    { member: cy, name: 'CY', state: 'waiting' },
  ])
})

test('E396: nothing more comes once everyone has or read it', () => {
  const settled = [
    deliveryOf({ has: [ana], read: [] }, audience([ana])),
    deliveryOf({ has: [ana], read: [ana] }, audience([ana])),
  ]
  expect(settled.map(isSettled)).toEqual([true, true])
  const open = [
    deliveryOf({ has: [ana], read: [] }, audience([ana], [ana, bo])),
    deliveryOf({ has: [], read: [] }, audience([])),
    deliveryOf({ has: [ana], read: [ana] }, audience([ana], [ana, bo])),
  ]
  expect(open.map(isSettled)).toEqual([false, false, false])
})
