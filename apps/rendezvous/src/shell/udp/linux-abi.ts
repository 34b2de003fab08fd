// Numbers and layouts of Linux on 64-bit little-endian machines (x64, arm64; glibc and musl agree),
// from <sys/socket.h>, <linux/in.h>, <linux/errqueue.h> and <sys/epoll.h>. No code.

export const AF_INET = 2
export const AF_INET6 = 10
export const SOCK_DGRAM = 2
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const EPOLL_CLOEXEC: number = SOCK_CLOEXEC

export const SOL_SOCKET = 1
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_REUSEPORT = 15
export const SOL_IP = 0
export const IP_MTU_DISCOVER = 10
export const IP_RECVERR = 11
export const SOL_IPV6 = 41
export const IPV6_MTU_DISCOVER = 23
export const IPV6_RECVERR = 25
export const IPV6_V6ONLY = 26
/** Split what does not fit, the default; forbid it. The same numbers in both families. */
export const PMTUDISC_WANT = 1
export const PMTUDISC_DO = 2

export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const MSG_ERRQUEUE = 0x2000
export const MSG_NOSIGNAL = 0x4000

export const EPOLL_CTL_ADD = 1
export const EPOLL_CTL_DEL = 2
export const EPOLLIN = 1
export const EPOLLERR = 8

export const EAGAIN = 11
export const ENOBUFS = 105

/** `struct sockaddr_in6`, the larger of the two. */
export const SOCKADDR_BYTES = 28
export const SOCKADDR_IN_BYTES = 16

/** `struct mmsghdr`, in words of 32 bits: pointers and sizes take two. */
export const MMSGHDR_WORDS = 16
export const MSG_NAME_WORD = 0
export const MSG_NAMELEN_WORD = 2
export const MSG_IOV_WORD = 4
export const MSG_IOVLEN_WORD = 6
export const MSG_CONTROL_WORD = 8
export const MSG_CONTROLLEN_WORD = 10
export const MSG_FLAGS_WORD = 12
export const MSG_LEN_WORD = 14

/** `struct iovec`, the same way. */
export const IOVEC_WORDS = 4
export const IOV_BASE_WORD = 0
export const IOV_LEN_WORD = 2

/** `struct epoll_event`: packed on x64 alone. */
export const EPOLL_EVENT_BYTES: number = process.arch === 'x64' ? 12 : 16
export const EPOLL_DATA_OFFSET: number = process.arch === 'x64' ? 4 : 8

/** `struct cmsghdr`, and `struct sock_extended_err` behind it. */
export const CMSG_LEVEL_OFFSET = 8
export const CMSG_TYPE_OFFSET = 12
export const CMSG_DATA_OFFSET = 16
export const EE_ORIGIN_OFFSET = 4
export const EE_TYPE_OFFSET = 5
export const EE_CODE_OFFSET = 6
export const EE_INFO_OFFSET = 8
export const EE_BYTES = 16
export const EE_ORIGIN_ICMP = 2
export const EE_ORIGIN_ICMP6 = 3
