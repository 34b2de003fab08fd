// Message sockets in memory behind the engine's port, to a server that is a function: ordered, with
// delay, that can be cut, go silent without an end (half-open), or find nobody listening.
import type { OpenSocket, Socket, SocketEvents } from '@knothole/engine/ports'
import type { Bytes } from '@knothole/wire'
import type { FakeHost, FakeInternet } from './fake-internet.ts'

/** The server's end of a socket. */
export interface ServerSocket {
  readonly url: string
  /** Whose packets these seem to be. */
  readonly address: string
  send(frame: Bytes): void
  /** A ping of RFC 6455, which a living client answers without its program. */
  ping(onPong: () => void): void
  /** Ends with a code, after what was sent. */
  close(code: number): void
}

/** What the server does about a socket. */
export interface ServerEvents {
  onFrame(frame: Bytes): void
  onClose(): void
}

/** A server: takes sockets. */
export type AcceptSocket = (socket: ServerSocket) => ServerEvents

/** Close codes of RFC 6455, section 7.4.1. */
const NO_STATUS = 1005
const ABNORMAL = 1006

/** How long a client waits for the end of a socket it closed on a dead path. */
const CLOSE_TIMEOUT_MS = 10_000

export class FakeSockets {
  readonly #internet: FakeInternet
  readonly #sockets = new Set<FakeSocket>()
  /** The server; undefined while nobody listens. */
  accept: AcceptSocket | undefined

  constructor(internet: FakeInternet, accept?: AcceptSocket) {
    this.#internet = internet
    this.accept = accept
  }

  /** The port for programs on a host. */
  openFrom(host: FakeHost): OpenSocket {
    return (url, events) => {
      const socket = new FakeSocket(this.#internet, { url, host, events })
      this.#sockets.add(socket)
      socket.open(() => this.accept)
      return socket
    }
  }

  /** Ends sockets at both ends with an error; all, or those of one host. */
  cut(host?: FakeHost): void {
    for (const socket of this.#of(host)) socket.cut()
  }

  /** Nothing passes any more and nobody is told: what a changed address does to open sockets. */
  silence(host: FakeHost): void {
    for (const socket of this.#of(host)) socket.silence()
  }

  /** The program on the host is gone; the server learns it if the path works. */
  abandon(host: FakeHost): void {
    for (const socket of this.#of(host)) socket.abandon()
  }

  *#of(host: FakeHost | undefined): Iterable<FakeSocket> {
    for (const socket of this.#sockets) {
      if (socket.isOver) this.#sockets.delete(socket)
      else if (host === undefined || socket.host === host) yield socket
    }
  }
}

class FakeSocket implements Socket {
  readonly host: FakeHost
  readonly #internet: FakeInternet
  readonly #url: string
  #client: SocketEvents | undefined
  #server: ServerEvents | undefined
  #isOpen = false
  #isSilent = false
  /** When the last thing sent in each direction arrives: nothing overtakes. */
  #upMs = 0
  #downMs = 0

  constructor(
    internet: FakeInternet,
    options: { readonly url: string; readonly host: FakeHost; readonly events: SocketEvents },
  ) {
    this.#internet = internet
    this.host = options.host
    this.#url = options.url
    this.#client = options.events
  }

  get isOver(): boolean {
    return this.#client === undefined && this.#server === undefined
  }

  open(server: () => AcceptSocket | undefined): void {
    this.#up(() => {
      if (this.#client === undefined) return
      const accept = server()
      if (accept === undefined) {
        this.#down(() => this.#end(ABNORMAL))
        return
      }
      this.#down(() => {
        this.#isOpen = true
        this.#client?.onOpen()
      })
      this.#server = accept(this.#serverEnd())
    })
  }

  send(frame: Bytes): void {
    if (!this.#isOpen || this.#client === undefined) return
    this.#up(() => this.#server?.onFrame(frame))
  }

  close(): void {
    if (this.#client === undefined) return
    this.#isOpen = false
    this.#up(() => {
      this.#endServer()
      this.#down(() => this.#end(NO_STATUS))
    })
    const { clock } = this.#internet
    clock.schedule(clock.nowMs() + CLOSE_TIMEOUT_MS, () => this.#end(ABNORMAL))
  }

  cut(): void {
    this.#later(() => this.#end(ABNORMAL))
    this.#later(() => this.#endServer())
    this.#isSilent = true
  }

  silence(): void {
    this.#isSilent = true
  }

  abandon(): void {
    this.#client = undefined
    this.#up(() => this.#endServer())
  }

  #serverEnd(): ServerSocket {
    return {
      url: this.#url,
      address: this.host.address,
      send: (frame) => this.#down(() => this.#client?.onFrame(frame)),
      ping: (onPong) => {
        this.#down(() => {
          if (this.#client !== undefined) this.#up(onPong)
        })
      },
      close: (code) => {
        this.#server = undefined
        this.#down(() => this.#end(code))
      },
    }
  }

  #end(code: number): void {
    const client = this.#client
    this.#client = undefined
    this.#isOpen = false
    client?.onClose(code)
  }

  #endServer(): void {
    const server = this.#server
    this.#server = undefined
    server?.onClose()
  }

  #later(call: () => void): void {
    this.#internet.clock.schedule(this.#internet.clock.nowMs(), call)
  }

  #up(arrive: () => void): void {
    this.#upMs = this.#travel(this.#upMs, arrive)
  }

  #down(arrive: () => void): void {
    this.#downMs = this.#travel(this.#downMs, arrive)
  }

  /** TCP repairs loss by itself; only a dark host or a dead path swallows what is sent. */
  #travel(afterMs: number, arrive: () => void): number {
    if (this.host.isDark) this.#isSilent = true
    const { clock } = this.#internet
    const atMs = Math.max(afterMs, clock.nowMs() + this.#internet.sampleDelayMs())
    clock.schedule(atMs, () => {
      if (!this.#isSilent) arrive()
    })
    return atMs
  }
}
