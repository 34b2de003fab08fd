import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anyTransportAddress, hostileBytes } from './stun-arbitraries.testing.ts'
import type { StunAttribute } from './stun-attributes.ts'
import type { AuthorisedRequest, StunClientCredentials } from './stun-client-credentials.ts'
import { PASSWORD_ALGORITHMS, longTermKey, userhashOf } from './stun-credentials.ts'
import { checkIntegrity } from './stun-integrity.ts'
import { longTermCredentials } from './stun-long-term-client.ts'
import type { CredentialsVerdict, LongTermServerOptions } from './stun-long-term-server.ts'
import { createLongTermServer } from './stun-long-term-server.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { attributeValue, decodeMessage, encodeMessage } from './stun-message.ts'
import { createStunNonces, featuresOf } from './stun-nonce.ts'
import { encodeError, encodeSuccess, errorAttribute } from './stun-reply.ts'
import { NODE_CRYPTO, NODE_HMAC } from './stun-vectors.testing.ts'

const SOURCE = { address: '192.0.2.1', port: 5000 }
const ELSEWHERE = { address: '192.0.2.1', port: 5001 }
const SHA256 = { algorithm: PASSWORD_ALGORITHMS.sha256, parameters: new Uint8Array() }
const MD5 = { algorithm: PASSWORD_ALGORITHMS.md5, parameters: new Uint8Array() }
const PASSWORDS: Record<string, string> = { alice: 'wonderland', bob: 'builder' }

const OPTIONS: LongTermServerOptions = {
  realm: 'example.org',
  crypto: NODE_CRYPTO,
  passwordOf: (username) => PASSWORDS[username] ?? null,
  nonceKey: new Uint8Array(16).fill(7),
}
const SERVER = createLongTermServer(OPTIONS)

function read(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

function bytesOf({ attributes, integrity }: AuthorisedRequest): Uint8Array {
  const message = {
    class: 'request',
    method: 3,
    transactionId: new Uint8Array(12).fill(1),
    attributes,
  } as const
  return encodeMessage(message, integrity === undefined ? {} : { integrity })
}

function requestOf(request: AuthorisedRequest): ReceivedStunMessage {
  return read(bytesOf(request))
}

function answerTo(request: ReceivedStunMessage, verdict: CredentialsVerdict): ReceivedStunMessage {
  return read(
    verdict.type === 'refused'
      ? encodeError(request, verdict.attributes)
      : encodeSuccess(request, [{ type: 'lifetime', value: 600 }], verdict.integrity),
  )
}

function client(username = 'alice', password = 'wonderland'): StunClientCredentials {
  return longTermCredentials({ username, password, crypto: NODE_CRYPTO })
}

/** One exchange: what the server says, and what the client makes of its answer. */
function ask(credentials: StunClientCredentials, server = SERVER, nowMs = 0) {
  const sent = credentials.authorise([{ type: 'lifetime', value: 600 }])
  const request = requestOf(sent)
  const verdict = server.check(request, SOURCE, nowMs)
  const response = answerTo(request, verdict)
  return { verdict, response, request, judgement: credentials.judge(response, sent) }
}

/** The proof that alice would give, with some of it replaced or left out. */
function proof(changes: Partial<Record<StunAttribute['type'], StunAttribute | null>> = {}) {
  const alice = client()
  ask(alice)
  const { attributes, integrity } = alice.authorise([])
  const changed = attributes.flatMap((attribute) => {
    const change = changes[attribute.type]
    return change === undefined ? [attribute] : change === null ? [] : [change]
  })
  return { attributes: changed, ...(integrity === undefined ? {} : { integrity }) }
}

function usernameOf(userhash: Uint8Array): string | null {
  const isHashOf = (username: string): boolean =>
    Buffer.from(userhashOf({ username, realm: 'example.org' }, NODE_CRYPTO)).equals(userhash)
  return Object.keys(PASSWORDS).find(isHashOf) ?? null
}

function promised(nonce: string): string {
  return Object.values(featuresOf(nonce)).join(' ')
}

function codeOf(verdict: CredentialsVerdict): number | string {
  return verdict.type === 'refused' ? verdict.code : verdict.username
}

describe('the long-term mechanism', () => {
  it('T27 challenges with 401, realm, nonce and algorithms, then knows who asks', () => {
    const alice = client()
    const first = ask(alice)
    expect(first.verdict).toMatchObject({ type: 'refused', code: 401 })
    expect(first.response.integrity).toEqual([])
    expect(attributeValue(first.response, 'realm')).toBe('example.org')
    expect(attributeValue(first.response, 'password-algorithms')).toEqual([SHA256, MD5])
    expect(first.judgement).toBe('retry')
    const second = ask(alice)
    expect(second.verdict).toMatchObject({ type: 'authenticated', username: 'alice' })
    expect(attributeValue(second.request, 'password-algorithm')).toEqual(SHA256)
    expect(second.request.integrity.map(({ algorithm }) => algorithm)).toEqual(['sha256'])
    expect(second.response.integrity.map(({ algorithm }) => algorithm)).toEqual(['sha256'])
    expect(second.judgement).toBe('accept')
  })

  it('T27 lets a client of RFC 5389 in: MD5, SHA-1 and no word of algorithms', () => {
    const { attributes } = proof({ 'password-algorithms': null, 'password-algorithm': null })
    const identity = { username: 'alice', realm: 'example.org', password: 'wonderland' }
    const key = longTermKey(identity, 'md5', NODE_CRYPTO)
    if (key === null) throw new Error('no key')
    const integrity = { key, hmac: NODE_HMAC, algorithms: ['sha1'] as const }
    const request = requestOf({ attributes, integrity })
    const verdict = SERVER.check(request, SOURCE, 0)
    expect(codeOf(verdict)).toBe('alice')
    const response = answerTo(request, verdict)
    expect(checkIntegrity(response, 'sha1', integrity)).toBe('valid')
  })

  it('T27 works where no algorithms are offered', () => {
    const server = createLongTermServer({ ...OPTIONS, passwordAlgorithms: ['md5'] })
    const alice = client()
    const first = ask(alice, server)
    expect(attributeValue(first.response, 'password-algorithms')).toBeUndefined()
    expect(codeOf(ask(alice, server).verdict)).toBe('alice')
    // A choice nobody asked for is as good as another, as in the sample of RFC 8489 appendix B.1.
    const nonce: StunAttribute = {
      type: 'nonce',
      value: attributeValue(first.response, 'nonce') ?? '',
    }
    const chosen = proof({ nonce, 'password-algorithms': null })
    expect(codeOf(server.check(requestOf(chosen), SOURCE, 0))).toBe('alice')
    expect(codeOf(server.check(requestOf(proof({ nonce })), SOURCE, 0))).toBe(400)
  })

  it('T27 refuses wrong passwords, unknown users and tampered messages by 401', () => {
    for (const stranger of [client('alice', 'wrong'), client('mallory', 'x')]) {
      expect(ask(stranger).judgement).toBe('retry')
      const { verdict, judgement } = ask(stranger)
      expect(codeOf(verdict)).toBe(401)
      // The same credentials would fare no better: the error is the answer.
      expect(judgement).toBe('accept')
    }
    const request = requestOf(proof())
    request.bytes[27] = (request.bytes[27] ?? 0) ^ 1
    expect(codeOf(SERVER.check(request, SOURCE, 0))).toBe(401)
  })

  it('T27 no changed bit of an authenticated request is let in', () => {
    const { attributes, integrity } = proof()
    const transactionId = new Uint8Array(12)
    const message = { class: 'request', method: 3, transactionId, attributes } as const
    const bytes = encodeMessage(message, {
      fingerprint: true,
      ...(integrity && { integrity }),
    })
    expect(codeOf(SERVER.check(read(bytes), SOURCE, 0))).toBe('alice')
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Uint8Array.from(bytes)
      const at = Math.floor(bit / 8)
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8))
      const result = decodeMessage(changed)
      const verdict = result.type === 'message' && SERVER.check(result.message, SOURCE, 0)
      // The type of FINGERPRINT itself, which follows what is sealed: without it nothing has changed.
      const isLetIn = at === bytes.length - 8 || at === bytes.length - 7
      expect([bit, verdict && verdict.type === 'authenticated']).toEqual([bit, isLetIn])
    }
  })

  it('T27 no bytes make it throw', () => {
    const seen = new Set<number | string>()
    // Chance makes a request that is refused so or so most of the time only.
    const refused = [bytesOf(proof({ username: null })), bytesOf({ attributes: [] })]
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const result = decodeMessage(bytes)
        if (result.type === 'message') seen.add(codeOf(SERVER.check(result.message, SOURCE, 0)))
      }),
      { numRuns: 1000, examples: refused.map((bytes) => [bytes]) },
    )
    expect([...seen]).toEqual(expect.arrayContaining([400, 401]))
    expect(seen.has('alice')).toBe(false)
  })

  it.each(['username', 'realm', 'nonce'] as const)(
    'T27 answers 400 and nothing more when %s is missing',
    (type) => {
      const verdict = SERVER.check(requestOf(proof({ [type]: null })), SOURCE, 0)
      expect(verdict).toMatchObject({ code: 400, attributes: [{ type: 'error-code' }] })
    },
  )

  it('T28 tells by 438 that a nonce is old, from elsewhere, or not ours', () => {
    const request = requestOf(proof())
    expect(codeOf(SERVER.check(request, SOURCE, 600_000))).toBe('alice')
    expect(codeOf(SERVER.check(request, SOURCE, 601_000))).toBe(438)
    expect(codeOf(SERVER.check(request, ELSEWHERE, 0))).toBe(438)
    const other = createLongTermServer({ ...OPTIONS, nonceKey: new Uint8Array(16).fill(8) })
    expect(codeOf(other.check(request, SOURCE, 0))).toBe(438)
    const verdict = SERVER.check(request, SOURCE, 601_000)
    expect(attributeValue(answerTo(request, verdict), 'nonce')).not.toBe(
      attributeValue(request, 'nonce'),
    )
  })

  it('T28 a stale nonce costs the client one more exchange', () => {
    const alice = client()
    ask(alice)
    expect(ask(alice, SERVER, 700_000)).toMatchObject({
      verdict: { code: 438 },
      judgement: 'retry',
    })
    expect(codeOf(ask(alice, SERVER, 700_000).verdict)).toBe('alice')
  })

  it('T29 the server refuses a choice that is not of its whole offer', () => {
    const shortened: StunAttribute = { type: 'password-algorithms', value: [MD5] }
    const reordered: StunAttribute = { type: 'password-algorithms', value: [MD5, SHA256] }
    const strange: StunAttribute = {
      type: 'password-algorithm',
      value: { algorithm: 9, parameters: new Uint8Array() },
    }
    for (const changes of [
      { 'password-algorithms': shortened },
      { 'password-algorithms': reordered },
      { 'password-algorithms': null },
      { 'password-algorithm': null },
      { 'password-algorithm': strange },
    ]) {
      expect(codeOf(SERVER.check(requestOf(proof(changes)), SOURCE, 0))).toBe(400)
    }
  })

  it('T29 nobody takes the promise out of a nonce: the server does not know it then', () => {
    const nonce = attributeValue(requestOf(proof()), 'nonce') ?? ''
    expect(nonce.slice(0, 13)).toBe('obMatJos2AAAB')
    const weaker: StunAttribute = { type: 'nonce', value: nonce.replace('AAAB', 'AAAA') }
    expect(codeOf(SERVER.check(requestOf(proof({ nonce: weaker })), SOURCE, 0))).toBe(438)
  })

  it('T29 the client refuses a server whose offer was taken away, or holds nothing it knows', () => {
    const alice = client()
    const sent = alice.authorise([])
    const request = requestOf(sent)
    const verdict = SERVER.check(request, SOURCE, 0)
    if (verdict.type !== 'refused') throw new Error('let in without credentials')
    const others = verdict.attributes.filter(({ type }) => type !== 'password-algorithms')
    const unknown: StunAttribute = {
      type: 'password-algorithms',
      value: [{ algorithm: 9, parameters: new Uint8Array() }],
    }
    expect(alice.judge(read(encodeError(request, others)), sent)).toBe('bid-down')
    expect(alice.judge(read(encodeError(request, [...others, unknown])), sent)).toBe(
      'no-common-algorithm',
    )
    expect(alice.authorise([])).toEqual({ attributes: [] })
  })

  it('T30 users may hide their names from a server that knows them by USERHASH', () => {
    const server = createLongTermServer({ ...OPTIONS, usernameOf })
    const bob = client('bob', 'builder')
    ask(bob, server)
    const { request, verdict } = ask(bob, server)
    expect(attributeValue(request, 'username')).toBeUndefined()
    expect(codeOf(verdict)).toBe('bob')
    const stranger = client('mallory', 'x')
    ask(stranger, server)
    expect(codeOf(ask(stranger, server).verdict)).toBe(401)
    expect(codeOf(SERVER.check(request, SOURCE, 0))).toBe(438)
  })

  it('T31 the client ignores what is not sealed by its key, but for errors before it is known', () => {
    const alice = client()
    ask(alice)
    const sent = alice.authorise([])
    const request = requestOf(sent)
    const forged = { key: new Uint8Array(32), hmac: NODE_HMAC, algorithms: ['sha256'] as const }
    const weaker = { ...forged, algorithms: ['sha1'] as const }
    const judge = (bytes: Uint8Array): string => alice.judge(read(bytes), sent)
    expect(judge(encodeSuccess(request, []))).toBe('ignore')
    expect(judge(encodeSuccess(request, [], forged))).toBe('ignore')
    expect(judge(encodeSuccess(request, [], weaker))).toBe('ignore')
    expect(judge(encodeError(request, [errorAttribute(486)]))).toBe('ignore')
    for (const code of [400, 401, 420, 438]) {
      expect(judge(encodeError(request, [errorAttribute(code)]))).toBe('accept')
    }
  })
})

describe('nonces', () => {
  const nonces = createStunNonces({
    nonceKey: new Uint8Array(16),
    hmacSha256: NODE_HMAC.sha256,
    lifetimeMs: 1000,
    features: { passwordAlgorithms: true, usernameAnonymity: true },
  })

  it('T28 are fresh for whom they were made, and short', () => {
    fc.assert(
      fc.property(anyTransportAddress, fc.nat(2 ** 31), (source, nowMs) => {
        const nonce = nonces.issue(source, nowMs)
        expect(nonces.isFresh(nonce, source, nowMs)).toBe(true)
        expect(nonces.isFresh(nonce, source, nowMs + 2001)).toBe(false)
        expect(nonces.isFresh(nonce, { ...source, port: source.port ^ 1 }, nowMs)).toBe(false)
        expect(nonce.length).toBeLessThanOrEqual(32)
      }),
    )
  })

  it('T28 are not recognized with any letter changed, nor is any other text', () => {
    const nonce = nonces.issue(SOURCE, 5_000_000)
    for (let at = 0; at < nonce.length; at++) {
      const other = nonce.charAt(at) === 'x' ? 'y' : 'x'
      const changed = nonce.slice(0, at) + other + nonce.slice(at + 1)
      expect([at, nonces.isFresh(changed, SOURCE, 5_000_000)]).toEqual([at, false])
    }
    expect(nonces.isFresh('', SOURCE, 0)).toBe(false)
    expect(nonces.isFresh(`${nonce}0`, SOURCE, 5_000_000)).toBe(false)
    expect(nonces.isFresh(nonce, SOURCE, 4_000_000)).toBe(false)
  })

  it('T29 tell what the server promises, counted from the last bit', () => {
    expect(featuresOf(nonces.issue(SOURCE, 0))).toEqual({
      passwordAlgorithms: true,
      usernameAnonymity: true,
    })
    expect(promised('obMatJos2AAAB...')).toBe('true false')
    expect(promised('obMatJos2AAAC...')).toBe('false true')
    expect(promised('obMatJos2AAAA')).toBe('false false')
    expect(promised('obMatJos2AAB')).toBe('false false')
    expect(promised('f//499k954d6OL34oL9FSTvy64sA')).toBe('false false')
  })

  it('T14 throws for a key that is none', () => {
    const options = { ...OPTIONS, nonceKey: new Uint8Array(15) }
    expect(() => createLongTermServer(options)).toThrow('nonce key')
    expect(() => createLongTermServer({ ...OPTIONS, realm: '' })).toThrow('realm')
  })
})
