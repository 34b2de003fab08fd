// Coturn's own tools as clients of the built command: what others wrote from the RFCs must work here.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { buildServer } from '../shell/test-server.testing.ts'
import { UDP_KINDS } from '../shell/udp/udp-kinds.testing.ts'
import { startTurnProcess, TURN_SECRET } from './turn-process.testing.ts'
import type { TurnProcess } from './turn-process.testing.ts'

const reason =
  process.platform === 'linux'
    ? missing('turnutils', 'openssl')
    : 'only Linux has all of 127.0.0.0/8'
const run = promisify(execFile)

/** The tool's connections take one version of TLS after the other, from the first. */
const OLD_TLS = { NODE_OPTIONS: '--tls-min-v1.0 --tls-cipher-list=DEFAULT@SECLEVEL=0' }

/** The one under test; each way of moving datagrams has its own. */
let server: TurnProcess

/** How long a tool may take: -R waits ten seconds for answers that must not come. */
const TOOL_MS = 40_000

/** What a tool printed; it throws when the tool ends with an error. */
async function runTool(
  name: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const { stdout, stderr } = await run(name, args, { timeout: TOOL_MS, signal })
  return `${stdout}\n${stderr}`
}

function tool(name: string, ...args: string[]): Promise<string> {
  return runTool(name, args)
}

interface Uclient {
  readonly options: readonly string[]
  readonly host?: string
}

/** Messages of each client, and ms between two. */
const PACE = ['-n', '20', '-z', '5']
/** Over TLS the tool loses what comes in one piece with something else, whatever the server. */
const TLS_PACE = ['-n', '8', '-z', '150', '-F', 'DEFAULT@SECLEVEL=0']

/** Clients that talk in pairs through relays on both sides; the report of what arrived. */
function uclient({ options, host = '127.0.0.1' }: Uclient, signal?: AbortSignal): Promise<string> {
  const isTls = options.includes('-S')
  const port = String(isTls ? server.tlsPort : server.port)
  const common = ['-y', '-c', '-u', 'alice', '-W', TURN_SECRET, '-p', port]
  const args = [...options, ...(isTls ? TLS_PACE : PACE), ...common, host]
  return runTool('turnutils_uclient', args, signal)
}

const NOTHING_LOST = /Total lost packets 0 \(/
const LOST_PERCENT = /Total lost packets \d+ \(([\d.]+)%/

/** Seen on a machine with five times as much to do as it can; none on a quiet one. */
const TOOLS_OWN_PERCENT = 50

const everyMode: readonly (readonly [string, Uclient])[] = [
  ['UDP, by channels', { options: ['-m', '2'] }],
  ['UDP, by Send indications', { options: ['-s', '-m', '2'] }],
  ['UDP without fragments', { options: ['-g'] }],
  ['TCP, by channels', { options: ['-t', '-m', '2'] }],
  ['TCP, by Send indications', { options: ['-t', '-s'] }],
  ['UDP over IPv6', { options: ['-x'], host: '::1' }],
  ['TCP over IPv6', { options: ['-t', '-x'], host: '::1' }],
  ['IPv4 with relays of IPv6', { options: ['-x'] }],
  ['IPv6 with relays of IPv4', { options: ['-X'], host: '::1' }],
  ['negative tests', { options: ['-N'] }],
  ['negative tests over TCP', { options: ['-N', '-t'] }],
  ['requests in excess', { options: ['-G'] }],
  ['padded channels', { options: ['-D'] }],
]

const overTls: readonly (readonly [string, Uclient])[] = [
  ['TLS, by channels', { options: ['-t', '-S'] }],
  ['TLS, by Send indications', { options: ['-t', '-S', '-s'] }],
  ['TLS over IPv6', { options: ['-t', '-S', '-x'], host: '::1' }],
]

function discover(...options: string[]): Promise<string> {
  return tool('turnutils_natdiscovery', ...options, '-p', String(server.port), '127.0.0.1')
}

describe.skipIf(reason !== undefined).each(UDP_KINDS)(
  `clients of coturn, UDP %s (${reason ?? 'all there'})`,
  (udpKind) => {
    beforeAll(async () => {
      await buildServer()
      server = await startTurnProcess({ environment: OLD_TLS, flags: ['--turn-udp', udpKind] })
    })
    afterAll(() => server.close())

    describe('TURN clients', () => {
      // They sleep most of the time.
      it.concurrent.each(everyMode)('R107 lose nothing: %s', async (_name, client) => {
        expect(await uclient(client)).toMatch(NOTHING_LOST)
      })

      // One after the other: beside all the rest messages come late, so together, and the tool loses some.
      it.each(overTls)(
        'R107 lose nothing but what the tool drops itself: %s',
        async (_name, client) => {
          const [, lost] = LOST_PERCENT.exec(await uclient(client)) ?? []
          expect(Number(lost)).toBeLessThanOrEqual(TOOLS_OWN_PERCENT)
        },
      )

      // In this mode the tool damages requests at random. It waits for ever for the answer to some that
      // get none, coturn's own server included, and counts as lost the messages that it damaged itself: how
      // many is its chance. What counts is that it comes to its end and that others are served after it: one run
      // in three did (15 of 48), so that of 32 none does once in 200,000 times.
      it.concurrent('R107 are served on after negative tests of the protocol', async () => {
        const over = new AbortController()
        const runs = Array.from({ length: 32 }, () => uclient({ options: ['-R'] }, over.signal))
        expect(await Promise.any(runs)).toMatch(/Total lost packets \d+ \(/)
        over.abort()
        await Promise.allSettled(runs)
        expect(await uclient({ options: [] })).toMatch(NOTHING_LOST)
      })

      it('R107 are refused without good credentials', async () => {
        const args = ['-y', '-c', '-u', 'alice', '-W', 'a wrong secret', '-p', String(server.port)]
        await expect(tool('turnutils_uclient', ...args, '127.0.0.1')).rejects.toThrow(
          'Command failed',
        )
      })
    })

    describe('STUN clients', () => {
      it.each(['127.0.0.1', '::1'])(
        'R107 turnutils_stunclient learns its address at %s',
        async (host) => {
          const text = await tool('turnutils_stunclient', '-p', String(server.port), host)
          expect(text).toMatch(new RegExp(`reflexive addr: ${host}`))
        },
      )

      it('R107 turnutils_stunclient -f gets all three answers of RFC 5780', async () => {
        const text = await tool(
          'turnutils_stunclient',
          '-f',
          '-p',
          String(server.port),
          '127.0.0.1',
        )
        expect(text).toContain('RFC 5780 response 3')
        expect(text).toContain(`Other addr: : 127.0.0.2:${server.altPort}`)
      })

      it.each([
        ['without padding', []],
        ['with padding', ['-P']],
      ])(
        'R107 turnutils_natdiscovery tells mapping, filtering and hairpin %s',
        async (_name, padding) => {
          const text = await discover('-m', '-f', '-H', ...padding)
          expect(text).toContain('NAT with Endpoint Independent Mapping!')
          expect(text).toContain('NAT with Endpoint Independent Filtering!')
          expect(text).toContain('successful hairpinning')
        },
      )

      it('R107 turnutils_natdiscovery tells lifetime and collisions', async () => {
        expect(await discover('-t', '-T', '1')).toContain('RFC 5780 response 2')
        const text = await discover('-c', '-L', '127.0.0.1', '-A', '127.0.0.3')
        expect(text).toMatch(/UDP reflexive addr: 127\.0\.0\.3/)
      })
    })
  },
)
