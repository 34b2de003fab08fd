import * as fc from 'fast-check'
import type { MemberId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { reactionsOf, TalkFold } from './fold.ts'
import type { Content, TalkEntry } from './fold.ts'

const [ana, bo] = ['ana', 'bo'] as [MemberId, MemberId]

/** The entry that `author` wrote at `atMs`, its feed named after the author. */
function entry(author: MemberId, atMs: number, content: Content): TalkEntry {
  const place = { atMs, tick: 0, feed: author, sequence: atMs }
  return { id: `${author}.${atMs}`, place, author, atMs, content }
}

const text = (author: MemberId, atMs: number, words = `at ${atMs}`): TalkEntry =>
  entry(author, atMs, { type: 'text', text: words })

function folded(...entries: TalkEntry[]): TalkFold {
  const fold = new TalkFold()
  for (const one of entries) fold.add(one)
  return fold
}

/** Everything a reader sees of it. */
function shown(fold: TalkFold): unknown[] {
  return Array.from({ length: fold.length }, (_, at) => {
    const row = fold.at(at)
    if (row === undefined) throw new Error('a row is missing')
    const { id, said, edit, isDeleted, event, problem } = row
    const words = isDeleted ? 'deleted' : (edit?.text ?? said)
    return { id, words, event, problem, reactions: reactionsOf(row) }
  })
}

/** An entry of one author that another sorts among others. */
const placed = ([feed, tick, sequence]: readonly [string, number, number]): TalkEntry => ({
  id: `${feed}.${sequence}`,
  place: { atMs: 1, tick, feed, sequence },
  author: ana,
  atMs: 1,
  content: { type: 'text', text: 'x' },
})

const edit = (author: MemberId, atMs: number): TalkEntry =>
  entry(author, atMs, { type: 'edit', target: 'ana.1', text: `edit ${atMs}` })

const react = (author: MemberId, atMs: number, emoji = '👍'): TalkEntry =>
  entry(author, atMs, { type: 'reaction', target: 'ana.1', emoji, on: true })

const keepFor = (author: MemberId, atMs: number, keep: 'day' | 'month'): TalkEntry =>
  entry(author, atMs, { type: 'policy', keep })

describe('texts', () => {
  test('E390: stand in the order of the log, each once, whenever they are opened', () => {
    const fold = folded(text(bo, 3), text(ana, 1), text(ana, 1), text(ana, 2))
    expect(shown(fold)).toMatchObject([{ id: 'ana.1' }, { id: 'ana.2' }, { id: 'bo.3' }])
    expect(['ana.1', 'bo.3', 'bo.9'].map((id) => fold.indexOf(id))).toEqual([0, 2, -1])
  })

  test('E390: at one time tick, feed and number decide', () => {
    const fold = folded(
      ...(
        [
          ['b', 1, 3],
          ['b', 0, 2],
          ['b', 0, 1],
          ['a', 0, 9],
        ] as const
      ).map((at) => placed(at)),
    )
    expect(shown(fold)).toMatchObject(['a.9', 'b.1', 'b.2', 'b.3'].map((id) => ({ id })))
  })

  test('E391: are edited by their author only, by the newest edit in order', () => {
    const fold = folded(edit(ana, 5), text(ana, 1), edit(ana, 3), edit(bo, 9))
    expect(shown(fold)).toMatchObject([{ words: 'edit 5' }])
  })

  test('E391: are deleted by their author only, for good, and the words of their edits go too', () => {
    const first = text(ana, 1)
    const edit = entry(ana, 2, { type: 'edit', target: 'ana.1', text: 'x' })
    const late = entry(ana, 5, { type: 'edit', target: 'ana.1', text: 'y' })
    const fold = folded(first, edit)
    expect(fold.add(entry(bo, 3, { type: 'delete', target: 'ana.1' }))).toEqual({})
    const { letGo } = fold.add(entry(ana, 4, { type: 'delete', target: 'ana.1' }))
    expect(letGo).toEqual(['ana.1', 'ana.2'])
    expect(fold.add(late).letGo).toEqual(['ana.5'])
    expect(shown(fold)).toMatchObject([{ words: 'deleted' }])
  })

  test('E391: whose words were let go are shown as deleted once the word of it is open', () => {
    const gone = entry(ana, 1, { type: 'gone' })
    const deletion = entry(ana, 4, { type: 'delete', target: 'ana.1' })
    expect(shown(folded(gone))).toEqual([])
    for (const order of [
      [gone, deletion],
      [deletion, gone],
    ])
      expect(shown(folded(...order))).toMatchObject([{ id: 'ana.1', words: 'deleted' }])
    const others = entry(bo, 4, { type: 'delete', target: 'ana.1' })
    expect(shown(folded(gone, others))).toEqual([])
  })

  test('E391: what pretends to be older than what it is about has no say', () => {
    const early = entry(ana, 1, { type: 'delete', target: 'ana.2' })
    expect(shown(folded(early, text(ana, 2)))).toMatchObject([{ words: 'at 2' }])
  })
})

describe('what stands beside texts', () => {
  test('E392: of one person the newest word on an emoji counts, in the order first given', () => {
    const fold = folded(
      text(ana, 1),
      entry(bo, 6, { type: 'reaction', target: 'ana.1', emoji: '👍', on: false }),
      react(bo, 4),
      react(ana, 5),
      react(bo, 3, '🎉'),
    )
    expect(shown(fold)).toMatchObject([
      {
        reactions: [
          { emoji: '🎉', authors: [bo] },
          { emoji: '👍', authors: [ana] },
        ],
      },
    ])
  })

  test('E393: the newest name in order is the name, and taking another is told', () => {
    const member = (atMs: number, event: 'joined' | 'named', name: string): TalkEntry =>
      entry(ana, atMs, { type: 'membership', event, name })
    const fold = folded(member(5, 'named', 'Anna'), member(1, 'joined', 'Ana'))
    expect(fold.nameOf(ana)).toBe('Anna')
    expect(fold.nameOf(bo)).toBe(undefined)
    expect(shown(fold)).toMatchObject([{ event: { type: 'named', name: 'Anna' } }])
  })

  test('E393: the newest policy in order counts, from whomever, and each is told', () => {
    const fold = folded(keepFor(bo, 5, 'day'), keepFor(ana, 1, 'month'))
    expect(fold.keep).toBe('day')
    expect(shown(fold)).toMatchObject([{ event: { keep: 'month' } }, { event: { keep: 'day' } }])
  })

  test('E393: names and policy are known from entries that are only glanced at', () => {
    const fold = new TalkFold()
    expect(fold.glance(entry(ana, 1, { type: 'policy', keep: 'day' }))).toBe(true)
    expect(fold.glance(entry(ana, 2, { type: 'membership', event: 'joined', name: 'Ana' }))).toBe(
      true,
    )
    expect(fold.glance(text(ana, 3))).toBe(false)
    expect([fold.keep, fold.nameOf(ana), fold.length]).toEqual(['day', 'Ana', 0])
  })

  test('E394: what is wrong is shown as what it is', () => {
    const fold = folded(entry(ana, 1, { type: 'problem', problem: 'newer-kind' }))
    expect(shown(fold)).toMatchObject([{ problem: 'newer-kind', words: '' }])
    fold.add(entry(ana, 2, { type: 'edit', target: 'ana.1', text: 'mine now' }))
    expect(shown(fold)).toMatchObject([{ words: '' }])
  })
})

/** Any entries of two people at different times, about any of them. */
const conversation = fc
  .array(
    fc.record({
      author: fc.constantFrom(ana, bo),
      kind: fc.constantFrom('text', 'edit', 'delete', 'reaction', 'policy', 'membership', 'gone'),
      target: fc.nat(12),
      on: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((made) => {
    const idOf = (at: number): string => `${made[at]?.author ?? ana}.${at}`
    return made.map(({ author, kind, target, on }, at): TalkEntry => {
      const about = { target: idOf(target) }
      const contents: Record<string, Content> = {
        text: { type: 'text', text: `at ${at}` },
        edit: { type: 'edit', ...about, text: `edit ${at}` },
        delete: { type: 'delete', ...about },
        reaction: { type: 'reaction', ...about, emoji: '👍', on },
        policy: { type: 'policy', keep: on ? 'day' : 'month' },
        membership: { type: 'membership', event: on ? 'named' : 'joined', name: `name ${at}` },
        gone: { type: 'gone' },
      }
      return entry(author, at, contents[kind] ?? { type: 'gone' })
    })
  })

describe('whatever the order of opening', () => {
  test('E395: the conversation is the same', () => {
    fc.assert(
      fc.property(
        conversation.chain((entries) =>
          fc.record({
            entries: fc.constant(entries),
            order: fc.shuffledSubarray(entries, { minLength: entries.length }),
          }),
        ),
        ({ entries, order }) => {
          const [one, other] = [folded(...entries), folded(...order)]
          expect(shown(other)).toEqual(shown(one))
          expect([other.keep, other.nameOf(ana)]).toEqual([one.keep, one.nameOf(ana)])
        },
      ),
    )
  })

  test('E395: the newest part alone is the end of the whole', () => {
    fc.assert(
      fc.property(conversation, fc.nat(12), (entries, from) => {
        const part = shown(folded(...entries.slice(from).toReversed()))
        expect(part).toEqual(shown(folded(...entries)).slice(-part.length || Infinity))
      }),
    )
  })
})

describe('rows that close', () => {
  test('E395: open again with all that was said about them meanwhile', () => {
    const all = [
      text(ana, 1),
      entry(ana, 2, { type: 'edit', target: 'ana.1', text: 'better' }),
      entry(bo, 3, { type: 'reaction', target: 'ana.1', emoji: '👍', on: true }),
      text(bo, 4),
    ]
    const fold = folded(...all)
    const before = shown(fold)
    fold.closeBefore({ atMs: 4, tick: 0, feed: '', sequence: 0 })
    expect(shown(fold)).toMatchObject([{ id: 'bo.4' }])
    for (const one of all.slice(0, 1)) fold.add(one)
    expect(shown(fold)).toEqual(before)
  })

  test('E395: what left the log leaves the conversation', () => {
    const fold = folded(text(ana, 1), text(bo, 2))
    expect(fold.forget(({ author }) => author === ana)).toBe(true)
    expect(shown(fold)).toMatchObject([{ id: 'bo.2' }])
    expect([fold.indexOf('ana.1'), fold.indexOf('bo.2')]).toEqual([-1, 0])
    expect(fold.forget(() => false)).toBe(false)
  })
})
