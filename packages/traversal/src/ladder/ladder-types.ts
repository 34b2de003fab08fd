// What the ladder of one pair takes and gives. Types only; ladder.ts is the machine.
import type { AttemptMessage, Plan, PortSample, Preparation, Rung, TrickRung } from './attempt.ts'
import type { SeenPort } from './attempt-run.ts'
import type { NatReport } from '../nat/nat-report.ts'
import type { PunchBudget } from './punch-budget.ts'

/** What worked, or did not, between two networks: plain data, to be kept by `networkPairKey`. */
export interface LadderMemory {
  /** The last rung that gave a direct path. */
  readonly won?: 'plain' | TrickRung | undefined
  /** How often everything has failed in a row since. */
  readonly failures: number
}

export interface LadderSettings {
  /** Whether the browser lets us choose ufrag and password, which shared credentials need. */
  readonly munging: boolean
  /** Only relays; nothing that shows our address. */
  readonly hideAddress: boolean
  /** No birthday punching: the person pays for bytes. */
  readonly saveData: boolean
  /** Relays that exist for this pair now. */
  readonly relays: readonly RelayRung[]
}

export type RelayRung = 'member-relay' | 'turn' | 'ws-relay'

export interface LadderOptions {
  /** Peer ids; the smaller one proposes attempts. */
  readonly me: string
  readonly other: string
  /** Numbers in [0, 1): seeds of attempts. */
  readonly random: () => number
  readonly settings: LadderSettings
  readonly memory?: LadderMemory
  /** One for all ladders of a room. */
  readonly budget?: PunchBudget
}

export type LadderInput<Payload = unknown> =
  /** A card came, or our own measurement is done; undefined when a side says nothing. */
  | {
      readonly type: 'report'
      readonly side: 'mine' | 'theirs'
      readonly report?: NatReport
      /** Of a walking NAT of ours, the newest port and when it was seen. */
      readonly seen?: SeenPort
    }
  | { readonly type: 'settings'; readonly settings: LadderSettings }
  /** Whether signals reach the other side now, by whatever way. */
  | { readonly type: 'signalling'; readonly up: boolean }
  /** The path that bytes take now; undefined when there is none. */
  | { readonly type: 'path'; readonly path: 'direct' | RelayRung | undefined }
  /** Plain ICE has given up. */
  | { readonly type: 'plain-failed' }
  /** One side's network is another than before; a new report may follow. */
  | { readonly type: 'network-change'; readonly memory?: LadderMemory }
  /** The same, perhaps: a timer was late, or signalling was gone for a while. */
  | { readonly type: 'network-doubt' }
  | { readonly type: 'message'; readonly message: AttemptMessage<Payload> }
  /** Answers `prepare`; `ports` are the mapped ports of connections that gathered. */
  | {
      readonly type: 'prepared'
      readonly attempt: number
      readonly payload: Payload
      readonly sample?: PortSample
    }
  /** Answers `sample`; without a sample when no server answered. */
  | { readonly type: 'sampled'; readonly attempt: number; readonly sample?: PortSample }
  /** A connection of the attempt is open on both sides, or the shell could not do its part. */
  | { readonly type: 'attempt-result'; readonly attempt: number; readonly connected: boolean }

export type LadderOutput<Payload = unknown> =
  /** Seek a path by this rung; `plain` restarts ICE when it was started before. */
  | { readonly type: 'start'; readonly rung: 'plain' | RelayRung }
  | { readonly type: 'stop'; readonly rung: 'plain' | RelayRung }
  | ({ readonly type: 'prepare' } & Preparation)
  /** The other side's connections: apply them to those prepared. */
  | { readonly type: 'apply'; readonly attempt: number; readonly payload: Payload }
  /** Ask STUN from this many throw-away sockets at once, all servers each. */
  | { readonly type: 'sample'; readonly attempt: number; readonly sockets: number }
  | { readonly type: 'send'; readonly message: AttemptMessage<Payload> }
  | { readonly type: 'go'; readonly plan: Plan }
  /** Close what is left of an attempt; after a success, all but the connection that opened. */
  | { readonly type: 'end'; readonly attempt: number; readonly connected: boolean }
  | { readonly type: 'remember'; readonly memory: LadderMemory }

/** For pages and logs: what the ladder is doing. */
export interface LadderStatus {
  readonly path: 'direct' | RelayRung | undefined
  readonly trying: Rung | undefined
  /** When the next trick is due, if one is. */
  readonly retryAtMs: number | undefined
}
