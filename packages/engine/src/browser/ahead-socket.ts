// A socket by which we join before it is open: the join goes as a request on the connection that brought the
// page, and what the server says comes as its answer, until the socket is there and takes over.
import { AHEAD, CHALLENGE, decodeBase64url, FrameSplitter } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import type { Socket, SocketEvents } from '../ports/index.ts'
import type { Ahead } from './head-start.ts'

/** Close code of a WebSocket that never opened or broke (RFC 6455, section 7.4.1). */
export const ABNORMAL = 1006

export class AheadSocket implements Socket {
  readonly #socket: WebSocket
  readonly #ahead: Ahead
  readonly #events: SocketEvents
  readonly #gone = new AbortController()
  /** What is to go once the socket is open. */
  readonly #waiting: Bytes[] = []
  /** What the socket brought before the answer ended; undefined afterwards. */
  #held: Bytes[] | undefined = []
  #hasAsked = false
  /** The server challenges every socket; one that has joined ahead has nothing to answer. */
  #isChallengeDue = true

  /** @param socket one that is not open yet, with the token in its URL */
  constructor(socket: WebSocket, ahead: Ahead, events: SocketEvents) {
    this.#socket = socket
    this.#ahead = ahead
    this.#events = events
    const { signal } = this.#gone
    socket.addEventListener('open', () => this.#opened(), { signal })
    socket.addEventListener('message', ({ data }) => this.#hear(data), { signal })
    socket.addEventListener('close', ({ code }) => this.#end(code || ABNORMAL), { signal })
    // Its owner must have it in hand before it speaks.
    queueMicrotask(() => events.onFrame(decodeBase64url(ahead.challenge) ?? new Uint8Array()))
  }

  send(frame: Bytes): void {
    if (!this.#hasAsked) {
      this.#hasAsked = true
      void this.#ask(frame)
    } else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame)
    else this.#waiting.push(frame)
  }

  close(): void {
    this.#gone.abort()
    this.#socket.close()
  }

  async #ask(join: Bytes): Promise<void> {
    const { challenge, token, joinUrl } = this.#ahead
    try {
      const answer = await fetch(joinUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/octet-stream',
          [CHALLENGE]: challenge,
          [AHEAD]: token,
        },
        body: join,
        signal: this.#gone.signal,
      })
      // What the page brought was no good: the join has to be made again, by the socket.
      if (!answer.ok) this.#isChallengeDue = false
      if (answer.ok && answer.body !== null) await this.#read(answer.body.getReader())
      this.#takeOver()
    } catch {
      this.#end(ABNORMAL)
    }
  }

  /** Reads the answer to its end. @throws when it breaks */
  async #read(reader: ReadableStreamDefaultReader<Bytes>): Promise<void> {
    const splitter = new FrameSplitter()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const frames = splitter.push(value)
      if (frames === undefined) throw new Error('the answer is not made of frames')
      for (const frame of frames) this.#pass(frame)
    }
  }

  #opened(): void {
    this.#events.onOpen()
    for (const frame of this.#waiting.splice(0)) this.#socket.send(frame)
  }

  #hear(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return
    const frame = new Uint8Array(data)
    if (this.#held === undefined) this.#pass(frame)
    else this.#held.push(frame)
  }

  #takeOver(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const frame of held) this.#pass(frame)
  }

  #pass(frame: Bytes): void {
    const isFirst = this.#isChallengeDue
    this.#isChallengeDue = false
    if (!isFirst) this.#events.onFrame(frame)
  }

  #end(code: number): void {
    if (this.#gone.signal.aborted) return
    this.close()
    this.#events.onClose(code)
  }
}
