/** What takes part in `first-message`: it sets its servers up once per condition, then a room per run. */
import type { Page } from 'playwright-core'
import type { ContenderNote } from '../bench.ts'
import type { Network } from '../network.ts'

/** The one message that is sent; the newcomer's page is watched for it. */
export const greeting = 'knock knock'

/** A contender. */
export interface Contender extends ContenderNote {
  /** Starts its servers, reachable through `network` only. */
  open(network: Network): Promise<Stage>
}

/** A contender whose servers run. */
export interface Stage {
  /**
   * Brings the waiter's blank page into a fresh room, where it will greet whoever comes, and returns
   * the link for the newcomer once the waiter is ready.
   */
  arrange(waiter: Page): Promise<string>
  close(): Promise<void>
}
