/** Makes the load's clients clients of a TURN server: allocates, binds channels, nothing more. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import {
  STUN_METHODS,
  attributeValue,
  decodeMessage,
  encodeMessage,
  longTermCredentials,
  mintRestCredentials,
  toTransportAddress,
} from '@knothole/traversal'
import type { ReceivedStunMessage, StunAttribute, StunCrypto } from '@knothole/traversal'
import type { Load } from './load.ts'

const crypto: StunCrypto = {
  hmac: {
    sha1: (key, data) => createHmac('sha1', key).update(data).digest(),
    sha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  },
  md5: (data) => createHash('md5').update(data).digest(),
  sha256: (data) => createHash('sha256').update(data).digest(),
}

/** As long as a bench may take. */
const credentialSeconds = 3600
const lifetimeSeconds = 3600
/** Once without credentials, once with, once when the nonce is stale; and a machine may be busy. */
const maxAttempts = 6
export const peerChannel = 0x40_00
export const siblingChannel = 0x40_01

/** Requests of one of the load's clients to a TURN server. */
export interface TurnClient {
  /** Allocates; the port of the relayed address. */
  allocate(): Promise<number>
  bind(channel: number, port: number): Promise<void>
}

export function createTurnClient(load: Load, client: number, secret: string): TurnClient {
  const expiresAtUnixS = Math.floor(Date.now() / 1000) + credentialSeconds
  const rest = { secret, hmacSha1: crypto.hmac.sha1 }
  const credentials = longTermCredentials({
    ...mintRestCredentials(rest, { user: 'bench', expiresAtUnixS }),
    crypto,
  })

  async function request(
    method: number,
    attributes: readonly StunAttribute[],
  ): Promise<ReceivedStunMessage> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { integrity, ...authorised } = credentials.authorise(attributes)
      const transactionId = new Uint8Array(randomBytes(12))
      const message = { class: 'request', method, transactionId, ...authorised } as const
      const seal = integrity === undefined ? {} : { integrity }
      const bytes = await load.ask(client, encodeMessage(message, seal))
      const result = bytes && decodeMessage(bytes)
      if (result?.type !== 'message') continue
      const verdict = credentials.judge(result.message, { attributes, ...seal })
      if (verdict === 'retry') continue
      if (result.message.class === 'success') return result.message
      const code = attributeValue(result.message, 'error-code')?.code
      throw new Error(`method ${method} was refused: ${code ?? verdict}`)
    }
    throw new Error(`method ${method} was not answered, or refused again and again`)
  }

  return {
    async allocate() {
      const answer = await request(STUN_METHODS.allocate, [
        { type: 'requested-transport', value: 17 },
        { type: 'lifetime', value: lifetimeSeconds },
      ])
      return attributeValue(answer, 'xor-relayed-address')?.port ?? 0
    },
    async bind(channel, port) {
      const peer = toTransportAddress('127.0.0.1', port)
      if (peer === null) throw new Error(`${port} is no port`)
      await request(STUN_METHODS.channelBind, [
        { type: 'channel-number', value: channel },
        { type: 'xor-peer-address', value: peer },
      ])
    },
  }
}
