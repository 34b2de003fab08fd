import { encode as cborgEncode } from 'cborg'
import { describe, expect, it } from 'vitest'

import { encodeCbor } from './cbor.ts'
import { PULSE_FRAMES, TALK_FRAMES } from './golden.testing.ts'
import { MAX_NAME_LENGTH, MAX_PULSE_BYTES } from './limits.ts'
import {
  decodePulseFrame,
  decodeTalkFrame,
  encodePulseFrame,
  encodeTalkFrame,
} from './link-frames.ts'

describe('talk frames', () => {
  it.each(Object.entries(TALK_FRAMES))('W22 reads back %s', (_name, frame) => {
    expect(decodeTalkFrame(encodeTalkFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it.each<[string, object]>([
    ['a text, which is an entry of the log', { type: 'text', text: 'hi' }],
    ['a log frame of nothing', { type: 'log', data: new Uint8Array() }],
    ['a name too long', { type: 'name', name: 'n'.repeat(MAX_NAME_LENGTH + 1) }],
    ['typing with a number', { type: 'typing', active: 1 }],
  ])('W22 refuses %s', (_what, frame) => {
    expect(decodeTalkFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  it.each<[string, object]>([
    ['an ask for nobody', { type: 'relay-ask' }],
    ['an ask for what is no peer', { type: 'relay-ask', peer: 'bob' }],
    ['a channel below nothing', { ...TALK_FRAMES['relayReady'], channel: -1 }],
    ['a wait that is a text', { ...TALK_FRAMES['relayFull'], waitMs: '1' }],
  ])('W54 refuses %s', (_what, frame) => {
    expect(decodeTalkFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })

  it('W8 refuses a number with a fraction', () => {
    expect(decodeTalkFrame(cborgEncode({ ...TALK_FRAMES['relayReady'], load: 1.5 }))).toEqual({
      ok: false,
      fault: 'not-cbor',
    })
  })
})

describe('pulse frames', () => {
  it.each(Object.entries(PULSE_FRAMES))('W23 reads back %s', (_name, frame) => {
    expect(decodePulseFrame(encodePulseFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it('W23 the largest of ours is far within the limit', () => {
    const bytes = encodePulseFrame({ type: 'ping', number: Number.MAX_SAFE_INTEGER })
    expect(bytes.length).toBeLessThan(MAX_PULSE_BYTES / 2)
  })

  it.each<[string, object]>([
    ['a negative number', { type: 'ping', number: -1 }],
    ['a number as text', { type: 'pong', number: '1' }],
    ['a talk frame', { type: 'bye' }],
  ])('W23 refuses %s', (_what, frame) => {
    expect(decodePulseFrame(encodeCbor(frame))).toEqual({ ok: false, fault: 'wrong-shape' })
  })
})
