// What an examination of this browser's network has found so far. Plain data: the words are in
// words.ts beside it.
import type { NatReport } from '@knothole/traversal/ladder'

/**
 * One thing tried. `missing`: this server does not offer it. `untold`: it cannot be told here.
 * `tookMs` from the first packet to the first answer, set-up included.
 */
export type Trial =
  | { readonly state: 'running' }
  | { readonly state: 'passed'; readonly tookMs?: number | undefined }
  | { readonly state: 'failed' }
  | { readonly state: 'missing' }
  | { readonly state: 'untold' }

/** How a relay is reached (RFC 8656, section 3.1). */
export type RelayTransport = 'udp' | 'tcp' | 'tls'

export interface Findings {
  /** The server, over WebSocket. */
  readonly server: Trial
  readonly udp: Trial
  readonly relay: Readonly<Record<RelayTransport, Trial>>
  /** Two connections of this browser, over the local network only. */
  readonly local: Trial
  /** Names stand in for local addresses (RFC 8828, mDNS); undefined while unknown. */
  readonly mdns?: boolean | undefined
  /** Whether the router leads back to itself. */
  readonly hairpin: Trial
  readonly nat?: NatReport | undefined
  /** Nothing runs any more. */
  readonly isDone: boolean
}

/** Examines, and tells what is found as it is; the answer stops it. */
export type Examine = (onFindings: (findings: Findings) => void) => () => void
