// A replica with what a shell does for it, and people who say things in it, for tests of files.
import { encodeEntryBody, memberIdOf } from '@knothole/wire'
import type { Bytes, EntryBody, FeedId, PeerId } from '@knothole/wire'
import { sha256 } from '../../core/log/index.ts'
import type { Log } from '../../core/log/index.ts'
import { Author, NOON } from '../../core/log/log.testing.ts'
import { Replica } from '../../core/sync/index.ts'
import type { ReplicaInput } from '../../core/sync/index.ts'
import type { Clock, Subtle } from '../../ports/index.ts'
import { BodySeals } from '../seals/body-seals.ts'
import { ProofChecks } from '../seals/proof-checks.ts'
import { deriveRoomKeys } from '../seals/room-keys.ts'
import { TalkFiles } from './talk-files.ts'

export const subtle = globalThis.crypto.subtle as unknown as Subtle

const randomBytes = (length: number): Bytes =>
  globalThis.crypto.getRandomValues(new Uint8Array(length))

const clock: Clock = {
  nowMs: () => Date.now(),
  schedule(atMs, call) {
    const timer = setTimeout(call, atMs - Date.now())
    return () => clearTimeout(timer)
  },
}

export class FileRoom {
  readonly files: TalkFiles
  readonly seals: BodySeals
  readonly #replica: Replica
  readonly #checks = new ProofChecks(subtle)
  #nowMs = NOON
  #timer: NodeJS.Timeout | undefined

  private constructor(replica: Replica, seals: BodySeals, files: (room: FileRoom) => TalkFiles) {
    this.#replica = replica
    this.seals = seals
    this.files = files(this)
    this.input({ type: 'restored', stored: undefined })
  }

  static async of(secret: number): Promise<FileRoom> {
    const keys = await deriveRoomKeys(subtle, new Uint8Array(16).fill(secret))
    const { logId, content: contentKey } = keys
    const seals = new BodySeals({ subtle, randomBytes }, contentKey)
    const { key } = new Author('reader')
    const name = { author: key, nonce: randomBytes(8) }
    const member = memberIdOf(sha256(key))
    const replica = new Replica({ logId, sha256, name, member, random: () => 0.5 })
    return new FileRoom(replica, seals, (room) => {
      const log = (): Log => room.log
      const input: ConstructorParameters<typeof TalkFiles>[0]['input'] = (what) => room.#tab(what)
      return new TalkFiles({ subtle, randomBytes, clock, logId, contentKey, seals, log, input })
    })
  }

  get log(): Log {
    return this.#replica.log
  }

  /** Somebody says things, with one signature for all of them. Answers the feed. */
  async say(author: Author, ...bodies: readonly EntryBody[]): Promise<FeedId> {
    const name = author.name()
    const feed = this.log.feedId(name)
    const sealed = await this.seals.seal(
      feed,
      bodies.map((body) => encodeEntryBody(body)),
    )
    const draft = this.log.draft(name, sealed, (this.#nowMs += 1000))
    if (draft === undefined) throw new Error('the feed is cut')
    this.log.append(draft, author.sign(draft.toSign))
    return feed
  }

  input(input: ReplicaInput): void {
    this.#replica.handle(input, Date.now())
    this.#drain()
  }

  #drain(): void {
    clearTimeout(this.#timer)
    const deadlineMs = this.#replica.deadlineMs()
    if (deadlineMs !== undefined) {
      this.#timer = setTimeout(() => {
        this.#replica.tick(Date.now())
        this.#drain()
      }, deadlineMs - Date.now())
      this.#timer.unref()
    }
    for (let out = this.#replica.poll(); out !== undefined; out = this.#replica.poll()) {
      if (out.type === 'send') this.files.hear(out.peer, out.data)
      if (out.type === 'store') {
        const { batch } = out
        queueMicrotask(() => this.input({ type: 'stored', batch, isDurable: true }))
      }
      if (out.type !== 'verify') continue
      const { id, author, signature, message } = out
      void this.#checks
        .verify(author, signature, message)
        .then((ok) => this.input({ type: 'verified', id, ok }))
    }
  }

  #tab(
    input:
      | { readonly type: 'tab-up' | 'tab-down'; readonly tab: PeerId }
      | { readonly type: 'tab-frame'; readonly tab: PeerId; readonly data: Bytes },
  ): void {
    const { tab: peer } = input
    const member = memberIdOf(sha256(new Author('reader').key))
    if (input.type === 'tab-frame') this.input({ type: 'frame', peer, data: input.data })
    else if (input.type === 'tab-up') this.input({ type: 'link-up', peer, member, isEager: true })
    else this.input({ type: 'link-down', peer })
  }
}
