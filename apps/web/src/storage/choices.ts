// What this person has chosen with a switch, off until then. Kept in this browser.
import type { NameStore } from './own-name.ts'

/** `hides-address`: from the people they talk to. `tells-read`: they let others know what they have read. */
export type Choice = 'hides-address' | 'tells-read'

/** The choice kept; off, before there was one. */
export async function readChoice(store: NameStore, choice: Choice): Promise<boolean> {
  return (await store.get(`knothole-${choice}`).catch(() => undefined)) === true
}

/** Keeps the choice. */
export function keepChoice(store: NameStore, choice: Choice, isOn: boolean): void {
  // reason: private windows refuse storage; the choice then lives as long as the page.
  store.set(`knothole-${choice}`, isOn).catch(() => undefined)
}
