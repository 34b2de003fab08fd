// The names of all options, and how the value of one is asked for.
import type { Parse } from './option-values.ts'

export interface OptionSpec {
  /** Flag without dashes; the key in a config file; KNOTHOLE_… in the environment. */
  readonly name: OptionName
  /** What stands for the value in --help; absent for a switch. */
  readonly value?: string
  /** As shown in --help. */
  readonly defaultText: string
  readonly help: string
}

export const OPTION_NAMES = [
  'host',
  'port',
  'url',
  'data',
  'page',
  'also',
  'stun-hosts',
  'stun-port',
  'stun-alt-port',
  'no-stun',
  'turn',
  'turn-port',
  'turn-tls-port',
  'turn-tls-cert',
  'turn-tls-key',
  'turn-secret',
  'turn-external-urls',
  'turn-relay-ports',
  'turn-public-address',
  'turn-allow-peers',
  'turn-max-allocations',
  'turn-max-per-user',
  'turn-max-per-address',
  'turn-threads',
  'turn-udp',
  'trust-proxy',
  'room-days',
  'room-capacity',
  'no-address-limits',
  'log-level',
] as const

export type OptionName = (typeof OPTION_NAMES)[number]

/** The value of an option, or the fallback when nobody gave one. @throws OptionsError */
export type ReadOption = <Value, Fallback>(
  name: OptionName,
  fallback: Fallback,
  parse: Parse<Value>,
) => Value | Fallback
