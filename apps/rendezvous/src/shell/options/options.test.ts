import { describe, expect, it } from 'vitest'
import { OPTION_NAMES } from './option-names.ts'
import { helpText } from './option-table.ts'
import { OptionsError } from './options-error.ts'
import { readOptions } from './options.ts'
import type { ServerOptions } from './options.ts'

function read(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  file = '{}',
): ServerOptions {
  const options = readOptions({ argv, environment, readFile: () => file })
  if (options === 'help') throw new Error('help was not asked for')
  return options
}

const SECRET = 'sixteen or more characters'

describe('options', () => {
  it('R28 have defaults', () => {
    expect(read([])).toMatchObject({
      host: undefined,
      port: 8080,
      url: undefined,
      dataFolder: '.knothole',
      also: [],
      stun: { isOn: true, hosts: undefined, ports: [3478, 3479], isPortExplicit: false },
      turn: { mode: 'on', isExplicit: false, port: 3478, tls: undefined, secret: undefined },
      turnThreads: undefined,
      turnUdp: 'batched',
      trustProxy: { type: 'none' },
      roomDays: 30,
      roomCapacity: 128,
      limitNetworks: true,
      logLevel: 'warn',
    })
  })

  it('R28 come from the flag first, then the environment, then the file', () => {
    const file =
      '{"port": 1, "room-days": 7, "stun-hosts": ["a.example", "2001:db8::1"], "no-stun": true}'
    const environment = { KNOTHOLE_CONFIG: 'c.json', KNOTHOLE_PORT: '2', KNOTHOLE_ROOM_DAYS: '8' }
    expect(read(['--port', '3'], environment, file)).toMatchObject({
      port: 3,
      roomDays: 8,
      stun: { isOn: false, hosts: ['a.example', '[2001:db8::1]'] },
    })
  })

  it.each([
    [['--colour'], /colour/],
    [['--room-capacity', '129'], /--room-capacity must be a number of people from 2 to 128/],
    [['--room-capacity', '1'], /--room-capacity/],
    [['--port', 'eighty'], /--port must be a port number.*"eighty"/],
    [['--port', '70000'], /--port/],
    [['--port'], /port/],
    [['extra'], /extra/],
    [['--host', 'somewhere'], /--host must be an IP address/],
    [['--also', 'https://a.example,b.example'], /--also must be one to 3 URLs/],
    [['--also', 'https://a.example/path'], /--also/],
    [['--also', `https://a.example${',https://b.example'.repeat(3)}`], /--also/],
    [['--url', 'chat.example.org'], /--url must be an http or https URL/],
    [['--url', 'https://chat.example.org/path'], /without path/],
    [['--url', 'ftp://chat.example.org'], /--url/],
    [['--stun-hosts', 'a b'], /--stun-hosts/],
    [['--stun-hosts', 'a,b,c,d,e'], /one to 4/],
    [['--stun-port', '3479'], /differ/],
    [['--trust-proxy', 'nginx'], /--trust-proxy/],
    [['--trust-proxy', '10.0.0.0/33'], /--trust-proxy/],
    [['--room-days', '0'], /--room-days/],
    [['--log-level', 'chatty'], /error, warn, info, debug, silent/],
    [['--no-stun=maybe'], /no-stun/],
    [['--turn', 'maybe'], /--turn must be on, off or external/],
    [['--turn', 'external', '--turn-secret', SECRET], /--turn-external-urls: where/],
    [['--turn', 'external', '--turn-external-urls', 'turn:a.example'], /needs --turn-secret/],
    [['--turn-external-urls', 'turn:a.example'], /needs --turn external/],
    [['--turn-external-urls', 'https://a.example'], /URLs such as turn:/],
    [['--turn-secret', 'short'], /--turn-secret must be a text of 16/],
    [['--turn-tls-cert', 'c.pem'], /both --turn-tls-cert and --turn-tls-key/],
    [['--turn-tls-port', '443'], /both --turn-tls-cert and --turn-tls-key/],
    [['--turn-relay-ports', '60000-50000'], /--turn-relay-ports must be a range/],
    [['--turn-relay-ports', '80-90'], /from 1024/],
    [['--turn-relay-ports', '50000-70000'], /to 65535/],
    [['--turn-public-address', '192.0.2.1,192.0.2.2'], /one of each/],
    [['--turn-public-address', 'chat.example.org'], /an IPv4 address/],
    [['--turn-allow-peers', '10.0.0.0/33'], /--turn-allow-peers must be/],
    [['--turn-max-per-user', '0'], /--turn-max-per-user must be a number/],
    [['--turn-threads', '65'], /threads from 0 to 64/],
    [['--turn-udp', 'fast'], /--turn-udp must be batched or dgram/],
  ])('R28 refuse %j by name', (argv, message) => {
    expect(() => read(argv)).toThrow(message)
    expect(() => read(argv)).toThrow(OptionsError)
  })

  it('R28 of the relay are read as a whole', () => {
    const flags = [
      ['--turn-tls-cert', 'c.pem', '--turn-tls-key', 'k.pem'],
      ['--turn-relay-ports', '50000-50099', '--turn-port', '3480'],
      ['--turn-public-address', '203.0.113.1,2001:db8::1'],
      ['--turn-allow-peers', '10.0.0.0/8, fd00::/8'],
      ['--turn-max-allocations', '10', '--turn-threads', '2'],
      ['--turn-udp', 'dgram'],
    ].flat()
    expect(read(flags, { KNOTHOLE_TURN_SECRET: SECRET })).toMatchObject({
      turnThreads: 2,
      turnUdp: 'dgram',
      turn: {
        mode: 'on',
        port: 3480,
        tls: { port: 5349, certFile: 'c.pem', keyFile: 'k.pem' },
        secret: SECRET,
        relayPorts: { first: 50_000, last: 50_099 },
        publicAddresses: ['203.0.113.1', '2001:db8::1'],
        allowedPeers: ['10.0.0.0/8', 'fd00::/8'],
        quotas: { allocations: 10 },
      },
    })
  })

  it('R28 have a relay with STUN, without only when asked for', () => {
    expect(read(['--turn', 'off']).turn).toEqual({ mode: 'off' })
    expect(read(['--no-stun']).turn).toEqual({ mode: 'off' })
    expect(read(['--no-stun', '--turn', 'on']).turn).toMatchObject({ mode: 'on', isExplicit: true })
    expect(read(['--stun-port', '5000']).turn).toMatchObject({ mode: 'on', port: 5000 })
  })

  it('R28 hand out credentials of relays elsewhere', () => {
    const urls = ['turn:turn.example.org:3478', 'turns:[2001:db8::1]:443?transport=tcp']
    const flags = ['--turn', 'external', '--turn-external-urls', urls.join(',')]
    const external = { mode: 'external', urls, secret: SECRET }
    expect(read([...flags, '--turn-secret', SECRET]).turn).toEqual(external)
  })

  it('R28 name the variable or file a wrong value stands in', () => {
    expect(() => read([], { KNOTHOLE_PORT: 'x' })).toThrow(/^KNOTHOLE_PORT must be/)
    expect(() => read(['--config', 'c.json'], {}, '{"port": "x"}')).toThrow(
      /^"port" in c\.json must/,
    )
    expect(() => read(['--config', 'c.json'], {}, '{"prot": 1}')).toThrow(
      /"prot" in c\.json is not/,
    )
    expect(() => read(['--config', 'c.json'], {}, '{"port": {}}')).toThrow(/"port" in c\.json/)
    expect(() => read(['--config', 'c.json'], {}, '[]')).toThrow(/one JSON object/)
    expect(() => read(['--config', 'c.json'], {}, '{')).toThrow(/c\.json cannot be read/)
  })

  it('R28 are all in --help', () => {
    expect(readOptions({ argv: ['--help'], environment: {}, readFile: () => '' })).toBe('help')
    for (const name of OPTION_NAMES) expect(helpText()).toContain(`--${name}`)
  })
})
