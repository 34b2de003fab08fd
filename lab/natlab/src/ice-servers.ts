// The STUN and TURN servers of a lab: the rendezvous' own, for its page and for the stock baseline
// alike. Credentials are of the TURN REST form, from a secret drawn for each process of the lab.

import { createHmac, randomBytes } from 'node:crypto'

import { SERVER_ADDRESSES, SERVER_ADDRESSES6, STUN_PORTS, WEB_PORT } from './addresses.ts'
import type { Lab } from './lab.ts'
import type { IceServer } from './stock/stock-plan.ts'

/** What the rendezvous is told to make credentials with. */
export const TURN_SECRET: string = randomBytes(16).toString('hex')
/** The addresses pages are told to ask, as they stand in a list. */
export const STUN_HOSTS: readonly string[] = [...SERVER_ADDRESSES, SERVER_ADDRESSES6[0]]
const CREDENTIAL_SECONDS = 86_400

/** What a plain page is to use: the same servers, and TURN where only port 443 gets out. */
export function iceServers(): readonly IceServer[] {
  const [first, second] = SERVER_ADDRESSES
  const [port] = STUN_PORTS
  const username = `${Math.floor(Date.now() / 1000) + CREDENTIAL_SECONDS}:lab`
  const credential = createHmac('sha1', TURN_SECRET).update(username).digest('base64')
  const stun = STUN_HOSTS.map((host) => `stun:${host.includes(':') ? `[${host}]` : host}:${port}`)
  const turn = [
    `turn:${first}:${port}?transport=udp`,
    `turn:${first}:${port}?transport=tcp`,
    `turn:${second}:${WEB_PORT}?transport=tcp`,
  ]
  return [{ urls: stun }, { urls: turn, username, credential }]
}

/** Lets port 443 of the server's second address lead to TURN, as a load balancer would. */
export async function openTurnOnWebPort(lab: Lab): Promise<void> {
  const [, address] = SERVER_ADDRESSES
  await lab.server.loadRuleset(`table ip natlab_turn {
  chain prerouting {
    type nat hook prerouting priority -100
    ip daddr ${address} tcp dport ${WEB_PORT} redirect to :${STUN_PORTS[0]}
  }
}
`)
}
