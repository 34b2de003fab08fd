import { describe, expect, it } from 'vitest'
import { helpText, parseRequest } from './arguments.ts'
import type { Bench } from './bench.ts'

const race: Bench = {
  name: 'race',
  summary: '',
  contenders: [
    { name: 'limit', what: '' },
    { name: 'ours', what: '' },
    { name: 'theirs', what: '' },
    { name: 'odd', what: '', onRequest: true },
  ],
  defaultRuns: 15,
  run: () => Promise.reject(new Error('not run here')),
}

describe('parseRequest', () => {
  it('takes all contenders and the default number of runs', () => {
    expect(parseRequest(['race'], [race])).toEqual({
      bench: race,
      runs: 15,
      contenders: ['limit', 'ours', 'theirs'],
      partial: false,
      jsonFile: undefined,
    })
  })

  it('takes a file, a number of runs and some contenders, in the order of the bench', () => {
    const args = ['--only', 'theirs, limit', 'race', '--runs', '3', '--json', 'out.json']
    expect(parseRequest(args, [race])).toMatchObject({
      runs: 3,
      contenders: ['limit', 'theirs'],
      partial: true,
      jsonFile: 'out.json',
    })
  })

  it('runs the odd one on request only, and is whole without it', () => {
    expect(parseRequest(['race', '--only', 'odd'], [race])).toMatchObject({
      contenders: ['odd'],
      partial: true,
    })
    const all = ['race', '--only', 'limit,ours,theirs,odd']
    expect(parseRequest(all, [race]).valueOf()).toMatchObject({ partial: false })
  })

  it.each([
    [[], 'Which bench? race'],
    [['walk'], 'No bench "walk". There are: race'],
    [['race', 'again'], 'again is too much'],
    [['race', '--only', 'mine'], 'No contender "mine". There are: limit, ours, theirs, odd'],
    [['race', '--runs', '0'], 'not "0"'],
    [['race', '--runs', '1.5'], 'not "1.5"'],
    [['race', '--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => parseRequest(args, [race])).toThrow(message)
  })

  it('gives way to --help, which names each bench', () => {
    expect(parseRequest(['race', '--help'], [race])).toBe('help')
    expect(helpText([race])).toContain('race: limit, ours, theirs, odd')
  })
})
