/**
 * Yjs with y-webrtc's protocol: the messages of y-protocols' sync, as y-webrtc sends them over its data
 * channel. A conversation is a Y.Array of messages, each added in a transaction of its own.
 */
import * as Y from 'yjs'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as sync from 'y-protocols/sync'

/** y-webrtc's type of a message of the sync protocol. */
const MESSAGE_SYNC = 0

export function openSide(send) {
  const doc = new Y.Doc()
  const messages = doc.getArray('messages')
  const say = (write) => {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, MESSAGE_SYNC)
    write(encoder)
    send(encoding.toUint8Array(encoder))
  }
  return {
    fill(texts) {
      let atMs = 1_700_000_000_000
      for (const text of texts) messages.push([{ author: 'ana', atMs: atMs++, text }])
    },
    start() {
      say((encoder) => sync.writeSyncStep1(encoder, doc))
    },
    receive(bytes) {
      const decoder = decoding.createDecoder(bytes)
      decoding.readVarUint(decoder)
      const encoder = encoding.createEncoder()
      encoding.writeVarUint(encoder, MESSAGE_SYNC)
      sync.readSyncMessage(decoder, encoder, doc, 'peer')
      if (encoding.length(encoder) > 1) send(encoding.toUint8Array(encoder))
    },
    count: () => messages.length,
  }
}
