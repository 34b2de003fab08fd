import { encodeBase64url } from '@knothole/wire'
import type { BetweenFrame, Bytes, PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Acquaintances } from './acquaintances.ts'
import { Courier } from './courier.ts'
import { TestHost, alice, betweens, bob, carol, dave, me } from './detours.testing.ts'

const sealed = new Uint8Array([7, 8, 9])
const plain = new Uint8Array([3, 7, 8, 9])

let tags = 0
/** Something sealed between two, never the same twice. */
function body(length = 40): Bytes {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(length - 4, ++tags)
  return bytes
}

function carry(frame: Partial<BetweenFrame & { type: 'carry' }>): BetweenFrame & { type: 'carry' } {
  return { type: 'carry', from: alice, to: me, hops: 3, body: body(), ...frame }
}

/** We are linked with alice, bob and carol; these say they are linked with dave. */
function open(linkedWithDave: readonly PeerId[] = [bob, carol]): {
  host: TestHost
  courier: Courier
  acquaintances: Acquaintances
} {
  const host = new TestHost().add(alice).add(bob, { rttMs: 40 }).add(carol, { rttMs: 10 })
  const acquaintances = new Acquaintances(host)
  for (const peer of linkedWithDave) acquaintances.handle(peer, { type: 'links', peers: [dave] }, 0)
  host.told.splice(0)
  return { host, courier: new Courier(host, acquaintances), acquaintances }
}

describe('a signal of ours', () => {
  test('E421: that the rendezvous does not take is sealed for its receiver and given to two who are linked with it', () => {
    const { host, courier } = open([alice, bob, carol])
    courier.send({ to: dave, sealed, isServed: false }, 0)
    expect(host.sealed).toEqual([[dave, 'carried', plain]])
    const sealedOnce = body()
    courier.sealed(dave, sealedOnce, 1)
    const frame = carry({ from: me, to: dave, body: sealedOnce })
    expect(betweens(host)).toEqual([
      [carol, frame],
      [alice, frame],
    ])
  })

  test('E421: goes on our own link to its receiver too, where a relayed one carries', () => {
    const { host, courier } = open([bob])
    host.add(dave, { path: 'member-relay' })
    courier.sealed(dave, body(), 0)
    expect(betweens(host).map(([peer]) => peer)).toEqual([dave, bob])
  })

  test('E421: goes to three at random where nobody knows the way', () => {
    const { host, courier } = open([])
    host.add(dave)
    courier.sealed('x'.padEnd(22, 'A') as PeerId, body(), 0)
    expect(betweens(host).map(([peer]) => peer)).toEqual([alice, bob, carol])
  })

  test('E421: that the rendezvous took is carried when it gives no sign of life in 300 ms', () => {
    const { host, courier } = open()
    courier.send({ to: dave, sealed, isServed: true }, 1_000)
    expect([host.between.probes, courier.deadlineMs()]).toEqual([1, 1_300])
    courier.tick(1_299)
    expect(host.sealed).toEqual([])
    courier.tick(1_300)
    expect(host.sealed.length).toBe(1)
    expect(courier.deadlineMs()).toBeUndefined()
  })

  test('E421: at once when the rendezvous is lost meanwhile, and not at all when it answers', () => {
    const { host, courier } = open()
    courier.send({ to: dave, sealed, isServed: true }, 1_000)
    host.isOnline = false
    courier.tick(1_001)
    expect(host.sealed.length).toBe(1)
    courier.send({ to: dave, sealed, isServed: true }, 2_000)
    host.between.heardServerMs = 2_001
    courier.tick(2_300)
    expect(host.sealed.length).toBe(1)
  })

  test('E421: waits for nobody when there is no member to carry it', () => {
    const host = new TestHost()
    const courier = new Courier(host, new Acquaintances(host))
    courier.send({ to: dave, sealed, isServed: true }, 0)
    courier.send({ to: dave, sealed, isServed: false }, 0)
    expect([host.between.probes, host.sealed, courier.deadlineMs()]).toEqual([0, [], undefined])
  })
})

describe('a signal of others', () => {
  test('E422: is passed on towards its receiver, one hand fewer, and not back', () => {
    const { host, courier } = open([alice, bob, carol])
    const frame = carry({ from: bob, to: dave, hops: 2 })
    courier.take(alice, frame, 0)
    expect(betweens(host)).toEqual([[carol, { ...frame, hops: 1 }]])
  })

  test('E422: once, whoever brings it', () => {
    const { host, courier } = open()
    const frame = carry({ to: dave })
    courier.take(alice, frame, 0)
    courier.take(bob, { ...frame, hops: 1 }, 0)
    expect(betweens(host).length).toBe(2)
  })

  test('E422: not when no hand is left', () => {
    const { host, courier } = open()
    courier.take(alice, carry({ to: dave, hops: 0 }), 0)
    expect(host.told).toEqual([])
  })

  test('E422: not when it is our own that comes back', () => {
    const { host, courier } = open()
    courier.take(alice, carry({ from: me, to: dave }), 0)
    expect(host.told).toEqual([])
  })

  test('E422: 192 KiB at once of one member and 32 KiB a second; of another its own', () => {
    const { host, courier } = open()
    const send = (from: PeerId, nowMs: number): number => {
      courier.take(from, carry({ from, to: dave, body: body(16 * 1024) }), nowMs)
      return betweens(host).length
    }
    expect(
      Array.from({ length: 13 }, () => send(alice, 0)).filter((sent) => sent > 0),
    ).toHaveLength(12)
    expect(send(alice, 499)).toBe(0)
    expect(send(alice, 1_000)).toBeGreaterThan(0)
    expect(send(bob, 1_000)).toBeGreaterThan(0)
  })
})

describe('a signal for us', () => {
  test('E421: is opened with its sender’s key and handed over', () => {
    const { host, courier } = open()
    courier.take(bob, carry({ from: alice }), 0)
    expect(host.opened).toEqual([[alice, 'carried']])
    courier.opened(alice, plain)
    expect(host.between.delivered).toEqual([[alice, sealed]])
  })

  test('E421: what is no signal comes to nothing', () => {
    const { host, courier } = open()
    courier.opened(alice, new Uint8Array([0, 7, 8, 9]))
    courier.opened(alice, new Uint8Array())
    expect(host.between.delivered).toEqual([])
  })

  test('E424: of somebody unknown waits for the card that is asked for', () => {
    const { host, courier } = open([])
    courier.take(bob, carry({ from: dave }), 0)
    expect(host.opened).toEqual([])
    expect(betweens(host)).toEqual([[bob, { type: 'want-card', peer: dave }]])
    host.add(dave)
    courier.cardsChanged()
    expect(host.opened).toEqual([[dave, 'carried']])
  })

  test('E424: five seconds long, and of 64 the newest', () => {
    const { host, courier } = open()
    for (let i = 0; i < 70; i++) courier.take(bob, carry({ from: dave }), 0)
    expect(courier.deadlineMs()).toBe(5_000)
    host.add(dave)
    courier.cardsChanged()
    expect(host.opened.length).toBe(64)
    const late = open()
    late.courier.take(bob, carry({ from: dave }), 0)
    late.courier.tick(5_000)
    late.host.add(dave)
    late.courier.cardsChanged()
    expect([late.host.opened, late.courier.deadlineMs()]).toEqual([[], undefined])
  })

  test('E422: tags tell signals apart', () => {
    const { host, courier } = open()
    const [one, other] = [body(), body()]
    expect(encodeBase64url(one)).not.toBe(encodeBase64url(other))
    courier.take(bob, carry({ body: one }), 0)
    courier.take(carol, carry({ body: other }), 0)
    courier.take(carol, carry({ body: one }), 0)
    expect(host.opened.length).toBe(2)
  })
})
