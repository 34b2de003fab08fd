// What came of a talk that was disturbed: how long until it passed again between everybody, and whether
// everybody shows every message once and in order. Pure.

import { numberIn, type Typed } from './typist.ts'

/** One person's part of a talk. */
export interface TalkPart {
  readonly name: string
  readonly typed: readonly Typed[]
  /** Numbers that may have been said or not. */
  readonly uncertain: ReadonlySet<number>
  /** What this person's page showed, with the moment at which it did first. */
  readonly shown: readonly { readonly text: string; readonly atMs: number }[]
}

/** What one page shows of one person's numbers in the end. */
export interface NumbersShown {
  readonly reader: string
  readonly speaker: string
  readonly typed: number
  readonly lost: number
  readonly doubled: number
  /** Numbers that stand before a smaller one. */
  readonly misplaced: number
  /** Numbers nobody typed. */
  readonly invented: number
}

/**
 * Milliseconds from a moment until each has read from each other something typed after it; undefined
 * while that is not so.
 */
export function healMs(parts: readonly TalkPart[], fromMs: number): number | undefined {
  const ways = parts.flatMap((speaker) =>
    parts
      .filter((reader) => reader !== speaker)
      .map((reader) => firstReadMs(speaker, reader, fromMs)),
  )
  const last = Math.max(...ways.map((atMs) => atMs ?? Infinity))
  return Number.isFinite(last) ? last - fromMs : undefined
}

function firstReadMs(speaker: TalkPart, reader: TalkPart, fromMs: number): number | undefined {
  const next = speaker.typed.find(({ atMs }) => atMs >= fromMs)?.number
  if (next === undefined) return undefined
  return reader.shown.find(({ text }) => (numberIn(speaker.name, text) ?? 0) >= next)?.atMs
}

/** Holds what a page shows in the end against what somebody typed. */
export function numbersShown(
  speaker: TalkPart,
  reader: { readonly name: string; readonly texts: readonly string[] },
): NumbersShown {
  const numbers = reader.texts.flatMap((text) => numberIn(speaker.name, text) ?? [])
  const distinct = new Set(numbers)
  const typed = new Set(speaker.typed.map(({ number }) => number))
  return {
    reader: reader.name,
    speaker: speaker.name,
    typed: typed.size,
    lost: [...typed].filter((number) => !distinct.has(number)).length,
    doubled: numbers.length - distinct.size,
    misplaced: numbers.filter((number, at) => number > (numbers[at + 1] ?? number)).length,
    invented: [...distinct].filter((number) => !typed.has(number) && !speaker.uncertain.has(number))
      .length,
  }
}

/** Whether all pages show in the same order what they all show. */
export function isSameOrder(pages: readonly (readonly string[])[]): boolean {
  const [first = [], ...others] = pages.map((texts) => [...texts])
  const sets = others.map((texts) => new Set(texts))
  const common = new Set(first.filter((text) => sets.every((texts) => texts.has(text))))
  const orders = pages.map((texts) => texts.filter((text) => common.has(text)).join('\n'))
  return new Set(orders).size <= 1
}
