// Session descriptions and candidates of the fake WebRTC: text in the manner of SDP (RFC 8866), with
// what matters to a connection and nothing else. Anything else is refused, as a browser refuses it.

export interface FakeDescription {
  readonly type: 'offer' | 'answer'
  /** The connection it describes: a description of another one cannot take its place. */
  readonly session: string
  /** Changes with every ICE restart. */
  readonly ufrag: string
  /** Of the certificate that the connection will show. */
  readonly fingerprint: string
  readonly candidates: readonly string[]
}

const FIRST_LINE = 'v=0'

/** The description as text. */
export function formatFakeSdp(description: FakeDescription): string {
  const { type, session, ufrag, fingerprint, candidates } = description
  return [
    FIRST_LINE,
    `o=- ${session} 2 IN IP4 127.0.0.1`,
    `a=setup:${type === 'offer' ? 'actpass' : 'active'}`,
    `a=ice-ufrag:${ufrag}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    ...candidates.map((candidate) => `a=${candidate}`),
    '',
  ].join('\r\n')
}

/** The description in a text; undefined when it is none. */
export function parseFakeSdp(sdp: string): FakeDescription | undefined {
  const lines = sdp.split('\r\n')
  const session = valueOf(lines, /^o=- (\w+) 2 IN IP4 127\.0\.0\.1$/)
  const setup = valueOf(lines, /^a=setup:(actpass|active)$/)
  const ufrag = valueOf(lines, /^a=ice-ufrag:(\w+)$/)
  const fingerprint = valueOf(lines, /^a=fingerprint:sha-256 (\w+)$/)
  const isWhole = lines[0] === FIRST_LINE && lines.at(-1) === ''
  if (!isWhole || session === undefined || setup === undefined) return undefined
  if (ufrag === undefined || fingerprint === undefined) return undefined
  const candidates = lines
    .filter((line) => line.startsWith('a=candidate:'))
    .map((line) => line.slice(2))
  return {
    type: setup === 'actpass' ? 'offer' : 'answer',
    session,
    ufrag,
    fingerprint,
    candidates,
  }
}

/** A candidate line of an address. */
export function formatFakeCandidate(address: string, type: 'srflx' | 'relay' = 'srflx'): string {
  return `candidate:1 1 udp 1677729535 ${address} 40000 typ ${type}`
}

/** The address in a candidate line; undefined when it is none. */
export function parseFakeCandidate(candidate: string): string | undefined {
  return /^candidate:1 1 udp 1677729535 ([\d.]+) 40000 typ (?:srflx|relay)$/.exec(candidate)?.[1]
}

function valueOf(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const value = pattern.exec(line)?.[1]
    if (value !== undefined) return value
  }
  return undefined
}
