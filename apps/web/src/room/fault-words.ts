// What the page says of something that was refused, typed over the engine's faults.
import type { FaultCode } from '@knothole/engine'

/** Something a peer or the server sent was refused. `who` is a name, or "Someone". */
export const FAULT_WORDS: Readonly<Record<FaultCode, (who: string) => string>> = {
  'card-forged': () =>
    'Someone was announced who does not hold the key to this room. They were kept out.',
  'signal-forged': (who) =>
    `Something sent in the name of ${who} was not from them. It was thrown away.`,
  'signal-replayed': (who) =>
    `An old introduction of ${who} was sent again by someone else. It was thrown away.`,
  'signal-unexpected': (who) => `${who} sent something out of turn. It was ignored.`,
  'identity-changed': (who) =>
    `${who} now has a different identity than before. Make sure it is really them before you go on.`,
  'frame-malformed': (who) => `${who} sent something unreadable. It was thrown away.`,
  'frame-flood': (who) => `${who} sent more than anyone could read. The rest was dropped.`,
  'entry-refused': (who) =>
    `${who} sent a message that is not as it was written, or not theirs to send. It was thrown away.`,
  'relay-forged': (who) =>
    `Something passed on from ${who} was changed or repeated on its way. It was thrown away.`,
}
