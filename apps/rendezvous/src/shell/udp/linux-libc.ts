// The system calls of Linux that Node does not offer, by koffi, which calls C functions without a
// compiler. Optional: where it is missing or the machine is another, there is none, and Node's dgram
// serves. Whoever passes memory answers for its size and keeps it alive.
import type Koffi from 'koffi'
import { AF_INET } from './linux-abi.ts'

type Memory = Uint8Array | Uint32Array | Int32Array

/** Functions as in section 2 of the manual; less than 0 is an error, and `errno` says which. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number
  bind(fd: number, address: Memory, sizeBytes: number): number
  getsockname(fd: number, address: Memory, sizeBytes: Memory): number
  setsockopt(fd: number, level: number, name: number, value: Memory, sizeBytes: number): number
  recvmmsg(fd: number, headers: Memory, count: number, flags: number, timeout: null): number
  sendmmsg(fd: number, headers: Memory, count: number, flags: number): number
  recvmsg(fd: number, header: Memory, flags: number): number
  epollCreate(flags: number): number
  epollCtl(epoll: number, operation: number, fd: number, event: Memory): number
  epollWait(epoll: number, events: Memory, count: number, timeoutMs: number): number
  pipe2(ends: Memory, flags: number): number
  dup3(fd: number, onto: number, flags: number): number
  close(fd: number): number
  errno(): number
  /** The name of an error, such as EADDRINUSE. */
  errorName(errno: number): string
  /** Where memory lies; it must not be let go while the system may use it. */
  addressOf(memory: Memory): bigint
}

/** The system calls, or undefined and why they cannot be had. */
export type LoadedLibc =
  | { readonly libc: Libc; readonly reason?: undefined }
  | { readonly libc: undefined; readonly reason: string }

export async function loadLibc(): Promise<LoadedLibc> {
  const { platform, arch } = process
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    return {
      libc: undefined,
      reason: `it needs Linux on x64 or arm64, this is ${platform} on ${arch}`,
    }
  }
  try {
    const { default: koffi } = await import('koffi')
    const libc = declare(koffi)
    // Loaded is not yet working: some sandboxes forbid calls one by one.
    const epoll = libc.epollCreate(0)
    if (epoll < 0 || libc.socket(AF_INET, -1, 0) >= 0) throw new Error('system calls do not work')
    libc.close(epoll)
    return { libc }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { libc: undefined, reason: `koffi does not load: ${why.split('\n')[0] ?? ''}` }
  }
}

function declare(koffi: typeof Koffi): Libc {
  const lib = koffi.load(null)
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))
  return {
    socket: lib.func('int socket(int family, int type, int protocol)'),
    bind: lib.func('int bind(int fd, void *address, uint32_t size)'),
    getsockname: lib.func('int getsockname(int fd, void *address, void *size)'),
    setsockopt: lib.func('int setsockopt(int fd, int level, int name, void *value, uint32_t size)'),
    recvmmsg: lib.func(
      'int recvmmsg(int fd, void *headers, uint32_t count, int flags, void *timeout)',
    ),
    sendmmsg: lib.func('int sendmmsg(int fd, void *headers, uint32_t count, int flags)'),
    recvmsg: lib.func('long recvmsg(int fd, void *header, int flags)'),
    epollCreate: lib.func('int epoll_create1(int flags)'),
    epollCtl: lib.func('int epoll_ctl(int epoll, int operation, int fd, void *event)'),
    epollWait: lib.func('int epoll_wait(int epoll, void *events, int count, int timeout)'),
    pipe2: lib.func('int pipe2(void *ends, int flags)'),
    dup3: lib.func('int dup3(int fd, int onto, int flags)'),
    close: lib.func('int close(int fd)'),
    errno: () => koffi.errno(),
    errorName: (errno) => names.get(errno) ?? `errno ${errno}`,
    addressOf: (memory) => koffi.address(memory),
  }
}
