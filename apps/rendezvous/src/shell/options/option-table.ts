// Every option of the rendezvous, once: its flag, its default, what it means. Flags, environment, config
// file and --help are all read from this table.

import type { OptionName, OptionSpec } from './option-names.ts'
import { TURN_OPTIONS } from './turn-option-table.ts'

export const OPTIONS: readonly OptionSpec[] = [
  {
    name: 'host',
    value: 'ADDRESS',
    defaultText: 'all, IPv6 and IPv4',
    help: 'IP address to listen on',
  },
  { name: 'port', value: 'PORT', defaultText: '8080', help: 'TCP port of page and rooms' },
  {
    name: 'url',
    value: 'URL',
    defaultText: 'as each request names it',
    help: 'address people reach the server by, such as https://chat.example.org',
  },
  { name: 'data', value: 'DIR', defaultText: '.knothole', help: 'folder of the database' },
  { name: 'page', value: 'DIR', defaultText: 'the build of apps/web', help: 'folder of the page' },
  {
    name: 'also',
    value: 'URLS',
    defaultText: 'none',
    help: 'other servers at which our page makes its rooms too, and whose page may do so here',
  },
  {
    name: 'stun-hosts',
    value: 'LIST',
    defaultText: 'the host the page came from',
    help: 'addresses or names browsers ask for STUN, with commas between',
  },
  { name: 'stun-port', value: 'PORT', defaultText: '3478', help: 'UDP port of STUN' },
  { name: 'stun-alt-port', value: 'PORT', defaultText: '3479', help: 'second UDP port of STUN' },
  { name: 'no-stun', defaultText: 'off', help: 'open no STUN ports' },
  ...TURN_OPTIONS,
  {
    name: 'trust-proxy',
    value: 'N|LIST',
    defaultText: '0',
    help: 'believe the forwarded headers of the nearest N proxies, or of those addresses',
  },
  { name: 'room-days', value: 'DAYS', defaultText: '30', help: 'days an unused room lives' },
  {
    name: 'room-capacity',
    value: 'PEOPLE',
    defaultText: '128',
    help: 'most people in one room, from 2 to 128',
  },
  {
    name: 'no-address-limits',
    defaultText: 'off',
    help: 'no limits per address, for load tests or behind a proxy that has its own',
  },
  {
    name: 'log-level',
    value: 'LEVEL',
    defaultText: 'warn',
    help: 'error, warn, info, debug or silent',
  },
]

/** The name of an option in the environment. */
export function environmentName(name: OptionName): string {
  return `KNOTHOLE_${name.toUpperCase().replaceAll('-', '_')}`
}

/** The text of --help. */
export function helpText(): string {
  const rows = [
    ...OPTIONS.map(({ name, value, help, defaultText }) => ({
      left: value === undefined ? `--${name}` : `--${name} ${value}`,
      right: `${help} (default: ${defaultText})`,
    })),
    { left: '--config FILE', right: 'JSON file with these options by name (default: none)' },
    { left: '--help', right: 'print this' },
  ]
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2
  return [
    'Knothole rendezvous: makes rooms and introduces the people in them.',
    '',
    ...rows.map(({ left, right }) => `  ${left.padEnd(width)}${right}`),
    '',
    `Each option may also come from the environment (--stun-port as ${environmentName('stun-port')})`,
    'or from the config file. A flag wins over the environment, the environment over the file.',
    '',
  ].join('\n')
}
