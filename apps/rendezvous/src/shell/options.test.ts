import { describe, expect, it } from 'vitest'
import { helpText, OPTION_NAMES } from './option-table.ts'
import { OptionsError, readOptions } from './options.ts'
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

describe('options', () => {
  it('R28 have defaults', () => {
    expect(read([])).toMatchObject({
      host: undefined,
      port: 8080,
      url: undefined,
      dataFolder: '.knothole',
      stun: { isOn: true, hosts: undefined, ports: [3478, 3479], isPortExplicit: false },
      trustProxy: { type: 'none' },
      roomDays: 30,
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
    [['--port', 'eighty'], /--port must be a port number.*"eighty"/],
    [['--port', '70000'], /--port/],
    [['--port'], /port/],
    [['extra'], /extra/],
    [['--host', 'somewhere'], /--host must be an IP address/],
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
  ])('R28 refuse %j by name', (argv, message) => {
    expect(() => read(argv)).toThrow(message)
    expect(() => read(argv)).toThrow(OptionsError)
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
