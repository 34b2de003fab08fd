import { expect, test } from 'vitest'

import { parsePlace } from './place.ts'
import { PRESETS } from './presets.ts'

test.each([
  ['home', { preset: PRESETS.home, flowsPerSecond: 0 }],
  ['C3', { preset: PRESETS.home, flowsPerSecond: 0 }],
  ['Ss+20', { preset: PRESETS.sequential, flowsPerSecond: 20 }],
  ['C3@30', { preset: PRESETS.home, flowsPerSecond: 0, mappingTimeoutSeconds: 30 }],
  ['sequential+5@60', { preset: PRESETS.sequential, flowsPerSecond: 5, mappingTimeoutSeconds: 60 }],
])('%s', (label, place) => {
  expect(parsePlace(label)).toEqual({ label, ...place })
})

test.each([
  '',
  'moon',
  'C3+',
  'C3@',
  'C3@30+5',
  'C3+9999',
  '+5',
  'O+5',
  'O@30',
  'C3/O',
  'C3/U',
  'C3/C3/C3',
])('%j is no place', (label) => {
  expect(parsePlace(label)).toBeUndefined()
})

test.each([
  ['C3/C3', { mapping: 'endpoint-independent', allocation: 'preserving' }],
  ['C3/Ss', { mapping: 'address-and-port-dependent', allocation: 'sequential', step: 1 }],
  ['Ss2/C3', { mapping: 'address-and-port-dependent', allocation: 'sequential', step: 2 }],
  ['Ss/Sr', { mapping: 'address-and-port-dependent', allocation: 'random' }],
  ['C3/Sb', { allocation: 'block', blockPorts: 2048 }],
  ['C1/C2', { filtering: 'address-dependent' }],
  ['C3/C3h', { hairpin: true }],
  ['C3h/C3', { hairpin: false }],
])('%s: the whole does what its routers do together', (label, claims) => {
  expect(parsePlace(label)?.preset.claims).toMatchObject({ ...claims, routers: 2 })
})
