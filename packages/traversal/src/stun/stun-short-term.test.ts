import { describe, expect, it } from 'vitest'

import type { StunAttribute } from './stun-attributes.ts'
import type { ReceivedStunMessage } from './stun-message.ts'
import { decodeMessage, encodeMessage } from './stun-message.ts'
import { encodeError, encodeSuccess, errorAttribute } from './stun-reply.ts'
import { checkShortTerm, shortTermCredentials } from './stun-short-term.ts'
import { NODE_HMAC, SAMPLE_REQUEST, fromText } from './stun-vectors.testing.ts'

const SERVER = {
  hmac: NODE_HMAC,
  passwordOf: (username: string): string | null =>
    username === 'evtj:h6vY' ? 'VOkJxbRl1RmTxUk/WvJxBt' : null,
}
const ALICE = { username: 'evtj:h6vY', password: 'VOkJxbRl1RmTxUk/WvJxBt', hmac: NODE_HMAC }

function read(bytes: Uint8Array): ReceivedStunMessage {
  const result = decodeMessage(bytes)
  if (result.type === 'refused') throw new Error(`refused: ${result.reason}`)
  return result.message
}

function request(
  attributes: readonly StunAttribute[],
  integrity?: Parameters<typeof encodeSuccess>[2],
) {
  const message = {
    class: 'request',
    method: 1,
    transactionId: new Uint8Array(12),
    attributes,
  } as const
  return read(encodeMessage(message, integrity === undefined ? {} : { integrity }))
}

describe('the short-term mechanism', () => {
  it('T32 knows who sent the sample request of RFC 5769', () => {
    const verdict = checkShortTerm(read(SAMPLE_REQUEST), SERVER)
    expect(verdict).toMatchObject({
      type: 'authenticated',
      username: 'evtj:h6vY',
      integrity: { algorithms: ['sha1'] },
    })
  })

  it('T32 answers 400 without name or integrity, 401 to strangers and wrong passwords', () => {
    const integrity = { key: fromText('wrong'), hmac: NODE_HMAC, algorithms: ['sha256'] as const }
    const name = { type: 'username', value: 'evtj:h6vY' } as const
    expect(checkShortTerm(request([name]), SERVER)).toMatchObject({ code: 400 })
    expect(checkShortTerm(request([], integrity), SERVER)).toMatchObject({ code: 400 })
    expect(checkShortTerm(request([name], integrity), SERVER)).toMatchObject({ code: 401 })
    const mallory = { type: 'username', value: 'mallory' } as const
    expect(checkShortTerm(request([mallory], integrity), SERVER)).toMatchObject({ code: 401 })
  })

  it('T32 settles on the stronger integrity that both sides have', () => {
    const alice = shortTermCredentials(ALICE)
    const sent = alice.authorise([])
    expect(sent.integrity?.algorithms).toEqual(['sha1', 'sha256'])
    const first = request(sent.attributes, sent.integrity)
    const verdict = checkShortTerm(first, SERVER)
    if (verdict.type === 'refused') throw new Error(`refused: ${verdict.code}`)
    expect(verdict.integrity.algorithms).toEqual(['sha256'])
    const response = read(encodeSuccess(first, [], verdict.integrity))
    expect(alice.judge(response, sent)).toBe('accept')
    expect(alice.authorise([]).integrity?.algorithms).toEqual(['sha256'])
  })

  it('T31 ignores answers that are not sealed by the password', () => {
    const alice = shortTermCredentials(ALICE)
    const sent = alice.authorise([])
    const first = request(sent.attributes, sent.integrity)
    const forged = { key: fromText('wrong'), hmac: NODE_HMAC, algorithms: ['sha256'] as const }
    expect(alice.judge(read(encodeSuccess(first, [])), sent)).toBe('ignore')
    expect(alice.judge(read(encodeSuccess(first, [], forged)), sent)).toBe('ignore')
    expect(alice.judge(read(encodeError(first, [errorAttribute(500)])), sent)).toBe('ignore')
    expect(alice.judge(read(encodeError(first, [errorAttribute(401)])), sent)).toBe('accept')
  })
})
