// The talk of a simulated peer: the engine's own, with seals that are none, signatures that begin with the
// key, and a disk that outlives the page.
import { LiveTalk } from '@knothole/engine/log'
import type {
  Message,
  OpenTalk,
  StoredBlock,
  StoredLog,
  StoredNote,
  StoreWrite,
  TalkEffect,
  TalkInput,
} from '@knothole/engine'
import { SIGNATURE_BYTES } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'

/** What a page wrote to disk. */
export class SimulatedDisk {
  readonly #blocks: StoredBlock[] = []
  readonly #notes = new Map<string, StoredNote>()

  write(writes: readonly StoreWrite[]): void {
    for (const write of writes) {
      if (write.type === 'append') this.#blocks.push(write)
      if (write.type === 'note') this.#notes.set(write.key, write)
    }
  }

  load(): StoredLog {
    return { blocks: this.#blocks, notes: [...this.#notes.values()], damaged: [], isDamaged: false }
  }
}

export interface SimulatedTalkOptions {
  readonly logId: Bytes
  readonly identity: Bytes
  readonly disk: SimulatedDisk
  readonly random: () => number
  readonly input: (input: TalkInput) => void
}

export class SimulatedTalk {
  /** Each message as it was told first. */
  readonly messages: Message[] = []
  readonly #options: SimulatedTalkOptions
  #talk: LiveTalk | undefined

  constructor(options: SimulatedTalkOptions) {
    this.#options = options
  }

  readonly open: OpenTalk = (host) => {
    this.#talk = new LiveTalk(host, this.#options)
    return this.#talk
  }

  /** The page reads what it kept. */
  restore(): void {
    this.#options.input({ type: 'restored', stored: this.#options.disk.load() })
  }

  /** The conversation as it stands. */
  get shown(): Message[] {
    const reader = this.#talk?.reader
    return Array.from({ length: reader?.length ?? 0 }, (_, at) => reader?.at(at)).filter(
      (message) => message !== undefined,
    )
  }

  handle(effect: TalkEffect): void {
    const { input, identity, disk } = this.#options
    switch (effect.type) {
      case 'message':
        this.#tell(effect.message)
        return
      case 'seal-bodies':
        input({ type: 'bodies-sealed', number: effect.number, sealed: effect.plain })
        return
      case 'open-bodies': {
        const plain = effect.bodies.map(({ sealed }) => sealed)
        input({ type: 'bodies-opened', number: effect.number, plain })
        return
      }
      case 'sign':
        input({ type: 'signed', id: effect.id, signature: signatureOf(identity) })
        return
      case 'verify': {
        const ok = effect.author.every((byte, at) => effect.signature[at] === byte)
        input({ type: 'verified', id: effect.id, ok })
        return
      }
      case 'store':
        disk.write(effect.writes)
        input({ type: 'stored', batch: effect.batch, isDurable: true })
        return
      default:
    }
  }

  #tell(message: Message): void {
    if (!this.messages.some(({ id }) => id === message.id)) this.messages.push(message)
  }
}

function signatureOf(key: Bytes): Bytes {
  const signature = new Uint8Array(SIGNATURE_BYTES)
  signature.set(key)
  return signature
}
