// Calls back while a descriptor is readable that Node itself cannot watch. The thread waits in an epoll
// of ours, in which the one of its event loop (libuv's) stands beside the watched: what is ready there
// sends us back into the loop, so sockets of Node and messages are served as ever. Timers of the thread
// may be `MAX_WAIT_MS` late. Nothing of Node calls us but `setImmediate`, so a thread that is ended by
// force ends as any other.
import { readFileSync, readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { Epoll } from './udp/epoll.ts'
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from './udp/linux-abi.ts'
import type { Libc } from './udp/linux-libc.ts'

/** Longest wait outside of the event loop, which does not tell when its next timer is due. */
export const MAX_WAIT_MS = 20

/** Watched descriptors of a thread; there is one per network. */
const MAX_EVENTS = 16

/** Turns of the loop until it waits for a new descriptor, at most. */
const MAX_TURNS = 10

/** Who watches a descriptor. */
export interface Watcher {
  readonly onReadable: () => void
  /** The thread may now wait for long: last chance to send. */
  readonly beforeWait: () => void
}

/** The watch of this thread. */
let ofThread: Promise<LoopWatch | undefined> | undefined

export class LoopWatch {
  readonly #epoll: Epoll
  readonly #watchers = new Map<number, Watcher>()
  readonly #loop: number
  #next: NodeJS.Immediate | undefined
  #wasLoopBusy = true

  constructor(epoll: Epoll, loop: number) {
    this.#epoll = epoll
    this.#loop = loop
  }

  /** The one of this thread; undefined where the event loop's epoll cannot be found. */
  static ofThread(libc: Libc): Promise<LoopWatch | undefined> {
    ofThread ??= open(libc)
    return ofThread
  }

  /** Watches a descriptor, and keeps the thread alive, until what it gives is called. */
  watch(fd: number, watcher: Watcher): () => void {
    if (!this.#epoll.add(fd)) throw new Error('an epoll takes no more')
    this.#watchers.set(fd, watcher)
    this.#next ??= setImmediate(() => this.#turn())
    return () => {
      this.#watchers.delete(fd)
      this.#epoll.remove(fd)
      if (this.#watchers.size > 0) return
      clearImmediate(this.#next)
      this.#next = undefined
    }
  }

  #turn(): void {
    // Between two turns lies one of the event loop.
    this.#next = setImmediate(() => this.#turn())
    for (const { beforeWait } of this.#watchers.values()) beforeWait()
    // What the loop just did may have left it more to do that shows at no descriptor.
    const timeoutMs = this.#wasLoopBusy ? 0 : MAX_WAIT_MS
    this.#wasLoopBusy = false
    this.#epoll.wait(timeoutMs, this.#onReady)
  }

  readonly #onReady = (fd: number): void => {
    if (fd === this.#loop) this.#wasLoopBusy = true
    else this.#watchers.get(fd)?.onReadable()
  }
}

async function open(libc: Libc): Promise<LoopWatch | undefined> {
  const loop = await findLoopEpoll(libc)
  if (loop === undefined) return undefined
  const epoll = Epoll.open(libc, MAX_EVENTS)
  return epoll?.add(loop) === true ? new LoopWatch(epoll, loop) : undefined
}

/** Gives the event loop a pipe to wait for, and looks which epoll does (proc(5), fdinfo). */
async function findLoopEpoll(libc: Libc): Promise<number | undefined> {
  const ends = new Int32Array(2)
  if (libc.pipe2(ends, SOCK_CLOEXEC | SOCK_NONBLOCK) < 0) return undefined
  const [readEnd = -1, writeEnd = -1] = ends
  const marker = new Socket({ fd: readEnd, readable: true, writable: false })
  marker.on('error', () => {})
  marker.resume()
  try {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
      const [found, ...others] = epollsWith(readEnd)
      // While a child is being started, the number may still stand elsewhere.
      if (found !== undefined && others.length === 0) return found
    }
    return undefined
  } finally {
    marker.destroy()
    libc.close(writeEnd)
  }
}

/** Descriptors of this process that are an epoll in which `fd` stands. */
function epollsWith(fd: number): number[] {
  const isIt = new RegExp(`^tfd:\\s+${fd}\\s`, 'm')
  return readdirSync('/proc/self/fdinfo').flatMap((name) => {
    try {
      return isIt.test(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8')) ? [Number(name)] : []
    } catch {
      // Closed meanwhile, by whichever thread.
      return []
    }
  })
}
