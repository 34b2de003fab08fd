// A whole log opened and folded, to be written down: what the conversation shows, from its beginning.
import { memberIdOf } from '@knothole/wire'
import type { MemberId } from '@knothole/wire'
import { sha256 } from '../../core/log/index.ts'
import type { FeedView, Log } from '../../core/log/index.ts'
import { reactionsOf } from '../../core/talk/fold.ts'
import type { Row } from '../../core/talk/fold.ts'
import type { Message } from '../../core/talk/message.ts'
import { OpenPart } from '../../core/talk/open-part.ts'
import type { BodySeals } from '../seals/body-seals.ts'

/** Somebody who never told a name. */
const NAMELESS = 'Somebody'

/** Every message of a log, in order. */
export async function transcriptOf(log: Log, seals: BodySeals): Promise<readonly Message[]> {
  const members = new Map<string, MemberId>()
  const authorOf = ({ id, name }: FeedView): MemberId => {
    const author = members.get(id) ?? memberIdOf(sha256(name.author))
    members.set(id, author)
    return author
  }
  const part = new OpenPart({ log, authorOf })
  const entries = Array.from({ length: log.order.length }, (_, at) => log.order.at(at))
  // Far beyond any pause: what is looked at without haste otherwise is opened now.
  let nowMs = Number.MAX_SAFE_INTEGER / 2
  part.admitted(
    entries.filter((entry) => entry !== undefined),
    () => undefined,
    { isNews: false, nowMs: 0 },
  )
  for (;;) {
    const batch = part.next((nowMs += 1000))
    if (batch !== undefined) {
      const bodies = batch.entries.map(({ feed, body }) => ({ feed: feed.id, sealed: body }))
      part.opened(batch.number, await seals.open(bodies))
    } else if (part.hasEarlier) part.earlier()
    else break
  }
  const { fold } = part
  return Array.from({ length: fold.length }, (_, at) => fold.at(at))
    .filter((row) => row !== undefined)
    .map((row) => messageOf(row, fold.nameOf(row.author) ?? NAMELESS))
}

function messageOf(row: Row, name: string): Message {
  const { id, author, atMs, replyTo, event, problem, isDeleted } = row
  const text = isDeleted ? '' : (row.edit?.text ?? row.said)
  const edited = row.edit !== undefined && !isDeleted
  const reactions = isDeleted ? [] : reactionsOf(row)
  const words = { id, author, name, atMs, text, mine: false, reactions }
  const more = { replyTo, event, problem }
  return {
    ...words,
    ...more,
    ...(edited ? { edited } : {}),
    ...(isDeleted ? { deleted: true } : {}),
  }
}
