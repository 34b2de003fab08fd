// Other windows of this browser in the same room, as peers of the log: who is there, and frames to each.
// They find each other without any network.
import { encodeBase64url } from '@knothole/wire'
import type { Bytes, PeerId } from '@knothole/wire'
import * as v from 'valibot'
import type { TalkInput } from '../../core/index.ts'
import type { OpenTabChannel, RandomBytes, TabChannel, TabMessage } from '../../ports/index.ts'

/** Random bytes of a window's name. */
const NAME_BYTES = 16

/** A window is asked again for a sign after it went without a word: its room was closed, or it crashed. */
const message = v.object({
  from: v.string(),
  to: v.optional(v.string()),
  type: v.picklist(['here', 'gone', 'log']),
  data: v.optional(v.instance(Uint8Array<ArrayBuffer>)),
})

export class Tabs {
  readonly #name: string
  readonly #channel: TabChannel
  readonly #known = new Set<string>()
  readonly #input: (input: TalkInput) => void

  constructor(options: {
    readonly open: OpenTabChannel
    readonly logId: Bytes
    readonly randomBytes: RandomBytes
    readonly input: (input: TalkInput) => void
  }) {
    const { open, logId, randomBytes, input } = options
    this.#name = encodeBase64url(randomBytes(NAME_BYTES))
    this.#input = input
    this.#channel = open(`knothole ${encodeBase64url(logId)}`, (heard) => this.#hear(heard))
    this.#post({ type: 'here' })
  }

  send(tab: PeerId, data: Bytes): void {
    this.#post({ type: 'log', to: tab, data })
  }

  close(): void {
    this.#post({ type: 'gone' })
    this.#channel.close()
  }

  #post(what: Omit<TabMessage, 'from'>): void {
    this.#channel.post({ ...what, from: this.#name })
  }

  #hear(heard: unknown): void {
    const parsed = v.safeParse(message, heard)
    if (!parsed.success) return
    const { from, to, type, data } = parsed.output
    if (to !== undefined && to !== this.#name) return
    const tab = from as PeerId
    if (type === 'gone') {
      if (this.#known.delete(from)) this.#input({ type: 'tab-down', tab })
      return
    }
    if (!this.#known.has(from)) {
      this.#known.add(from)
      this.#input({ type: 'tab-up', tab })
      // Whoever comes learns that we are here.
      if (type === 'here' && to === undefined) this.#post({ type: 'here', to: from })
    }
    if (type === 'log' && data !== undefined) this.#input({ type: 'tab-frame', tab, data })
  }
}
