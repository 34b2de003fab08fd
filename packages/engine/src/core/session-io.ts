// What goes into the session and what comes out of it.
import type { Bytes, Card, ClientFrame, MemberId, PeerId, Signal } from '@knothole/wire'
import type { RtcCommand, RtcEvent, RtcOptions } from '../ports/index.ts'
import type { SocketInput } from './rendezvous-client.ts'
import type { Fault, Message } from './room-state.ts'

/** What the session is told. */
export type SessionInput =
  | SocketInput
  | { readonly type: 'typing'; readonly active: boolean }
  | { readonly type: 'rename'; readonly name: string }
  | { readonly type: 'leave' }
  | { readonly type: 'card-sealed'; readonly card: Bytes }
  | { readonly type: 'signal-sealed'; readonly to: PeerId; readonly sealed: Bytes }
  | {
      readonly type: 'card-opened'
      readonly peer: PeerId
      readonly member: MemberId
      readonly card: Card
    }
  | { readonly type: 'card-refused'; readonly peer: PeerId }
  | {
      readonly type: 'signal-opened'
      readonly peer: PeerId
      readonly member: MemberId
      readonly signal: Signal
    }
  | { readonly type: 'signal-refused'; readonly peer: PeerId }
  | { readonly type: 'rtc'; readonly connection: number; readonly event: RtcEvent }

/** What the session wants done. Effects named `seal-…` and `open-…` must be done in order. */
export type SessionOutput =
  | { readonly type: 'open-socket'; readonly socket: number }
  | { readonly type: 'close-socket'; readonly socket: number }
  | { readonly type: 'send'; readonly socket: number; readonly frame: ClientFrame }
  /** Seal the card and, from connection `offer`, a first offer to anyone; sign; send the join. */
  | {
      readonly type: 'join'
      readonly socket: number
      readonly nonce: Bytes
      readonly card: Card
      readonly offer: number | undefined
    }
  | { readonly type: 'seal-card'; readonly card: Card }
  | { readonly type: 'seal-signal'; readonly to: PeerId; readonly signal: Signal }
  | { readonly type: 'open-card'; readonly peer: PeerId; readonly sealed: Bytes }
  | {
      readonly type: 'open-signal'
      readonly peer: PeerId
      readonly sealed: Bytes
      readonly toAnyone: boolean
    }
  | {
      readonly type: 'rtc-open'
      readonly connection: number
      readonly options: RtcOptions | undefined
    }
  | { readonly type: 'rtc'; readonly connection: number; readonly command: RtcCommand }
  | { readonly type: 'rtc-close'; readonly connection: number }
  | { readonly type: 'changed' }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'fault'; readonly fault: Fault }
