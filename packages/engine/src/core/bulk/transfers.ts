// Transfers of bytes to and from one peer, over the bulk lane of its link: in each direction one after
// the other, with back pressure from end to end. Does not look into the bytes.
import { MAX_SEGMENT_BYTES, decodeBulkFrame, encodeBulkFrame } from '@knothole/wire'
import type { BulkFrame, Bytes } from '@knothole/wire'
import type { Stream } from '../stream/stream.ts'

/** Bytes in one frame: with its head it is one segment. */
const CHUNK_BYTES = MAX_SEGMENT_BYTES - 1

/** Bytes handed on and not yet taken by the program; as much as the first window. */
const CREDIT_BYTES = 256 * 1024

export type TransferOutput =
  /** Give the next bytes of this transfer of ours. */
  | { readonly type: 'bytes-wanted'; readonly transfer: number }
  /** A transfer of ours is over: all of it was taken by the other side, or not. */
  | { readonly type: 'bytes-sent'; readonly transfer: number; readonly isWhole: boolean }
  /** The other side sends something. */
  | { readonly type: 'bytes-coming'; readonly incoming: number; readonly label: string }
  | { readonly type: 'bytes-came'; readonly incoming: number; readonly bytes: Bytes }
  | { readonly type: 'bytes-over'; readonly incoming: number; readonly isWhole: boolean }
  | { readonly type: 'malformed' }

interface Outgoing {
  readonly transfer: number
  readonly label: string
}

interface Sending extends Outgoing {
  /** Its number on the wire. */
  readonly number: number
  /** Bytes given and not yet in the stream. */
  rest: Bytes
  isWanting: boolean
  /** The count of segments at which all of it was taken, once it is all in the stream. */
  endsAt: number | undefined
}

export class Transfers {
  readonly #stream: Stream
  readonly #newIncoming: () => number
  readonly #outputs: TransferOutput[] = []
  readonly #queue: Outgoing[] = []
  #sending: Sending | undefined
  #begun = 0
  /** Words for the other side that are not in the stream yet. */
  readonly #words: { readonly frame: Bytes; readonly onSaid: () => void }[] = []
  /** Sent whole, and not yet taken by the other side. */
  readonly #ending: Sending[] = []
  #incoming: number | undefined
  #isRefused = false
  #heard = 0
  #credit = CREDIT_BYTES

  /** @param newIncoming gives a number to a transfer that comes, unique in the session */
  constructor(stream: Stream, newIncoming: () => number) {
    this.#stream = stream
    this.#newIncoming = newIncoming
  }

  /** Sends something after what is being sent; its bytes are asked for. */
  send(outgoing: Outgoing, nowMs: number): void {
    this.#queue.push(outgoing)
    this.flow(nowMs)
  }

  /** The next bytes of a transfer, which were wanted. */
  give(transfer: number, bytes: Bytes, nowMs: number): void {
    const sending = this.#sending
    if (sending?.transfer !== transfer) return
    sending.isWanting = false
    sending.rest = bytes
    this.flow(nowMs)
  }

  /** A transfer has no more bytes, or is given up. */
  end(transfer: number, isWhole: boolean, nowMs: number): void {
    const at = this.#queue.findIndex((outgoing) => outgoing.transfer === transfer)
    if (at >= 0) this.#queue.splice(at, 1)
    const sending = this.#sending
    if (sending?.transfer === transfer) this.#finish(sending, isWhole)
    if (!isWhole && (at >= 0 || sending?.transfer === transfer)) this.#sent(transfer, false)
    this.flow(nowMs)
  }

  /** The program took bytes that came. */
  taken(bytes: number, nowMs: number): void {
    this.#credit = Math.min(CREDIT_BYTES, this.#credit + bytes)
    this.flow(nowMs)
  }

  /** The program does not want what comes. */
  refuse(incoming: number, nowMs: number): void {
    if (this.#incoming !== incoming || this.#isRefused) return
    this.#isRefused = true
    this.#say({ type: 'refuse', number: this.#heard - 1 })
    this.flow(nowMs)
  }

  /** The stream can take or give more. */
  flow(nowMs: number): void {
    this.#receive(nowMs)
    this.#sendOn(nowMs)
    const { taken } = this.#stream.bulkProgress
    while (this.#ending[0] !== undefined && (this.#ending[0].endsAt ?? Infinity) <= taken) {
      const { transfer } = this.#ending[0]
      this.#ending.shift()
      this.#sent(transfer, true)
    }
  }

  poll(): TransferOutput | undefined {
    return this.#outputs.shift()
  }

  /** The peer is gone: nothing arrives any more. */
  close(): void {
    const ours = [...this.#ending.splice(0), this.#sending, ...this.#queue.splice(0)]
    this.#sending = undefined
    for (const one of ours) if (one !== undefined) this.#sent(one.transfer, false)
    this.#over(false)
  }

  // Sending.

  #sendOn(nowMs: number): void {
    while (this.#stream.wantsBulk) {
      const sending = this.#sending ?? this.#begin()
      if (!this.#flushWords(nowMs) || sending === undefined) return
      const { rest, transfer } = sending
      if (rest.length === 0) {
        if (!sending.isWanting) this.#outputs.push({ type: 'bytes-wanted', transfer })
        sending.isWanting = true
        return
      }
      const bytes = rest.subarray(0, CHUNK_BYTES)
      if (!this.#stream.send('bulk', encodeBulkFrame({ type: 'bytes', bytes }), nowMs)) return
      sending.rest = rest.subarray(CHUNK_BYTES)
    }
  }

  #begin(): Sending | undefined {
    const next = this.#queue.shift()
    if (next === undefined) return undefined
    this.#say({ type: 'begin', label: next.label })
    const number = this.#begun++
    const nothing = new Uint8Array()
    this.#sending = { ...next, number, rest: nothing, isWanting: false, endsAt: undefined }
    return this.#sending
  }

  #finish(sending: Sending, isWhole: boolean): void {
    this.#sending = undefined
    if (!isWhole) {
      this.#say({ type: 'stop' })
      return
    }
    this.#ending.push(sending)
    this.#say({ type: 'end' }, () => {
      sending.endsAt = this.#stream.bulkProgress.sent
    })
  }

  #sent(transfer: number, isWhole: boolean): void {
    this.#outputs.push({ type: 'bytes-sent', transfer, isWhole })
  }

  #say(frame: BulkFrame, onSaid: () => void = () => undefined): void {
    this.#words.push({ frame: encodeBulkFrame(frame), onSaid })
  }

  /** Words go before bytes that come after them; answers whether all went. */
  #flushWords(nowMs: number): boolean {
    for (let [word] = this.#words; word !== undefined; [word] = this.#words) {
      if (!this.#stream.send('bulk', word.frame, nowMs)) return false
      this.#words.shift()
      word.onSaid()
    }
    return true
  }

  // Receiving.

  #receive(nowMs: number): void {
    while (this.#credit > 0) {
      const frame = this.#stream.takeBulk(nowMs)
      if (frame === undefined) return
      const decoded = decodeBulkFrame(frame)
      if (decoded === undefined) this.#outputs.push({ type: 'malformed' })
      else this.#hear(decoded, nowMs)
    }
  }

  #hear(frame: BulkFrame, nowMs: number): void {
    switch (frame.type) {
      case 'begin':
        this.#over(false)
        this.#heard += 1
        this.#isRefused = false
        this.#incoming = this.#newIncoming()
        this.#outputs.push({
          type: 'bytes-coming',
          incoming: this.#incoming,
          label: frame.label,
        })
        return
      case 'bytes':
        if (this.#incoming === undefined || this.#isRefused) return
        this.#credit -= frame.bytes.length
        this.#outputs.push({ type: 'bytes-came', incoming: this.#incoming, bytes: frame.bytes })
        return
      case 'end':
      case 'stop':
        this.#over(frame.type === 'end')
        return
      case 'refuse':
        if (this.#sending?.number === frame.number) this.end(this.#sending.transfer, false, nowMs)
    }
  }

  #over(isWhole: boolean): void {
    const incoming = this.#incoming
    this.#incoming = undefined
    if (incoming === undefined || this.#isRefused) return
    this.#outputs.push({ type: 'bytes-over', incoming, isWhole })
  }
}
