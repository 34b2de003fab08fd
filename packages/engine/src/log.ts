// What is loaded beside the join, because no link needs it to open: the log, its sync, what is said in it,
// and the store. SPEC.md has the rules.
import type { LogStore, OpenTabChannel } from './ports/index.ts'
import type { LoadLog } from './shell/talk/log-module.ts'
import { MemoryLogStore } from './shell/store/memory-log-store.ts'
import { TalkKeeper } from './shell/talk/talk-keeper.ts'

export * from './core/log/index.ts'
export * from './core/sync/index.ts'
export * from './core/talk/talk.ts'
export * from './shell/seals/body-seals.ts'
export type * from './shell/talk/log-module.ts'
export * from './shell/store/memory-log-store.ts'
export * from './shell/seals/proof-checks.ts'
export * from './shell/talk/talk-keeper.ts'

/** The log in any runtime, kept where `openStore` says; by itself it is kept in memory. */
export function plainLog(
  openStore: () => Promise<LogStore> = () => Promise.resolve(new MemoryLogStore()),
  openTabs?: OpenTabChannel,
): LoadLog {
  return () => Promise.resolve((options) => new TalkKeeper(options, { openStore, openTabs }))
}
