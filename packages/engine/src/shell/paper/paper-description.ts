// Descriptions of connections as invitations carry them: what a browser wrote, without what everyone can
// write again (RFC 8839, RFC 8841, RFC 8842). Takes UDP candidates only; others do not fit on paper.
import { MAX_PAPER_CANDIDATES } from '@knothole/wire'
import type { PaperCandidate, PaperDescription } from '@knothole/wire'
import { attributeIn, writeDataDescription } from '../data-description.ts'

const CANDIDATE = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (host|srflx|relay)/gim

/** RFC 8445, section 5.1.2.2: our own kinds in their order, earlier ones first. */
const PREFERENCES = { host: 126, srflx: 100, relay: 0 }

/** What a description of a browser says of its connection; undefined when something is missing. */
export function describe(sdp: string): PaperDescription | undefined {
  const attribute = (name: string): string => attributeIn(sdp, name)
  const [, hex = ''] = /^sha-256 ([\dA-F:]+)$/i.exec(attribute('fingerprint')) ?? []
  const fingerprint = Uint8Array.from(hex.split(':'), (byte) => Number.parseInt(byte, 16))
  const setup = (['actpass', 'active', 'passive'] as const).find(
    (role) => role === attribute('setup'),
  )
  const [ufrag, password] = [attribute('ice-ufrag'), attribute('ice-pwd')]
  if (setup === undefined || fingerprint.length !== 32 || ufrag === '') return undefined
  const candidates = [...sdp.matchAll(CANDIDATE)].map(
    ([, address = '', port, kind]): PaperCandidate => ({
      kind: kind as PaperCandidate['kind'],
      address,
      port: Number(port),
    }),
  )
  return {
    ufrag,
    password,
    fingerprint,
    setup,
    candidates: candidates.slice(0, MAX_PAPER_CANDIDATES),
  }
}

/** A description that a browser takes; without candidates, which follow one by one. */
export function write({ ufrag, password, fingerprint, setup }: PaperDescription): string {
  const hex = Array.from(fingerprint, (byte) => byte.toString(16).padStart(2, '0').toUpperCase())
  return writeDataDescription({ ufrag, password, fingerprint: `sha-256 ${hex.join(':')}`, setup })
}

/** The candidates as a browser takes them. */
export function writeCandidates({ ufrag, candidates }: PaperDescription): {
  candidate: string
  ufrag: string
}[] {
  return candidates.map(({ kind, address, port }, at) => {
    const priority = PREFERENCES[kind] * 2 ** 24 + (65_535 - at) * 2 ** 8 + 255
    const from = kind === 'host' ? '' : ' raddr 0.0.0.0 rport 0'
    const candidate = `candidate:${at + 1} 1 udp ${priority} ${address} ${port} typ ${kind}${from}`
    return { candidate, ufrag }
  })
}
