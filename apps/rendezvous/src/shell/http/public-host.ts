// The host part of addresses people use: read strictly, because it comes from a header anybody can
// write and goes into links and a security policy.

/** A host as in a URL, without and with its port. */
export interface PublicHost {
  /** A name or IPv4 address, or an IPv6 address in brackets. */
  readonly hostname: string
  /** With the port if there is one. */
  readonly host: string
}

/** Longest DNS name (RFC 1035, section 2.3.4) and a port. */
const MAX_HOST_LENGTH = 253 + 6

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?)(?::(\d{1,5}))?$/

/** The host in a Host header, or undefined when it is none. */
export function parsePublicHost(text: string | undefined): PublicHost | undefined {
  const host = (text ?? '').toLowerCase()
  if (host.length > MAX_HOST_LENGTH) return undefined
  const match = HOST.exec(host)
  if (match?.[1] === undefined || Number(match[2] ?? 0) > 65_535) return undefined
  return { hostname: match[1], host }
}

/** Whether a name means the machine it is spoken on (RFC 6761, section 6.3). */
export function isLoopbackName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  )
}
