// Does what climbs want done in a browser: the attempts of one link, and throw-away sockets that sample.
// Commands of one attempt are done in order; one that fails ends it.
import type { LadderMemory } from '@knothole/traversal/ladder'
import type { ClimbCommand, ClimbEvent } from '../core/detours/climb.ts'
import { Attempt } from './attempt.ts'
import { samplePorts } from './nat-report.ts'
import type { OpenedConnection } from './open-connection.ts'

export interface AttemptsOptions {
  readonly stunUrls: readonly string[]
  readonly onEvent: (event: ClimbEvent) => void
  /** An attempt's connection is to go on under this number. */
  readonly onAdopt: (connection: number, opened: OpenedConnection) => void
  readonly onRemember: (pair: string, memory: LadderMemory) => void
}

/** Commands that take time. */
type Work = Exclude<ClimbCommand, { type: 'end' | 'adopt' | 'remember' }>

/** The certificate of all attempts of a page; not that of the standing connections, which need none ready. */
let certificate: Promise<RTCCertificate> | undefined

/** P-256: browsers' own choice, made in a millisecond. */
const CERTIFICATE = { name: 'ECDSA', namedCurve: 'P-256' }

interface Running {
  readonly number: number
  readonly attempt: Attempt
  opened: OpenedConnection | undefined
}

export class Attempts {
  readonly #options: AttemptsOptions
  #running: Running | undefined
  #ended = 0
  #commands: Promise<void> = Promise.resolve()

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  command(command: ClimbCommand): void {
    if (command.type === 'end') this.#end(command.attempt)
    else if (command.type === 'adopt') this.#adopt(command)
    else if (command.type === 'remember') this.#options.onRemember(command.pair, command.memory)
    else this.#commands = this.#commands.then(() => this.#perform(command))
  }

  /** Ends what runs; nothing is told any more. */
  close(): void {
    this.#end(Number.MAX_SAFE_INTEGER)
  }

  async #perform(command: Work): Promise<void> {
    const attempt = numberOf(command)
    if (attempt <= this.#ended) return
    try {
      await this.#performNow(command)
    } catch {
      // reason: a browser that refuses a description or a connection cannot make this attempt; the
      // ladder goes on with another.
      this.#options.onEvent({ type: 'failed', attempt })
    }
  }

  async #performNow(command: Work): Promise<void> {
    const { stunUrls, onEvent } = this.#options
    switch (command.type) {
      case 'prepare':
        return this.#prepare(command)
      case 'apply':
        return this.#of(command.attempt)?.attempt.apply(command.description)
      case 'sample': {
        const { attempt, sockets } = command
        const sample = await samplePorts(stunUrls, sockets)
        onEvent(
          sample === undefined
            ? { type: 'sampled', attempt }
            : { type: 'sampled', attempt, sample },
        )
        return
      }
      case 'go':
        this.#of(command.plan.attempt)?.attempt.go(command.plan)
    }
  }

  async #prepare(command: ClimbCommand & { type: 'prepare' }): Promise<void> {
    const { preparation, listens } = command
    const { stunUrls, onEvent } = this.#options
    const number = preparation.attempt
    certificate ??= RTCPeerConnection.generateCertificate(CERTIFICATE)
    const made = await certificate
    if (number <= this.#ended) return
    const attempt = new Attempt({
      preparation,
      role: listens ? 'passive' : 'active',
      certificate: made,
      stunUrls,
      onOpen: (opened) => {
        if (this.#running?.attempt !== attempt) return
        this.#running.opened = opened
        onEvent({ type: 'opened', attempt: number })
      },
    })
    this.#running?.attempt.end()
    this.#running = { number, attempt, opened: undefined }
    const { description, address, ports } = await attempt.prepare()
    const sample = address === undefined ? {} : { sample: { address, ports } }
    onEvent({ type: 'prepared', attempt: number, description, ...sample })
  }

  #adopt({ attempt, connection }: ClimbCommand & { type: 'adopt' }): void {
    const running = this.#of(attempt)
    if (running?.opened === undefined) return
    this.#options.onAdopt(connection, running.opened)
    running.opened = undefined
  }

  #end(number: number): void {
    this.#ended = Math.max(this.#ended, number)
    if (this.#running === undefined || this.#running.number > number) return
    this.#running.attempt.end()
    this.#running.opened?.connection.close()
    this.#running = undefined
  }

  #of(number: number): Running | undefined {
    return this.#running?.number === number ? this.#running : undefined
  }
}

function numberOf(command: Work): number {
  switch (command.type) {
    case 'prepare':
      return command.preparation.attempt
    case 'go':
      return command.plan.attempt
    case 'apply':
    case 'sample':
      return command.attempt
  }
}
