import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeBase64 } from '../base64.ts'
import { NODE_HMAC } from '../stun/stun-vectors.testing.ts'
import { checkRestUsername, mintRestCredentials, restUserOf } from './turn-rest-credentials.ts'

const REST = { secret: 'north', hmacSha1: NODE_HMAC.sha1 }

describe('short-lived credentials', () => {
  it('T223 are a name with its end and the MAC of that, as coturn makes them', () => {
    const credentials = mintRestCredentials(REST, { user: 'alice', expiresAtUnixS: 1_800_000_000 })
    expect(credentials).toEqual({
      username: '1800000000:alice',
      password: createHmac('sha1', 'north').update('1800000000:alice').digest('base64'),
    })
  })

  it('T223 hold until that second and no longer, under the same secret', () => {
    const { username, password } = mintRestCredentials(REST, {
      user: 'al:ice',
      expiresAtUnixS: 100,
    })
    expect(checkRestUsername(REST, { username, nowUnixS: 99 })).toBe(password)
    expect(checkRestUsername(REST, { username, nowUnixS: 100 })).toBeNull()
    const south = { ...REST, secret: 'south' }
    expect(checkRestUsername(south, { username, nowUnixS: 99 })).not.toBe(password)
  })

  it.each([
    '',
    'alice',
    ':alice',
    '0100:alice',
    '1e9:alice',
    ' 200:alice',
    '-5:a',
    '99999999999999999:a',
  ])('T223 are no other names: %j', (username) => {
    expect(checkRestUsername(REST, { username, nowUnixS: 10 })).toBeNull()
  })

  it('T223 may be for nobody in particular', () => {
    expect(checkRestUsername(REST, { username: '200', nowUnixS: 10 })).toHaveLength(28)
  })

  it('T217 count for the user, whenever they were minted', () => {
    expect(['1800000000:alice', '1800000600:alice', 'alice', '5', 'al:1'].map(restUserOf)).toEqual([
      'alice',
      'alice',
      'alice',
      '5',
      'al:1',
    ])
  })

  it('T223 are written in the base64 of everybody', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      }),
    )
  })
})
