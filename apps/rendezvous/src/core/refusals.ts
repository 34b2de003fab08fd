// What a refusal says to a person who reads the console of a client that was refused.
import type { RefusalCode } from '@knothole/wire'

/** The explanation of a refusal where there is nothing more particular to say. */
export const REFUSAL_MESSAGES: Readonly<Record<RefusalCode, string>> = {
  'bad-frame': 'this frame is malformed or out of order',
  'too-large': 'this frame is too large',
  'unsupported-version': 'this version of the protocol is not spoken here',
  'join-timeout': 'the join did not come in time',
  'room-not-found': 'there is no such room, or it has expired',
  'not-admitted': 'the signatures do not admit to this room',
  'room-full': 'the room is full',
  'rate-limited': 'too much at once; come back later',
  'unknown-peer': 'no such peer is in this room now',
  replaced: 'this peer has joined again from another socket',
  'going-away': 'the server is stopping; come back in a moment',
}
