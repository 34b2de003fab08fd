import { expect, test } from 'vitest'

import { HELP, parseLabArguments } from './arguments.ts'
import { FAIR_WEATHER } from './delay-hop.ts'
import { plainPlace } from './place.ts'
import { PRESET_NAMES } from './presets.ts'

const HOME = plainPlace('home')

test('without words: one run of two homes through Knothole', () => {
  expect(parseLabArguments([])).toMatchObject({
    type: 'cells',
    cells: [
      { pair: [HOME, HOME], runs: 1, driver: 'knothole', weather: FAIR_WEATHER, boundMs: 20_000 },
    ],
  })
})

test('every option reaches the plan', () => {
  const words =
    '--pair home,cgn --third cloud --runs 3 --driver stock --delay 80 --jitter 5 --loss 2 --bound 9 ' +
    '--kill-rendezvous --watch 60 --allow-stun --expect direct --json a.json --pcap b.pcap'
  expect(parseLabArguments(words.split(' '))).toEqual({
    type: 'cells',
    jsonPath: 'a.json',
    expectedPath: 'direct',
    allowStun: true,
    cells: [
      {
        pair: [HOME, plainPlace('cgn')],
        sameLan: false,
        third: plainPlace('cloud'),
        runs: 3,
        driver: 'stock',
        weather: { delayMs: 80, jitterMs: 5, lossPercent: 2 },
        boundMs: 9000,
        killRendezvous: true,
        watchSeconds: 60,
        pcapPath: 'b.pcap',
      },
    ],
  })
})

test('several pairs are several cells', () => {
  const command = parseLabArguments(['--pair', 'home,home', '--pair', 'cloud,corporate'])
  expect(
    command.type === 'cells' && command.cells.map(({ pair }) => pair.map(({ label }) => label)),
  ).toEqual([
    ['home', 'home'],
    ['cloud', 'corporate'],
  ])
})

test('a page of your own is an experiment', () => {
  const words = '--pair C3,Ss+20 --page a.html --runs 4 --bound 60 --chromium=--x --chromium=--y'
  expect(parseLabArguments(words.split(' '))).toMatchObject({
    type: 'experiment',
    plan: {
      pair: [{ preset: { name: 'home' } }, { label: 'Ss+20', flowsPerSecond: 20 }],
      pageFile: 'a.html',
      runs: 4,
      boundMs: 60_000,
      chromiumWords: ['--x', '--y'],
    },
  })
})

test.each([
  ['--pair home', 'two places'],
  ['--pair home,home,home', 'two places'],
  ['--pair home,moon', 'no place is called moon'],
  ['--pair O+5,home', 'no place is called O+5'],
  ['--pair home,cgn --same-lan', 'twice the same place'],
  ['--pair cloud,cloud --same-lan', 'with a router'],
  ['--runs 0', 'whole number from 1'],
  ['--runs 1.5', 'whole number'],
  ['--delay -1', '--delay'],
  ['--driver skype', 'knothole or stock'],
  ['--pear home,home', '--help'],
  ['--pair home,home --pair home,home --pcap a.pcap', 'one --pair'],
])('%s is refused with words about it', (words, said) => {
  expect(() => parseLabArguments(words.split(' '))).toThrow(said)
})

test('the help names every place', () => {
  expect(PRESET_NAMES.filter((name) => !HELP.includes(`  ${name} `))).toEqual([])
})
