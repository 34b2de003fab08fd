// Numbered messages, to see whether any is lost, doubled or out of order. Pure.

/** What one page showed of another's numbers. */
export interface NumbersRead {
  readonly said: number
  readonly read: number
  readonly lost: number
  readonly doubled: number
  /** Numbers that stand before a smaller one. */
  readonly misplaced: number
}

/** The numbers of a speaker in the order they are shown. */
export function numbersOf(name: string, messages: readonly string[]): number[] {
  const pattern = new RegExp(`${name} says no\\. (\\d+)\\.`)
  return messages.flatMap((message) => {
    const number = pattern.exec(message)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
}

/** Counts what is wrong with a list that should be 1, 2, 3 and so on. */
export function countNumbers(said: number, shown: readonly number[]): NumbersRead {
  const distinct = new Set(shown)
  return {
    said,
    read: shown.length,
    lost: said - distinct.size,
    doubled: shown.length - distinct.size,
    misplaced: shown.filter((number, index) => number > (shown[index + 1] ?? number)).length,
  }
}
