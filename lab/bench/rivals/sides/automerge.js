/**
 * Automerge with its own sync protocol. A conversation is a list of messages, added 256 to a change:
 * one change each takes it minutes to write.
 */
import * as Automerge from '@automerge/automerge/slim'
import { automergeWasmBase64 } from '@automerge/automerge/automerge.wasm.base64'

/** Messages in one change. */
const BATCH = 256

await Automerge.initializeBase64Wasm(automergeWasmBase64)

export function openSide(send) {
  let doc = Automerge.init()
  let state = Automerge.initSyncState()
  const say = () => {
    const [next, message] = Automerge.generateSyncMessage(doc, state)
    state = next
    if (message !== null) send(message)
  }
  return {
    fill(texts) {
      let atMs = 1_700_000_000_000
      doc = Automerge.from({ messages: [] })
      for (let at = 0; at < texts.length; at += BATCH) {
        const messages = texts.slice(at, at + BATCH).map((text) => ({
          author: new Automerge.ImmutableString('ana'),
          atMs: atMs++,
          text: new Automerge.ImmutableString(text),
        }))
        doc = Automerge.change(doc, (draft) => {
          draft.messages.push(...messages)
        })
      }
    },
    start: say,
    receive(bytes) {
      const [next, nextState] = Automerge.receiveSyncMessage(doc, state, bytes)
      doc = next
      state = nextState
      say()
    },
    count: () => doc.messages?.length ?? 0,
  }
}
