// The browser's part of the detours: measures the NAT, keeps what was learnt of pairs of networks, and
// has the attempts of every link's ladder made. Loaded with the detours, when a link is not up at once
// or nobody is waiting.
import { encodeReport, PunchBudget } from '@knothole/traversal/ladder'
import type { LadderSettings } from '@knothole/traversal/ladder'
import type { PeerId, ServerFrame } from '@knothole/wire'
import { BulkDesk } from '../core/bulk/bulk-desk.ts'
import type { Bulk, BulkHost, BulkInput } from '../core/bulk/bulk.ts'
import { Climb } from '../core/detours/climb.ts'
import type { ClimbCommand, ClimbView } from '../core/detours/climb.ts'
import { DetoursOfRoom } from '../core/detours/detours-of-room.ts'
import type { OpenClimb } from '../core/detours/detours-of-room.ts'
import type { DetourHost, Detours } from '../core/detours/detours.ts'
import type { Mesh, MeshHost } from '../core/mesh/seat.ts'
import { MeshOfRoom } from '../core/mesh/mesh.ts'
import type { Subtle } from '../ports/index.ts'
import type { DetoursHooks, DetoursModule } from '../shell/detours-module.ts'
import { RelaySealer } from '../shell/seals/relay-sealer.ts'
import { RoomBytes } from '../shell/room-bytes.ts'
import type { IncomingBytes } from '../shell/room-bytes.ts'
import type { RelaySealerOptions } from '../shell/seals/relay-sealer.ts'
import { Attempts } from './attempts.ts'
import { recallPath, rememberPath } from './ladder-store.ts'
import { mayChooseCredentials } from './munging.ts'
import { measureNat } from './nat-report.ts'
import type { AskProbe, MeasuredNat } from './nat-report.ts'
import { StunKnocks } from './stun-knocks.ts'
import { BrowserRtcConnection } from './rtc-connection.ts'

export interface BrowserDetoursOptions {
  readonly stunUrls: readonly string[]
  readonly nowMs: () => number
}

/** A server that does not answer a probe in this time takes none. */
const PROBE_MS = 2_000

type Probed = Extract<ServerFrame, { type: 'probed' }>

export class BrowserDetours implements DetoursModule {
  readonly #options: BrowserDetoursOptions
  readonly #hooks: DetoursHooks
  readonly #attempts = new Map<PeerId, Attempts>()
  readonly #budget = new PunchBudget()
  #host: DetourHost | undefined
  readonly #knocks: StunKnocks
  #munging = false
  #measured: MeasuredNat | undefined
  #onProbed: ((frame: Probed) => void) | undefined

  constructor(options: BrowserDetoursOptions, hooks: DetoursHooks) {
    this.#options = options
    this.#hooks = hooks
    this.#knocks = new StunKnocks(options.stunUrls, hooks.onAnswer)
  }

  readonly openBulk = (host: BulkHost): Bulk => new BulkDesk(host)

  readonly openMesh = (host: MeshHost, nowMs: number): Mesh => new MeshOfRoom(host, nowMs)

  readonly openBytes = (
    input: (input: BulkInput) => void,
    onIncoming: (incoming: IncomingBytes) => boolean,
  ): RoomBytes => new RoomBytes(input, onIncoming)

  readonly openRelaySealer = (subtle: Subtle, options: RelaySealerOptions): RelaySealer =>
    new RelaySealer(subtle, options)

  readonly openDetours = (host: DetourHost): Detours => {
    this.#host = host
    const room = new DetoursOfRoom(host, this.#openClimb)
    void this.#measure()
    return {
      openLink: (peer, ice, nowMs) => room.openLink(peer, ice, nowMs),
      handle: (input, nowMs) => {
        if (input.type === 'network-changed') void this.#measure()
        if (input.type === 'gone') this.#forget(input.peer)
        if (input.type === 'server' && input.frame.type === 'probed') this.#onProbed?.(input.frame)
        else room.handle(input, nowMs)
      },
      reaches: (peer) => room.reaches(peer),
      tick: (nowMs) => room.tick(nowMs),
      deadlineMs: () => room.deadlineMs(),
    }
  }

  /** Has an attempt of a link's ladder made. */
  readonly climb = (peer: PeerId, command: ClimbCommand): void => {
    const known = this.#attempts.get(peer)
    const attempts = known ?? this.#attemptsWith(peer)
    this.#attempts.set(peer, attempts)
    attempts.command(command)
  }

  /** Finds out whether the network is back. */
  readonly knock = (): void => {
    this.#knocks.ask()
  }

  /** Ends what runs. */
  readonly close = (): void => {
    this.#knocks.close()
    for (const attempts of this.#attempts.values()) attempts.close()
  }

  #forget(peer: PeerId): void {
    this.#attempts.get(peer)?.close()
    this.#attempts.delete(peer)
  }

  #attemptsWith(peer: PeerId): Attempts {
    const { stunUrls, nowMs } = this.#options
    return new Attempts({
      stunUrls,
      onEvent: (event) => this.#hooks.onClimb(peer, event),
      onAdopt: (connection, opened) =>
        this.#hooks.onAdopt(connection, (onRtc) => new BrowserRtcConnection(opened, onRtc)),
      onRemember: (pair, memory) => rememberPath(pair, memory, nowMs()),
    })
  }

  /** Measures the NAT, and tells the report as cards carry it; again when more is known. */
  async #measure(): Promise<void> {
    const munging = mayChooseCredentials()
    const options = {
      stunUrls: this.#options.stunUrls,
      publicAddress: this.#host?.publicAddress,
      askProbe: (place: Parameters<AskProbe>[0]) => this.#probe(place),
    }
    await measureNat(options, async (measured) => {
      this.#munging = await munging
      this.#measured = measured
      this.#hooks.onReport(encodeReport(measured.report))
    })
  }

  readonly #openClimb: OpenClimb = (peer, ice, { host, nowMs }) =>
    new Climb(
      {
        me: host.me,
        other: peer,
        random: host.random,
        newConnection: ice.newConnection,
        view: () => this.#view(peer, host),
        memoryOf: (pair) => recallPath(pair, this.#options.nowMs()),
        budget: this.#budget,
      },
      nowMs,
    )

  #view(peer: PeerId, host: DetourHost): ClimbView {
    const theirs = host.member(peer)?.card
    const settings: LadderSettings = {
      munging: this.#munging,
      hideAddress: host.card.hidden === true || theirs?.hidden === true,
      saveData: savesData(),
      relays: [],
    }
    return {
      isUp: host.isOnline,
      mine: host.card.nat,
      theirs: theirs?.nat,
      seen: this.#measured?.seen,
      settings,
    }
  }

  #probe(place: Parameters<AskProbe>[0]): ReturnType<AskProbe> {
    const isAsked = this.#host?.serve({ type: 'probe', ...place }) === true
    if (!isAsked) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), PROBE_MS)
      this.#onProbed = ({ otherAddress, otherPort }) => {
        clearTimeout(timer)
        resolve({ otherAddress, otherPort })
      }
    })
  }
}

/** Whether the person asked this browser to save data (Save-Data, W3C Network Information). */
function savesData(): boolean {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } }
  return connection?.saveData === true
}
