// What a person is told of what others sent to our log and an honest one would not.
import type { FaultCode } from '../room-state.ts'
import type { SyncFault } from '../sync/index.ts'

export function faultCodeOf(code: SyncFault): FaultCode {
  switch (code) {
    case 'log-malformed':
    case 'newer-version':
      return 'frame-malformed'
    case 'log-flood':
      return 'frame-flood'
    default:
      return 'entry-refused'
  }
}
