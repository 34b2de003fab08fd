// The options of the relay, once each; part of option-table.ts.
import type { OptionSpec } from './option-names.ts'

export const TURN_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'turn',
    value: 'on|off|external',
    defaultText: 'on, with STUN',
    help: 'relay what finds no direct path, or hand out credentials for relays elsewhere',
  },
  {
    name: 'turn-port',
    value: 'PORT',
    defaultText: 'the STUN port',
    help: 'UDP and TCP port of the relay',
  },
  {
    name: 'turn-tls-port',
    value: 'PORT',
    defaultText: '5349',
    help: 'TCP port of the relay over TLS, with a certificate',
  },
  {
    name: 'turn-tls-cert',
    value: 'FILE',
    defaultText: 'none',
    help: 'certificate of the relay with its chain, PEM',
  },
  { name: 'turn-tls-key', value: 'FILE', defaultText: 'none', help: 'its private key, PEM' },
  {
    name: 'turn-secret',
    value: 'TEXT',
    defaultText: 'made once, kept in the data folder',
    help: 'secret that credentials are made with, the same for all relays',
  },
  {
    name: 'turn-external-urls',
    value: 'LIST',
    defaultText: 'none',
    help: 'relays elsewhere, such as turn:turn.example.org:3478, for --turn external',
  },
  {
    name: 'turn-relay-ports',
    value: 'FIRST-LAST',
    defaultText: '49152-65535',
    help: 'UDP ports that peers reach relayed people by',
  },
  {
    name: 'turn-public-address',
    value: 'LIST',
    defaultText: "this machine's",
    help: 'IP address of the relay as peers see it, one per family, when a NAT is in between',
  },
  {
    name: 'turn-allow-peers',
    value: 'LIST',
    defaultText: 'public ones only',
    help: 'private addresses and networks that may be relayed to, for laboratories',
  },
  {
    name: 'turn-max-allocations',
    value: 'N',
    defaultText: '4096',
    help: 'relayed addresses in all',
  },
  {
    name: 'turn-max-per-user',
    value: 'N',
    defaultText: '100',
    help: 'relayed addresses of one session',
  },
  {
    name: 'turn-max-per-address',
    value: 'N',
    defaultText: '500',
    help: 'relayed addresses of one IPv4 address or IPv6 /64',
  },
  {
    name: 'turn-threads',
    value: 'N',
    defaultText: 'the cores but one, up to 4; 1 before Node 22.12',
    help: 'threads that serve STUN and relay; 0 uses that of the rooms',
  },
  {
    name: 'turn-udp',
    value: 'batched|dgram',
    defaultText: 'batched, where Linux and koffi allow',
    help: 'move many datagrams of STUN and TURN per system call, or one, by Node; the log says which',
  },
]
