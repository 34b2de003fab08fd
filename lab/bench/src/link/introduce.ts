/** Carries the signals of two pages of a bench to each other. */
import type { Page } from 'playwright-core'

/** What is done with a signal on its way. */
export interface Carrying {
  replace(signal: string): Promise<string>
  /** Gives it to the page it is for. */
  hear(page: Page, signal: string): Promise<unknown>
}

/** From now on what a page gives to `tellOther` comes to the other one, in order. */
export async function introduce(
  [one, other]: readonly [Page, Page],
  carrying: Carrying,
): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    let told: Promise<unknown> = Promise.resolve()
    await from.exposeFunction('tellOther', (signal: string) => {
      const replaced = carrying.replace(signal)
      told = told.then(() => replaced).then((text) => carrying.hear(to, text))
    })
  }
}
