// Invitations on paper, as a program holds them: loads their code when somebody wants one, and shows it
// the room. Decides nothing.
import type { SessionInput } from '../../core/index.ts'
import type { RtcConnection } from '../../ports/index.ts'
import type { Introducer } from '../seals/introducer.ts'
import type { PaperAnswer, PaperDesk, PaperFault, PaperHost, PaperInvite } from './paper.ts'
import type { openPaperDesk } from './paper-host.ts'
import type { Room, RoomPorts } from '../room.ts'

/** Bringing somebody in by what people carry, where no server can. */
export interface PaperApi {
  /** Writes an invitation for one person, who needs the room's link beside it. */
  invite(): Promise<PaperInvite>
  /** Takes an invitation and writes the answer, which is to be carried back. */
  answer(text: string): Promise<PaperAnswer | PaperFault>
}

/** Loads the code. */
export type LoadPaper = () => Promise<{ readonly openPaperDesk: typeof openPaperDesk }>

export interface RoomPaperOptions {
  readonly load: LoadPaper | undefined
  readonly ports: RoomPorts
  readonly room: Pick<Room, 'state'>
  readonly card: () => ReturnType<PaperHost['card']>
  /** Once we know who we are. */
  readonly introducer: () => Introducer | undefined
  readonly connections: ReadonlyMap<number, RtcConnection>
  readonly input: (input: SessionInput) => void
}

export class RoomPaper implements PaperApi {
  readonly #options: RoomPaperOptions
  #desk: PaperDesk | undefined

  constructor(options: RoomPaperOptions) {
    this.#options = options
  }

  async invite(): Promise<PaperInvite> {
    return (await this.#load()).invite()
  }

  async answer(text: string): Promise<PaperAnswer | PaperFault> {
    return (await this.#load()).answer(text)
  }

  close(): void {
    this.#desk?.close()
  }

  async #load(): Promise<PaperDesk> {
    const module = await this.#options.load?.()
    const introducer = this.#options.introducer()
    if (module === undefined || introducer === undefined)
      throw new Error('this program makes no invitations on paper')
    return (this.#desk ??= module.openPaperDesk(this.#options, introducer))
  }
}
