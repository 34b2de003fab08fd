// coturn in the lab's server namespace: STUN with change requests (RFC 5780) on two addresses and two
// ports, TURN over UDP and TCP in both versions of IP, and TURN over TCP on port 443 of the second
// address. Credentials are of the TURN REST form, from a secret drawn for each lab.

import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'

import { SERVER_ADDRESSES, SERVER_ADDRESSES6, STUN_PORTS, WEB_PORT } from './addresses.ts'
import { words } from './command.ts'
import type { Lab } from './lab.ts'
import type { IceServer } from './stock/stock-plan.ts'
import { findProgram, type Support } from './support.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'
import { untilListening } from './web-server.ts'

const CREDENTIAL_SECONDS = 86_400

/** Whether coturn is installed. */
export function turnSupport(): Support {
  if (findProgram('turnserver') !== undefined) return { ok: true }
  return { ok: false, reason: 'turnserver not found: apt-get install coturn' }
}

/** Starts coturn until the lab closes; returns what a browser is to use. */
export async function startTurnServer(lab: Lab): Promise<readonly IceServer[]> {
  const secret = randomBytes(16).toString('hex')
  const folder = makeTemporaryFolder()
  const [first, second] = SERVER_ADDRESSES
  const [first6] = SERVER_ADDRESSES6
  const running = lab.server.start([
    ...words('turnserver -n --no-cli --no-tls --no-dtls --log-file stdout --use-auth-secret'),
    ...words(`--static-auth-secret ${secret} --realm lab --pidfile ${join(folder.path, 'pid')}`),
    ...words(`--listening-port ${STUN_PORTS[0]} --alt-listening-port ${STUN_PORTS[1]}`),
    ...words(`-L ${first} -L ${second} -L ${first6} -E ${first} -E ${first6}`),
    ...words(`--aux-server ${second}:${WEB_PORT}`),
  ])
  lab.beforeClose(async () => {
    await running.kill()
    folder.remove()
  })
  await untilListening(lab, running, second)
  return iceServers(secret)
}

function iceServers(secret: string): readonly IceServer[] {
  const [first, second] = SERVER_ADDRESSES
  const [port] = STUN_PORTS
  const username = `${Math.floor(Date.now() / 1000) + CREDENTIAL_SECONDS}:lab`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  const stun = [first, second, `[${SERVER_ADDRESSES6[0]}]`].map((host) => `stun:${host}:${port}`)
  const turn = [
    `turn:${first}:${port}?transport=udp`,
    `turn:${first}:${port}?transport=tcp`,
    `turn:${second}:${WEB_PORT}?transport=tcp`,
  ]
  return [{ urls: stun }, { urls: turn, username, credential }]
}
