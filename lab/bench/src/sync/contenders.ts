/** Who takes part in `sync`, and the files of each. */
import { join } from 'node:path'
import type { ContenderNote } from '../bench.ts'
import { sourceFile } from '../bundle.ts'
import { rivalsFolder } from '../places.ts'

/** A contender and what it is made of. */
export interface SyncContender extends ContenderNote {
  readonly side: string
  readonly way: string
}

const raw = sourceFile('sync/raw.testing.ts')

export const syncContenders: readonly SyncContender[] = [
  {
    name: 'knothole',
    what:
      'the engine’s replica: every message sealed, hashed into its author’s feed and vouched for by a' +
      ' signature, all of it checked on arrival; bodies stay sealed until they are shown. Between pages as' +
      ' frames of talk over a link of the engine, as in a room.',
    side: sourceFile('sync/knothole-side.testing.ts'),
    way: sourceFile('sync/link.testing.ts'),
  },
  {
    name: 'yjs',
    what:
      'Yjs 13.6.33 with the messages of y-webrtc’s protocol (y-protocols 1.0.7), messages in a Y.Array, each' +
      ' in a transaction of its own; between pages over a raw data channel. Nothing is signed, sealed or' +
      ' hashed. The whole history is one message, cut into pieces here: y-webrtc itself does not, and' +
      ' Chromium refuses what is larger than 256 KiB.',
    side: join(rivalsFolder, 'sides/yjs.js'),
    way: raw,
  },
  {
    name: 'automerge',
    what:
      'Automerge 3.5.0 with its sync protocol, messages in a list, 256 to a change; between pages over a raw' +
      ' data channel. Changes are hashed, not signed or sealed.',
    side: join(rivalsFolder, 'sides/automerge.js'),
    way: raw,
  },
]
