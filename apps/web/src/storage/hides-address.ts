// Whether this person hides their address from the people they talk to. Kept in this browser.
import type { NameStore } from './own-name.ts'

const KEY = 'knothole-hides-address'

/** The choice kept; not to hide, before there was one. */
export async function readHidesAddress(store: NameStore): Promise<boolean> {
  return (await store.get(KEY).catch(() => undefined)) === true
}

/** Keeps the choice. */
export function keepHidesAddress(store: NameStore, hides: boolean): void {
  // reason: private windows refuse storage; the choice then lives as long as the page.
  store.set(KEY, hides).catch(() => undefined)
}
