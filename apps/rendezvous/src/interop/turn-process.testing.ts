// The built command as a STUN and TURN server on loopback, on ports of its own, for foreign clients.
import { once } from 'node:events'
import { freePorts } from '../shell/free-ports.testing.ts'
import { makeTestFolder, startTestProcess } from '../shell/test-server.testing.ts'
import type { TestProcess } from '../shell/test-server.testing.ts'
import { makeTestCertificate } from './certificate.testing.ts'
import type { TestCertificate } from './certificate.testing.ts'

export const TURN_SECRET = 'a secret of the tests of ours'

/** A running server and its ports. */
export interface TurnProcess {
  readonly server: TestProcess
  readonly port: number
  readonly altPort: number
  readonly tlsPort: number
  readonly certificate: TestCertificate
  close(): Promise<void>
}

export interface TurnProcessOptions {
  /** Addresses it listens on and tells browsers. */
  readonly hosts?: readonly string[]
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export async function startTurnProcess({
  hosts = ['127.0.0.1', '127.0.0.2', '::1'],
  flags = [],
  environment = {},
}: TurnProcessOptions = {}): Promise<TurnProcess> {
  const [port = 0, altPort = 0, tlsPort = 0] = await freePorts(3)
  const folder = await makeTestFolder()
  const certificate = await makeTestCertificate(folder.path)
  const own = {
    '--host': hosts.includes('::1') ? '::' : '0.0.0.0',
    '--port': '0',
    '--data': folder.path,
    '--page': folder.path,
    '--stun-hosts': hosts.join(','),
    '--stun-port': String(port),
    '--stun-alt-port': String(altPort),
    '--turn': 'on',
    '--turn-tls-port': String(tlsPort),
    '--turn-tls-cert': certificate.certFile,
    '--turn-tls-key': certificate.keyFile,
    '--turn-allow-peers': '127.0.0.0/8,::1',
    '--log-level': 'info',
  }
  const server = await startTestProcess([...Object.entries(own).flat(), ...flags], {
    ...environment,
    KNOTHOLE_TURN_SECRET: TURN_SECRET,
  })
  return {
    server,
    port,
    altPort,
    tlsPort,
    certificate,
    async close() {
      const { child } = server
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await folder.remove()
    },
  }
}
