// The vectors, and what anyone can check of them with nothing but the cryptography of Node.
import { createDecipheriv, createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeBase64url } from '../bytes.ts'
import { fromHex, toHex } from '../golden.testing.ts'
import { decodeEntryBody } from './entry-body.ts'
import { decodeEntryHeader } from './entry-header.ts'
import golden from './golden.json' with { type: 'json' }
import { BODIES, CONTENT_KEY, LOG_FRAMES, goldenLogBytes, sha256 } from './log-golden.testing.ts'
import { decodeLogFrame } from './log-frames.ts'

const bytes = golden as Readonly<Record<string, string>>
const of = (name: string) => fromHex(bytes[name] ?? '')

const holds = (key: Uint8Array, message: Uint8Array, proof: Uint8Array): boolean => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key) }
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), proof)
}

describe('the vectors of a log', () => {
  it('W27 W60 every step is written byte for byte as golden.json has it', () => {
    const hex = Object.entries(goldenLogBytes()).map(([name, value]) => [name, toHex(value)])
    expect(Object.fromEntries(hex)).toEqual(golden)
  })

  it('W61 a feed id is the first half of the hash of its name', () => {
    expect(sha256(of('log.ana.feedNameBytes')).subarray(0, 16)).toEqual(of('log.ana.feedId'))
  })

  it('W62 each header names the hash of the one before it, and of its body', () => {
    let previous: Uint8Array | undefined
    for (const number of [1, 2, 3]) {
      const header = decodeEntryHeader(of(`log.ana.header.${number}`))
      if (!header.ok) throw new Error(header.fault)
      const body = of(`log.ana.body.${number}`)
      expect(header.value.sequence).toBe(number)
      expect(header.value.previous).toEqual(previous)
      expect(header.value.bodyHash).toEqual(sha256(body))
      expect(header.value.bodyBytes).toBe(body.length)
      previous = sha256(of(`log.ana.header.${number}`))
      expect(previous).toEqual(of(`log.ana.hash.${number}`))
    }
  })

  it('W62 the first entry of the other names the head that its author knew', () => {
    const header = decodeEntryHeader(of('log.bo.header.1'))
    if (!header.ok) throw new Error(header.fault)
    const feed = encodeBase64url(of('log.ana.feedId'))
    const hash = of('log.ana.hash.3').subarray(0, 16)
    expect(header.value.after).toEqual([{ feed, sequence: 3, hash }])
  })

  it('W64 the proof is a signature of the last hash by the author', () => {
    expect(holds(of('log.ana.key'), of('log.ana.proofBytes'), of('log.ana.proof'))).toBe(true)
    expect(holds(of('log.bo.key'), of('log.ana.proofBytes'), of('log.ana.proof'))).toBe(false)
  })

  it('W65 a body opens with the content key, as one of its feed', () => {
    const sealed = of('log.ana.body.2')
    const cipher = createDecipheriv('aes-256-gcm', CONTENT_KEY, sealed.subarray(0, 12))
    cipher.setAAD(of('log.ana.bodySealBytes'))
    cipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()])
    expect(decodeEntryBody(plain)).toEqual({ ok: true, value: BODIES['text'] })
  })

  it('W70 a receipt is signed by its member', () => {
    const frame = decodeLogFrame(of('logFrame.receipts'))
    if (!frame.ok || frame.value.type !== 'receipts') throw new Error('no receipts')
    const [receipt] = frame.value.receipts
    if (receipt === undefined) throw new Error('no receipt')
    expect(holds(receipt.member, of('log.receiptBytes'), receipt.proof)).toBe(true)
  })

  it.each(Object.keys(LOG_FRAMES))('W68 W69 reads back the frame %s', (name) => {
    const frame = decodeLogFrame(of(`logFrame.${name}`))
    expect(frame).toEqual({ ok: true, value: LOG_FRAMES[name] })
  })

  it.each(Object.keys(BODIES))('W66 reads back the body %s', (name) => {
    expect(decodeEntryBody(of(`body.${name}`))).toEqual({ ok: true, value: BODIES[name] })
  })
})
