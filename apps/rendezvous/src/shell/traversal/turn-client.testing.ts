// A TURN client over UDP for tests: one request at a time, no retransmission, and every byte counted.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  attributeValue,
  decodeMessage,
  encodeMessage,
  STUN_METHODS,
  TRANSPORT_PROTOCOLS,
  toTransportAddress,
} from '@knothole/traversal'
import type {
  ReceivedStunMessage,
  StunAttribute,
  TransportAddress,
  TurnIcmp,
} from '@knothole/traversal'

export interface TurnCredentials {
  readonly username: string
  readonly credential: string
}

/** Credentials as the rendezvous mints them. */
export function mintTestCredentials(secret: string, user: string): TurnCredentials {
  const username = `${Math.floor(Date.now() / 1000) + 3600}:${user}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

export const UDP_RELAY: StunAttribute = {
  type: 'requested-transport',
  value: TRANSPORT_PROTOCOLS.udp,
}

/** A transport address that a test is sure of. */
export function at(address: string, port: number): TransportAddress {
  const place = toTransportAddress(address, port)
  if (place === null) throw new Error(`${address} is no address`)
  return place
}

/** A request without credentials. */
export function bareRequest(method: number, attributes: readonly StunAttribute[] = []): Uint8Array {
  const transactionId = randomBytes(12)
  return encodeMessage({ class: 'request', method, transactionId, attributes })
}

/** Longest wait for an answer that a test expects. */
const ANSWER_MS = 5000

export class TurnTestClient {
  readonly socket: Socket = createSocket('udp4')
  readonly #server: TransportAddress
  readonly #credentials: TurnCredentials
  readonly #answers = new Map<string, (message: ReceivedStunMessage) => void>()
  /** Payloads of Data indications. */
  readonly heard: Uint8Array[] = []
  /** What ICMP said about peers. */
  readonly refused: { readonly icmp: TurnIcmp; readonly peer: TransportAddress | undefined }[] = []
  receivedBytes = 0
  receivedPackets = 0
  #realm = ''
  #nonce = ''

  constructor(server: TransportAddress, credentials: TurnCredentials) {
    this.#server = server
    this.#credentials = credentials
    this.socket.on('message', (bytes) => this.#receive(bytes))
  }

  /** A client at an address of loopback. */
  static async open(
    server: TransportAddress,
    credentials: TurnCredentials,
    address = '127.0.0.1',
  ): Promise<TurnTestClient> {
    const client = new TurnTestClient(server, credentials)
    client.socket.bind(0, address)
    await once(client.socket, 'listening')
    return client
  }

  raw(bytes: Uint8Array): void {
    this.socket.send(bytes, this.#server.port, this.#server.address)
  }

  /** The answer to a request with credentials; asks for realm and nonce first. */
  async request(
    method: number,
    attributes: readonly StunAttribute[] = [],
  ): Promise<ReceivedStunMessage> {
    if (this.#nonce === '') {
      const challenge = await this.#ask(method, attributes)
      this.#realm = attributeValue(challenge, 'realm') ?? ''
      this.#nonce = attributeValue(challenge, 'nonce') ?? ''
    }
    const { username, credential } = this.#credentials
    const key = createHash('md5').update(`${username}:${this.#realm}:${credential}`).digest()
    const identity: StunAttribute[] = [
      { type: 'username', value: username },
      { type: 'realm', value: this.#realm },
      { type: 'nonce', value: this.#nonce },
    ]
    return this.#ask(method, [...attributes, ...identity], key)
  }

  /** 0, or the code of the error. */
  async codeOf(method: number, attributes: readonly StunAttribute[] = []): Promise<number> {
    const answer = await this.request(method, attributes)
    return attributeValue(answer, 'error-code')?.code ?? 0
  }

  /** The relayed address, or the code of the error. */
  async allocate(): Promise<TransportAddress | number> {
    const answer = await this.request(STUN_METHODS.allocate, [UDP_RELAY])
    const relayed = attributeValue(answer, 'xor-relayed-address')
    return relayed ?? attributeValue(answer, 'error-code')?.code ?? -1
  }

  permit(peer: TransportAddress): Promise<number> {
    return this.codeOf(STUN_METHODS.createPermission, [{ type: 'xor-peer-address', value: peer }])
  }

  /** Sends through the relay. */
  sendTo(peer: TransportAddress, data: Uint8Array, more: readonly StunAttribute[] = []): void {
    const attributes: StunAttribute[] = [
      { type: 'xor-peer-address', value: peer },
      { type: 'data', value: data },
      ...more,
    ]
    const transactionId = randomBytes(12)
    const method = STUN_METHODS.send
    this.raw(encodeMessage({ class: 'indication', method, transactionId, attributes }))
  }

  close(): void {
    this.socket.close()
  }

  #ask(
    method: number,
    attributes: readonly StunAttribute[],
    key?: Uint8Array,
  ): Promise<ReceivedStunMessage> {
    const transactionId = randomBytes(12)
    const hmac = {
      sha1: (key: Uint8Array, data: Uint8Array) => createHmac('sha1', key).update(data).digest(),
      sha256: (key: Uint8Array, data: Uint8Array) =>
        createHmac('sha256', key).update(data).digest(),
    }
    const seal =
      key === undefined ? {} : { integrity: { key, hmac, algorithms: ['sha1'] as const } }
    const id = transactionId.toString('hex')
    const answered = new Promise<ReceivedStunMessage>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer')), ANSWER_MS)
      this.#answers.set(id, (message) => {
        clearTimeout(timer)
        resolve(message)
      })
    })
    this.raw(encodeMessage({ class: 'request', method, transactionId, attributes }, seal))
    return answered
  }

  #receive(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length
    this.receivedPackets += 1
    const decoded = decodeMessage(bytes)
    if (decoded.type === 'refused') return
    const { message } = decoded
    const data = attributeValue(message, 'data')
    if (message.class === 'indication' && data !== undefined) this.heard.push(data)
    const icmp = attributeValue(message, 'icmp')
    if (icmp !== undefined) {
      this.refused.push({ icmp, peer: attributeValue(message, 'xor-peer-address') })
    }
    const id = Buffer.from(message.transactionId).toString('hex')
    this.#answers.get(id)?.(message)
    this.#answers.delete(id)
  }
}
