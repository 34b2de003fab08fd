import { expect, test } from 'vitest'

import { parsePlace } from './place.ts'

test.each([
  ['home', { label: 'home', preset: 'home', flowsPerSecond: 0 }],
  ['C3', { label: 'C3', preset: 'home', flowsPerSecond: 0 }],
  ['Ss+20', { label: 'Ss+20', preset: 'sequential', flowsPerSecond: 20 }],
  ['C3@30', { label: 'C3@30', preset: 'home', flowsPerSecond: 0, mappingTimeoutSeconds: 30 }],
  [
    'sequential+5@60',
    {
      label: 'sequential+5@60',
      preset: 'sequential',
      flowsPerSecond: 5,
      mappingTimeoutSeconds: 60,
    },
  ],
])('%s', (label, place) => {
  expect(parsePlace(label)).toEqual(place)
})

test.each(['', 'moon', 'C3+', 'C3@', 'C3@30+5', 'C3+9999', '+5'])('%j is no place', (label) => {
  expect(parsePlace(label)).toBeUndefined()
})
