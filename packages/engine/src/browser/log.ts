// The browser's part of the log: keeps it in IndexedDB and tells other windows. Loaded beside the join.
import type { Bytes } from '@knothole/wire'
import type { OpenRoomLog } from '../shell/talk/log-module.ts'
import { TalkKeeper } from '../shell/talk/talk-keeper.ts'
import { eraseIndexedDbLog, openIndexedDbLogStore } from './indexed-db-log-store.ts'
import { openTabChannel } from './tab-channel.ts'

export { eraseIndexedDbLog }

/** The log of the room with this secret. */
export function browserLog(secret: Bytes): OpenRoomLog {
  return (options) =>
    new TalkKeeper(options, {
      openStore: () => openIndexedDbLogStore({ logId: options.keys.logId, secret }),
      openTabs: openTabChannel,
    })
}
