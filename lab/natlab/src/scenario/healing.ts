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

/** What a page shows in the end. */
export interface PageEnd {
  readonly name: string
  readonly texts: readonly string[]
}

/** The numbers that somebody said: those typed, and those in doubt that any page shows. */
export function saidNumbers(speaker: TalkPart, pages: readonly PageEnd[]): ReadonlySet<number> {
  const shown = new Set(pages.flatMap(({ texts }) => numbersIn(speaker, texts)))
  const inDoubt = [...speaker.uncertain].filter((number) => shown.has(number))
  return new Set([...speaker.typed.map(({ number }) => number), ...inDoubt])
}

/** Holds what a page shows in the end against what somebody said: what one page shows, all must. */
export function numbersShown(
  speaker: TalkPart,
  reader: PageEnd,
  typed: ReadonlySet<number>,
): NumbersShown {
  const numbers = numbersIn(speaker, reader.texts)
  const distinct = new Set(numbers)
  return {
    reader: reader.name,
    speaker: speaker.name,
    typed: typed.size,
    lost: [...typed].filter((number) => !distinct.has(number)).length,
    doubled: numbers.length - distinct.size,
    misplaced: numbers.filter((number, at) => number > (numbers[at + 1] ?? number)).length,
    invented: [...distinct].filter((number) => !typed.has(number)).length,
  }
}

function numbersIn({ name }: TalkPart, texts: readonly string[]): number[] {
  return texts.flatMap((text) => numberIn(name, text) ?? [])
}

/** Whether all pages show in the same order what they all show. */
export function isSameOrder(pages: readonly (readonly string[])[]): boolean {
  const [first = [], ...others] = pages.map((texts) => [...texts])
  const sets = others.map((texts) => new Set(texts))
  const common = new Set(first.filter((text) => sets.every((texts) => texts.has(text))))
  const orders = pages.map((texts) => texts.filter((text) => common.has(text)).join('\n'))
  return new Set(orders).size <= 1
}
