// What the parts of a replica share: the log, the neighbours, and the way out.
import { encodeLogFrame } from '@knothole/wire'
import type { Bytes, LogFrame, PeerId } from '@knothole/wire'
import type { Log } from '../log/index.ts'
import type { Neighbour } from './neighbour.ts'
import type { ReplicaOutput, SyncFault } from './replica-io.ts'

export class Hub {
  readonly log: Log
  readonly neighbours: Map<PeerId, Neighbour> = new Map()
  readonly #outputs: ReplicaOutput[] = []
  #read = 0
  #ids = 0

  constructor(log: Log) {
    this.log = log
  }

  /** A number for an effect whose result comes back. */
  readonly id = (): number => ++this.#ids

  emit(output: ReplicaOutput): void {
    this.#outputs.push(output)
  }

  send({ peer }: Neighbour, frame: LogFrame): void {
    this.sendBytes(peer, encodeLogFrame(frame), false)
  }

  sendBytes(peer: PeerId, data: Bytes, isHistory: boolean): void {
    this.#outputs.push({ type: 'send', peer, data, isHistory })
  }

  fault(neighbour: Neighbour, code: SyncFault, nowMs: number): void {
    neighbour.faulted(nowMs)
    this.emit({ type: 'fault', peer: neighbour.peer, code })
  }

  poll(): ReplicaOutput | undefined {
    const output = this.#outputs[this.#read]
    if (output === undefined) {
      this.#outputs.length = 0
      this.#read = 0
      return undefined
    }
    this.#read += 1
    return output
  }
}
