// An epoll of ours (epoll(7)), which ends with its thread: which descriptors have something, asked level by
// level. Watches nothing by itself.
import { closeSync } from 'node:fs'
import {
  EPOLLIN,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_DATA_OFFSET,
  EPOLL_EVENT_BYTES,
} from './linux-abi.ts'
import type { Libc } from './linux-libc.ts'
import { giveToThread } from './thread-descriptor.ts'

export class Epoll {
  readonly fd: number
  readonly #libc: Libc
  readonly #events: Buffer
  readonly #most: number

  constructor(libc: Libc, fd: number, most: number) {
    this.#libc = libc
    this.fd = fd
    this.#most = most
    this.#events = Buffer.from(new ArrayBuffer(EPOLL_EVENT_BYTES * most))
  }

  /** One that tells of so many descriptors at a time; undefined when the system gives none. */
  static open(libc: Libc, most: number): Epoll | undefined {
    const fd = libc.epollCreate(EPOLL_CLOEXEC)
    return fd < 0 ? undefined : new Epoll(libc, giveToThread(libc, fd), most)
  }

  /** Tells of a descriptor while it is readable; false when there is no room for it. */
  add(fd: number): boolean {
    const event = Buffer.alloc(EPOLL_EVENT_BYTES)
    event.writeUInt32LE(EPOLLIN)
    event.writeInt32LE(fd, EPOLL_DATA_OFFSET)
    return this.#libc.epollCtl(this.fd, EPOLL_CTL_ADD, fd, event) === 0
  }

  remove(fd: number): void {
    this.#libc.epollCtl(this.fd, EPOLL_CTL_DEL, fd, this.#events)
  }

  /** Waits until one has something, or so long, and calls for each that has. */
  wait(timeoutMs: number, onReady: (fd: number, events: number) => void): void {
    const count = this.#libc.epollWait(this.fd, this.#events, this.#most, timeoutMs)
    for (let at = 0; at < Math.min(count, this.#most); at++) {
      const offset = EPOLL_EVENT_BYTES * at
      const fd = this.#events.readInt32LE(offset + EPOLL_DATA_OFFSET)
      onReady(fd, this.#events.readUInt32LE(offset))
    }
  }

  close(): void {
    closeSync(this.fd)
  }
}
