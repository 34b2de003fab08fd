// One attempt to open a path that plain ICE does not find: what two peers say to each other about
// it, and what each has its connections do. Data only; ladder.ts decides, the engine acts.

/** Ways to a path that need both sides' agreement. */
export type TrickRung = 'predicted' | 'birthday-block' | 'birthday-shared'

/** Ways that bytes can travel, and how they are sought. */
export type Rung = 'plain' | TrickRung | 'member-relay' | 'turn' | 'ws-relay'

/**
 * Where a side's checks will come from. `ports` are, of a NAT that keeps one port per socket, those
 * of its connections in order; of any other NAT those just seen by throw-away sockets, in the order
 * of asking.
 */
export interface PortSample {
  readonly address: string
  readonly ports: readonly number[]
  /** Walking NATs: how many flows of others were counted, and over how long. */
  readonly flows?: number
  readonly overMs?: number
  /** From the server's look at the last port to this message; set by the ladder. */
  readonly lagMs?: number
}

/**
 * What peers say about an attempt, sealed like every signal. `payload` is the shell's: descriptions
 * (ufrag, password, fingerprint) of the connections it has prepared.
 */
export type AttemptMessage<Payload = unknown> =
  | {
      readonly type: 'propose'
      readonly attempt: number
      readonly rung: TrickRung
      /** Decides every random port of the attempt. */
      readonly seed: number
      /** How many the proposer has prepared, and how many the other side shall prepare. */
      readonly connections: readonly [mine: number, yours: number]
      readonly payload: Payload
      /** Absent when the proposer's ports must be as fresh as can be: they come with `go`. */
      readonly sample?: PortSample
    }
  | {
      readonly type: 'accept'
      readonly attempt: number
      readonly payload: Payload
      /** From the proposal's arrival to this message, in ms: what is left is the way. */
      readonly tookMs: number
      readonly sample: PortSample
    }
  | {
      readonly type: 'go'
      readonly attempt: number
      readonly sample: PortSample
      /** From `accept` being sent to `go` arriving, in ms, as the proposer reckons. */
      readonly ageMs: number
    }
  | { readonly type: 'decline'; readonly attempt: number; readonly reason: DeclineReason }

/** `busy`: another random punch in this room, or too soon; `unwilling`: settings; `failed`: our fault. */
export type DeclineReason = 'busy' | 'unwilling' | 'failed'

/** What to open before an attempt: connections with a `talk` channel, no STUN or TURN server unless said. */
export interface Preparation {
  readonly attempt: number
  readonly rung: TrickRung
  readonly connections: number
  /** `shared`: all of this side have one certificate and, by munging, one ufrag and password. */
  readonly credentials: 'own' | 'shared'
  /** The connections gather with STUN, and the sample is their mapped ports in order. */
  readonly gather: boolean
}

/**
 * What one side's connections do. Connection i has for remote candidates `ports[i]` at `address`, in
 * this order and with falling priority. First `ports[0][0]`, then `gapMs` later `ports[1][0]`, and so
 * on through all connections: their NAT must see their first checks in this order. Once a connection
 * has its first candidate it gets the next `atOnce - 1`, then one each `everyMs`. Nothing else may be
 * checked: no candidate of the other side's descriptions.
 */
export interface Plan {
  readonly attempt: number
  readonly rung: TrickRung
  readonly address: string
  readonly ports: readonly (readonly number[])[]
  readonly gapMs: number
  readonly atOnce: number
  readonly everyMs: number
  /** When to give up, counted from the start; sockets must stay open until then. */
  readonly lastsMs: number
}
