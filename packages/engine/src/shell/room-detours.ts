// The detours of a room, as a program holds them: loads their code once it is wanted, seals and opens
// relayed packets, and has the ladders' attempts made. Decides nothing itself.
import type { DetoursInput, SessionInput, SessionOutput } from '../core/index.ts'
import type { OpenRtc, Subtle } from '../ports/index.ts'
import type { DetoursHooks, DetoursModule, LoadDetours } from './detours-module.ts'
import type { RelaySealer, RelaySealerOptions } from './seals/relay-sealer.ts'

type RelayEffect = Extract<SessionOutput, { type: 'seal-relayed' | 'open-relayed' }>

export interface RoomDetoursOptions {
  readonly load: LoadDetours | undefined
  readonly subtle: Subtle
  /** Who we are to relays; undefined where the platform cannot seal for them. */
  readonly sealing: () => Promise<RelaySealerOptions | undefined>
  readonly input: (input: SessionInput) => void
  /** A connection that an attempt opened goes on under this number. */
  readonly adopt: (connection: number, open: OpenRtc) => void
  /** The code is there; the session learns it next. */
  readonly onLoaded: (module: DetoursModule) => void
}

export class RoomDetours {
  readonly #options: RoomDetoursOptions
  #module: DetoursModule | undefined
  #sealer: RelaySealer | undefined
  #loading: Promise<void> | undefined

  constructor(options: RoomDetoursOptions) {
    this.#options = options
  }

  /** Loads the code, once; resolves when it is there or cannot be had. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load())
  }

  /** Has a part of an attempt made. */
  climb({ peer, command }: SessionOutput & { type: 'climb' }): void {
    this.#module?.climb?.(peer, command)
  }

  /** Seals or opens a packet; answers with what is then to be done. */
  async relay(effect: RelayEffect): Promise<() => void> {
    const result = await this.#sealed(effect)
    return () => {
      if (result !== undefined) this.#options.input({ type: 'detours', input: result })
    }
  }

  /** Asks whether the network is back; the answer is an input. */
  knock(): void {
    this.#module?.knock?.()
  }

  close(): void {
    this.#module?.close?.()
  }

  async #load(): Promise<void> {
    const { load, subtle, sealing, input, adopt, onLoaded } = this.#options
    try {
      const hooks: DetoursHooks = {
        onClimb: (peer, event) => input({ type: 'climb', peer, event }),
        onReport: (nat) => input({ type: 'nat-measured', nat }),
        onAnswer: () => input({ type: 'knock-answered' }),
        onAdopt: adopt,
      }
      const [module, own] = await Promise.all([load?.(hooks), sealing()])
      if (module === undefined) return
      this.#module = module
      this.#sealer = own === undefined ? undefined : module.openRelaySealer(subtle, own)
      onLoaded(module)
      const { openDetours: open, openBulk, openMesh } = module
      input({ type: 'detours-loaded', open, openBulk, openMesh })
    } catch {
      // reason: the code could not be fetched, or we are not in the room; links go on without detours,
      // and they are asked for anew when another link is stuck.
      this.#loading = undefined
      input({ type: 'detours-missing' })
    }
  }

  async #sealed(effect: RelayEffect): Promise<DetoursInput | undefined> {
    const { peer, key, via } = effect
    if (effect.type === 'seal-relayed') {
      const sealed = await this.#sealer?.seal(peer, key, effect.plain)
      return sealed === undefined ? undefined : { type: 'sealed', peer, via, sealed }
    }
    const plain = await this.#sealer?.open(peer, key, effect.sealed)
    return plain === undefined ? { type: 'refused', peer } : { type: 'opened', peer, via, plain }
  }
}
