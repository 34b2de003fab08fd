// A TURN server with everything around it in memory: clients with credentials, peers, relay sockets
// that open when told, and a clock that stands still.
import type { AddressFamily, TransportAddress } from '../address.ts'
import { formatTransportAddress, toTransportAddress } from '../address.ts'
import type {
  StunAttribute,
  StunAttributeType,
  StunAttributeValues,
} from '../stun/stun-attributes.ts'
import type { LongTermIdentity } from '../stun/stun-credentials.ts'
import { longTermKey } from '../stun/stun-credentials.ts'
import type { IntegrityAlgorithm } from '../stun/stun-integrity.ts'
import { checkIntegrity } from '../stun/stun-integrity.ts'
import type { ReceivedStunMessage, StunClass } from '../stun/stun-message.ts'
import { STUN_METHODS, attributeValue, decodeMessage, encodeMessage } from '../stun/stun-message.ts'
import { NODE_CRYPTO } from '../stun/stun-vectors.testing.ts'
import type {
  TurnListener,
  TurnRelay,
  TurnRemote,
  TurnServer,
  TurnServerOptions,
  TurnStream,
} from './turn-interface.ts'
import { createTurnServer } from './turn-server.ts'

export const REALM = 'kh'
export const RELAY_IPV4 = '203.0.113.1'
export const RELAY_IPV6 = '2001:db8::1'
export const PASSWORDS: Readonly<Record<string, string>> = { alice: 'secret-a', bob: 'secret-b' }
const SERVER: TransportAddress = { family: 'IPv4', address: RELAY_IPV4, port: 3478 }

export type Method = keyof typeof STUN_METHODS

/** A datagram that left a relayed address. */
export interface Relayed {
  readonly from: TransportAddress
  readonly to: string
  readonly payload: Uint8Array
  readonly isUnfragmented: boolean
}

export interface TurnWorldOptions extends Partial<TurnServerOptions> {
  /** Relay sockets stay unopened until `openHeld`. */
  readonly holdsRelays?: boolean
  readonly isPortTaken?: (port: number) => boolean
}

export class TurnWorld {
  nowMs = 1_000_000
  readonly server: TurnServer
  readonly relayed: Relayed[] = []
  /** Open relay sockets by family and port. */
  readonly open = new Map<string, TurnRelay>()
  readonly asked: number[] = []
  readonly #held: TurnRelay[] = []
  readonly #options: TurnWorldOptions
  readonly #listener: TurnListener
  readonly #clients = new Map<string, TestClient>()
  #random = 1

  constructor(options: TurnWorldOptions = {}) {
    this.#options = options
    this.server = createTurnServer({
      realm: REALM,
      passwordOf: (username) => PASSWORDS[username] ?? null,
      relayAddresses: { IPv4: RELAY_IPV4, IPv6: RELAY_IPV6 },
      openRelay: (relay) => this.#ask(relay),
      crypto: NODE_CRYPTO,
      randomBytes: (count) => Uint8Array.from({ length: count }, () => this.#nextByte()),
      nonceKey: new Uint8Array(16).fill(7),
      ...options,
    })
    this.#listener = this.server.openListener({
      local: SERVER,
      socket: {
        send: (message, client) => this.#clients.get(keyOf(client))?.inbox.push(message),
      },
    })
  }

  /** A client over UDP. */
  udp(address = '198.51.100.7', port = 40_000, username = 'alice'): TestClient {
    const remote = { address, port }
    const client = new TestClient(username, (bytes) => this.receive(bytes, remote))
    this.#clients.set(keyOf(remote), client)
    return client
  }

  /** Any bytes from any address, over UDP. */
  receive(bytes: Uint8Array, remote: TurnRemote): void {
    this.#listener.receive(bytes, remote, this.nowMs)
  }

  /** A client over a stream; `stream` is its server side. */
  stream(transport: 'tcp' | 'tls' = 'tcp', port = 50_000): TestClient & { stream: TurnStream } {
    const remote = { address: '198.51.100.8', port }
    const client: TestClient = new TestClient('alice', (bytes) => {
      stream.receive(bytes, this.nowMs)
    })
    const socket = { send: (message: Uint8Array) => void client.inbox.push(message) }
    const stream = this.server.openStream({ local: SERVER, transport, client: remote, socket })
    return Object.assign(client, { stream })
  }

  /** A peer's datagram to a relayed address. */
  fromPeer(to: TransportAddress, peer: TransportAddress, payload: Uint8Array): void {
    this.open.get(portKey(to.family, to.port))?.receive(payload, peer, this.nowMs)
  }

  advance(ms: number): void {
    this.nowMs += ms
    this.server.tick(this.nowMs)
  }

  openHeld(): void {
    for (const relay of this.#held.splice(0)) this.#bind(relay)
  }

  #ask(relay: TurnRelay): void {
    this.asked.push(relay.port)
    if (this.#options.holdsRelays === true) this.#held.push(relay)
    else this.#bind(relay)
  }

  #bind(relay: TurnRelay): void {
    const { family, port } = relay
    if (this.#options.isPortTaken?.(port) === true) return relay.failed(this.nowMs)
    const key = portKey(family, port)
    const from = addressOf(family === 'IPv4' ? RELAY_IPV4 : RELAY_IPV6, port)
    const note = (payload: Uint8Array, peer: TurnRemote, isUnfragmented: boolean): void => {
      const to = formatTransportAddress(addressOf(peer.address, peer.port))
      this.relayed.push({ from, to, payload: payload.slice(), isUnfragmented })
    }
    this.open.set(key, relay)
    relay.opened(
      {
        send: (payload, peer) => note(payload, peer, false),
        sendUnfragmented: (payload, peer) => note(payload, peer, true),
        close: () => void this.open.delete(key),
      },
      this.nowMs,
    )
  }

  #nextByte(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) & 0x7f_ff_ff_ff
    return (this.#random >> 16) & 0xff
  }
}

export interface RequestOptions {
  readonly username?: string
  readonly password?: string
  readonly nonce?: string
  readonly transactionId?: Uint8Array
  readonly algorithm?: IntegrityAlgorithm
  readonly fingerprint?: boolean
}

/** A client that answers challenges; `inbox` is what it was sent. */
export class TestClient {
  readonly inbox: Uint8Array[] = []
  readonly username: string
  readonly send: (bytes: Uint8Array) => void
  nonce = ''
  #transactions = 0

  readonly #realm: string
  readonly #password: string

  constructor(
    username: string,
    send: (bytes: Uint8Array) => void,
    { realm = REALM, password = PASSWORDS[username] ?? '' } = {},
  ) {
    this.username = username
    this.send = send
    this.#realm = realm
    this.#password = password
  }

  /** A request without credentials; what came back, if anything. */
  ask(method: Method, attributes: readonly StunAttribute[] = []): ReceivedStunMessage | undefined {
    return this.#exchange(this.bare(method, attributes))
  }

  /** The bytes of a request without credentials. */
  bare(method: Method, attributes: readonly StunAttribute[] = []): Uint8Array {
    const transactionId = this.#nextTransaction()
    return encodeMessage({
      class: 'request',
      method: STUN_METHODS[method],
      transactionId,
      attributes,
    })
  }

  /** The bytes of an authenticated request. */
  sealed(
    method: Method,
    attributes: readonly StunAttribute[] = [],
    options: RequestOptions = {},
  ): Uint8Array {
    const { username = this.username, algorithm = 'sha1', fingerprint = false } = options
    const password = options.password ?? this.#passwordOf(username)
    const transactionId = options.transactionId ?? this.#nextTransaction()
    const isSha256 = algorithm === 'sha256'
    const offer = [
      { algorithm: 2, parameters: new Uint8Array() },
      { algorithm: 1, parameters: new Uint8Array() },
    ] as const
    const extra: StunAttribute[] = isSha256
      ? [
          { type: 'password-algorithms', value: offer },
          { type: 'password-algorithm', value: offer[0] },
        ]
      : []
    const all: StunAttribute[] = [
      ...attributes,
      { type: 'username', value: username },
      { type: 'realm', value: this.#realm },
      { type: 'nonce', value: options.nonce ?? this.nonce },
      ...extra,
    ]
    const identity = { username, password, realm: this.#realm }
    const key = keyFor(identity, isSha256 ? 'sha256' : 'md5')
    return encodeMessage(
      { class: 'request', method: STUN_METHODS[method], transactionId, attributes: all },
      { integrity: { key, hmac: NODE_CRYPTO.hmac, algorithms: [algorithm] }, fingerprint },
    )
  }

  /** An authenticated request, its nonce fetched when there is none yet. */
  request(
    method: Method,
    attributes: readonly StunAttribute[] = [],
    options: RequestOptions = {},
  ): ReceivedStunMessage {
    if (this.nonce === '' && options.nonce === undefined) this.challenge()
    const answer = this.#exchange(this.sealed(method, attributes, options))
    if (answer === undefined) throw new Error(`no answer to ${method}`)
    return answer
  }

  /** Asks for a nonce as browsers do. */
  challenge(): ReceivedStunMessage {
    const answer = this.ask('allocate', [UDP])
    if (answer === undefined) throw new Error('no challenge')
    this.nonce = attributeValue(answer, 'nonce') ?? ''
    return answer
  }

  /** Allocates, and gives the relayed addresses. */
  allocate(attributes: readonly StunAttribute[] = []): TransportAddress {
    const answer = this.request('allocate', [UDP, ...attributes])
    const address = attributeValue(answer, 'xor-relayed-address')
    if (address === undefined) throw new Error(`not allocated: ${codeOf(answer)}`)
    return address
  }

  permit(...peers: readonly TransportAddress[]): number {
    return codeOf(this.request('createPermission', peersOf(...peers)))
  }

  bind(number: number, peer: TransportAddress): number {
    const channel = { type: 'channel-number', value: number } as const
    return codeOf(this.request('channelBind', [channel, ...peersOf(peer)]))
  }

  indicate(peer: TransportAddress, payload: Uint8Array, more: readonly StunAttribute[] = []): void {
    const attributes = [...peersOf(peer), { type: 'data', value: payload } as const, ...more]
    const transactionId = this.#nextTransaction()
    this.send(
      encodeMessage({
        class: 'indication',
        method: STUN_METHODS.send,
        transactionId,
        attributes,
      }),
    )
  }

  /** What came since the last call, as messages; ChannelData is left in the inbox. */
  messages(): ReceivedStunMessage[] {
    return this.inbox.splice(0).map(decoded)
  }

  #passwordOf(username: string): string {
    return username === this.username ? this.#password : (PASSWORDS[username] ?? '')
  }

  #exchange(bytes: Uint8Array): ReceivedStunMessage | undefined {
    this.inbox.length = 0
    this.send(bytes)
    const answer = this.inbox.shift()
    return answer && decoded(answer)
  }

  #nextTransaction(): Uint8Array {
    this.#transactions += 1
    return Uint8Array.from({ length: 12 }, (_, index) => (index === 11 ? this.#transactions : 9))
  }
}

export const UDP: StunAttribute = { type: 'requested-transport', value: 17 }

export function addressOf(ip: string, port: number): TransportAddress {
  const address = toTransportAddress(ip, port)
  if (address === null) throw new Error(`${ip}:${port} is no address`)
  return address
}

export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text))
}

export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'nothing' : Buffer.from(bytes).toString()
}

/** ChannelData as a client writes it over UDP. */
export function channelData(number: number, payload: Uint8Array, length?: number): Uint8Array {
  const size = length ?? payload.length
  return Uint8Array.from([number >> 8, number & 0xff, size >> 8, size & 0xff, ...payload])
}

export function peersOf(...peers: readonly TransportAddress[]): StunAttribute[] {
  return peers.map((value) => ({ type: 'xor-peer-address', value }))
}

/** 0 for success. */
export function codeOf(message: ReceivedStunMessage): number {
  return attributeValue(message, 'error-code')?.code ?? (isOf(message, 'success') ? 0 : -1)
}

export function valueOf<Type extends StunAttributeType>(
  message: ReceivedStunMessage,
  type: Type,
): StunAttributeValues[Type] {
  const value = attributeValue(message, type)
  if (value === undefined) throw new Error(`the message has no ${type}`)
  return value
}

/** Whether an answer carries the integrity that `username` expects. */
export function isSealedFor(
  message: ReceivedStunMessage,
  username: string,
  algorithm: IntegrityAlgorithm = 'sha1',
): boolean {
  const identity = { username, password: PASSWORDS[username] ?? '', realm: REALM }
  const key = keyFor(identity, algorithm === 'sha1' ? 'md5' : 'sha256')
  return checkIntegrity(message, algorithm, { key, hmac: NODE_CRYPTO.hmac }) === 'valid'
}

export function decoded(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

function isOf(message: ReceivedStunMessage, stunClass: StunClass): boolean {
  return message.class === stunClass
}

function keyFor(identity: LongTermIdentity, algorithm: 'md5' | 'sha256'): Uint8Array {
  const key = longTermKey(identity, algorithm, NODE_CRYPTO)
  if (key === null) throw new Error('the password is not a proper one')
  return key
}

function keyOf({ address, port }: TurnRemote): string {
  return `${address} ${port}`
}

function portKey(family: AddressFamily, port: number): string {
  return `${family} ${port}`
}
