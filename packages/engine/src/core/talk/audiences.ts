// Whom our messages are for, and what people are called: those who are here, and those who wrote lately.
import type { MemberId } from '@knothole/wire'
import type { Log } from '../log/index.ts'
import type { FeedView } from '../log/index.ts'
import type { Person } from '../room-state.ts'
import type { Audience } from './delivery.ts'

/** Who wrote nothing for so long and is not here is not waited for: a week has everyone's working days. */
const LATELY_MS = 7 * 24 * 60 * 60 * 1000

export interface AudiencesOptions {
  readonly log: Log
  readonly me: () => MemberId
  readonly ownName: () => string
  readonly people: () => readonly Person[]
  readonly authorOf: (feed: FeedView) => MemberId
  /** The newest name in the log. */
  readonly namedInLog: (member: MemberId) => string | undefined
}

export class Audiences {
  readonly #options: AudiencesOptions
  #people: ReadonlyMap<MemberId, string> | undefined
  #audience: Audience | undefined

  constructor(options: AudiencesOptions) {
    this.#options = options
  }

  /** People may have come, gone, written or taken other names. */
  changed(): void {
    this.#people = undefined
    this.#audience = undefined
  }

  /** What somebody is called: by themselves now, or the last time they wrote; empty when nobody told it. */
  readonly nameOf = (member: MemberId): string => {
    const { me, ownName, namedInLog } = this.#options
    if (member === me()) return ownName()
    return this.#names().get(member) ?? namedInLog(member) ?? ''
  }

  audience(nowMs: number): Audience {
    if (this.#audience !== undefined) return this.#audience
    const here = new Set(this.#names().keys())
    const known = new Set(here)
    const { log, authorOf, me } = this.#options
    for (const feed of log.feeds()) {
      const author = authorOf(feed)
      if (author === me() || known.has(author)) continue
      const newest = log.entry(feed.id, feed.count)
      if (newest !== undefined && newest.atMs > nowMs - LATELY_MS) known.add(author)
    }
    this.#audience = { here, known, nameOf: this.nameOf }
    return this.#audience
  }

  /** Others who are here. */
  #names(): ReadonlyMap<MemberId, string> {
    if (this.#people !== undefined) return this.#people
    const others = this.#options.people().filter(({ isMe }) => !isMe)
    this.#people = new Map(others.map(({ member, name }) => [member, name]))
    return this.#people
  }
}
