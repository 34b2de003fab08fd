// What each fault means, in words for a person.
import type { FaultCode } from './room-state.ts'

export const FAULT_WORDS: Readonly<Record<FaultCode, string>> = {
  'card-forged':
    'The server announced someone who does not hold the link to this room. They were not let in.',
  'signal-forged': 'An introduction was changed or forged on its way. It was thrown away.',
  'signal-replayed': 'An old introduction was sent again. It was thrown away.',
  'signal-unexpected':
    'An introduction came from someone who is not in this room. It was thrown away.',
  'identity-changed':
    'Someone tried to speak in the name of another person here. They were not let in.',
  'frame-malformed':
    'Something came that this version of Knothole cannot read. It was thrown away.',
  'frame-flood': 'Someone here sends more than anyone can read. The excess is thrown away.',
  'relay-forged':
    'Something that was passed on for you was changed, forged or repeated on its way. It was thrown away.',
  'entry-refused':
    'Something in the conversation was forged, changed or damaged on its way. It was thrown away.',
}
