import { safeParse } from 'valibot'
import { describe, expect, it } from 'vitest'

import { encodeBase64url } from './bytes.ts'
import { ROOM, counting } from './golden.testing.ts'
import { MAX_STUN_URLS, MAX_URL_LENGTH } from './limits.ts'
import { ROOMS_PATH, pageConfig, roomAnswer, roomRequest, socketPath } from './room-api.ts'

const key = encodeBase64url(counting(32))
const answer = { room: ROOM, url: `https://k.example/r/${ROOM}`, expiresAtMs: 1_800_000_000_000 }

describe('HTTP', () => {
  it('W24 a request to make a room is its admission key and nothing else', () => {
    expect(safeParse(roomRequest, { admissionKey: key }).success).toBe(true)
    const bad = [
      { admissionKey: encodeBase64url(counting(31)) },
      { admissionKey: `${key}=` },
      { admissionKey: key, secret: 'x' },
      JSON.parse(`{"admissionKey":"${key}","__proto__":{"x":1}}`) as unknown,
      { admissionKey: [key] },
      {},
      [],
      null,
      key,
    ]
    for (const body of bad) expect(safeParse(roomRequest, body).success).toBe(false)
  })

  it('W24 an answer may say more than we know, and not less', () => {
    expect(safeParse(roomAnswer, { ...answer, more: 1 }).output).toEqual(answer)
    const bad = [
      { ...answer, room: 'x' },
      { ...answer, expiresAtMs: 1.5 },
      { ...answer, url: 'u'.repeat(MAX_URL_LENGTH + 1) },
      { room: ROOM },
      undefined,
    ]
    for (const body of bad) expect(safeParse(roomAnswer, body).success).toBe(false)
  })

  it('W25 names the socket of a room, and the servers in a page', () => {
    expect(ROOMS_PATH).toBe('/api/rooms')
    expect(socketPath(ROOM)).toBe(`/api/rooms/${ROOM}/socket`)
    const stunUrls = Array.from({ length: MAX_STUN_URLS }, () => 'stun:192.0.2.1:3478')
    expect(safeParse(pageConfig, { stunUrls }).success).toBe(true)
    expect(safeParse(pageConfig, { stunUrls: [...stunUrls, ''] }).success).toBe(false)
  })
})
