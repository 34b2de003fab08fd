import type { Path } from '@knothole/engine'
import { REFUSAL_CODES } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { ENGINE_ERROR_CODES } from './engine.ts'
import { DIAGNOSES } from './story/diagnoses.testing.ts'
import { linked } from './story/fake-room.testing.ts'
import { carriedWords, LINK_STATE_WORDS, PATH_WORDS, whyWords } from './room/path-words.ts'
import { REFUSAL_WORDS, RENDEZVOUS_WORDS, unreachableWords } from './room/room-words.ts'
import { BROWSER_WORDS, ENGINE_WORDS, LINK_WORDS } from './stop/words.ts'
import { FAULT_WORDS } from './room/fault-words.ts'
import { NEXT_STEP_WORDS, PATH_IS_STRAIGHT, nameList } from './words.ts'

describe('words', () => {
  it('has a title, a sentence and a next step for every refusal of the rendezvous', () => {
    expect(Object.keys(REFUSAL_WORDS).toSorted()).toEqual([...REFUSAL_CODES].toSorted())
    for (const notice of Object.values(REFUSAL_WORDS)) {
      expect(notice.title).toMatch(/^[A-Z].*[^.]$/)
      expect(notice.body).toMatch(/^[A-Z].*\.$/)
      expect(notice.next.length).toBeGreaterThan(0)
    }
  })

  it('has words for every reason of the engine', () => {
    expect(Object.keys(ENGINE_WORDS).toSorted()).toEqual([...ENGINE_ERROR_CODES].toSorted())
  })

  it('offers something to do about every address that opens no room, and every browser that cannot', () => {
    for (const notice of [...Object.values(LINK_WORDS), ...Object.values(BROWSER_WORDS)])
      expect(notice.next.length).toBeGreaterThan(0)
  })

  it('names every button', () => {
    const steps = [...Object.values(ENGINE_WORDS), ...Object.values(REFUSAL_WORDS)]
    for (const step of steps.flatMap((notice) => notice.next))
      expect(NEXT_STEP_WORDS[step]).toMatch(/^[A-Z]/)
  })

  it('tells states of one kind apart', () => {
    for (const table of [LINK_STATE_WORDS, NEXT_STEP_WORDS]) {
      const texts = Object.values(table)
      expect(new Set(texts).size).toBe(texts.length)
    }
    const details = [...Object.values(PATH_WORDS), ...Object.values(RENDEZVOUS_WORDS)]
    expect(new Set(details.map(({ detail }) => detail)).size).toBe(details.length)
  })

  it('names the person a fault is about', () => {
    const { 'card-forged': nobody, ...named } = FAULT_WORDS
    expect(nobody('Ana')).not.toContain('Ana')
    for (const words of Object.values(named)) expect(words('Ana')).toContain('Ana')
    expect(unreachableWords('Ana').title).toContain('Ana')
  })

  it('says why each link is not straight, in a sentence, and what would help', () => {
    const said = new Set<string>()
    for (const diagnosis of DIAGNOSES)
      for (const side of ['mine', 'theirs', 'both'] as const) {
        const link = { ...linked('turn', 80), diagnosis: { ...diagnosis, side } }
        const words = whyWords(link, 'Ana') ?? ''
        expect(words).toMatch(
          /^[A-Z][^.]*\.( It is tried again by itself\.)?( What would help: .*\.)?$/,
        )
        said.add(words)
      }
    expect(said.size).toBeGreaterThanOrEqual(DIAGNOSES.length)
    expect(DIAGNOSES.map(({ reason }) => reason)).toHaveLength(9)
  })

  it('says at least roughly why where nobody knows the networks', () => {
    const link = linked('ws-relay', 80)
    expect(whyWords({ ...link, hindrance: 'hiding' }, 'Ana')).toContain('You hide your address.')
    expect(whyWords({ ...link, hindrance: 'they-hide' }, 'Ana')).toContain('Ana hides')
    expect(whyWords({ ...link, hindrance: 'no-path' }, 'Ana')).toContain('tried again')
    expect(whyWords({ ...link, hindrance: 'trying' }, 'Ana')).toContain('being looked for')
  })

  it('says nothing about a link that is straight, or of which nothing is known', () => {
    const [diagnosis] = DIAGNOSES
    expect(whyWords({ ...linked('birthday', 20), diagnosis }, 'Ana')).toBeUndefined()
    expect(whyWords(linked('turn', 80), 'Ana')).toBeUndefined()
  })

  it('says of every path that is not straight who carries the bytes, and that they are sealed', () => {
    for (const [path, { detail }] of Object.entries(PATH_WORDS))
      expect(/sealed.*cannot read/.test(detail)).toBe(!PATH_IS_STRAIGHT[path as Path])
  })

  it('names the member who carries the bytes', () => {
    expect(carriedWords('member-relay', 'Bo')).toMatch(/^Bo carries .*sealed.*cannot read/)
    expect(carriedWords('member-relay', undefined)).toBe(PATH_WORDS['member-relay'].detail)
  })

  it('lists names as one says them', () => {
    expect(nameList([])).toBe('')
    expect(nameList(['Ana'])).toBe('Ana')
    expect(nameList(['Ana', 'Bo'])).toBe('Ana and Bo')
    expect(nameList(['Ana', 'Bo', 'Carol'])).toBe('Ana, Bo and Carol')
    expect(nameList(['Ana', 'Bo', 'Carol', 'Dilek'])).toBe('Ana, Bo and 2 others')
  })
})
