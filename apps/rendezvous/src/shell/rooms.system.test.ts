import { afterEach, describe, expect, it } from 'vitest'
import type { RunningServer } from './server.ts'
import { joinTestRoom, makeTestRoom, TestPeer } from './test-peer.testing.ts'
import { makeTestFolder, openTestServer } from './test-server.testing.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function open(flags: readonly string[] = []): Promise<RunningServer> {
  const folder = await makeTestFolder()
  cleanups.push(() => folder.remove())
  const server = await openTestServer(folder, flags)
  cleanups.push(() => server.close())
  return server
}

describe('a room over real sockets', () => {
  it('R10 R12 introduces two peers, hands the offer on and carries their signals', async () => {
    const { url } = await open()
    const room = await makeTestRoom(url)
    const alice = await joinTestRoom(url, room)
    const bob = new TestPeer(url, room)
    const welcome = await bob.join({ card: new Uint8Array([2]), offer: new Uint8Array([3]) })

    expect(welcome.peer).toBe(bob.id)
    expect(welcome.offeredTo).toBe(alice.id)
    expect(welcome.observed.address).toBe('127.0.0.1')
    expect(welcome.participants.map(({ peer }) => peer)).toEqual([alice.id])
    const { participant } = await alice.next('joined')
    expect(participant).toMatchObject({ peer: bob.id, observed: welcome.observed })
    expect([...participant.card]).toEqual([2])
    expect(await alice.next('signal')).toMatchObject({ from: bob.id, toAnyone: true })

    alice.send({ type: 'signal', to: bob.id, sealed: new Uint8Array([4, 5]) })
    const signal = await bob.next('signal')
    expect(signal).toMatchObject({ from: alice.id, toAnyone: false })
    expect([...signal.sealed]).toEqual([4, 5])

    bob.send({ type: 'leave' })
    expect(await bob.ended).toEqual({ code: 1000, reason: 'goodbye' })
    expect(await alice.next('left')).toEqual({ type: 'left', peer: bob.id })
    await alice.close()
  })

  it('R100 R102 R105 says where relays are, relays itself, and answers a probe', async () => {
    const relays = ['turn:turn.example.org:3478', 'turns:turn.example.org:443?transport=tcp']
    const secret = ['--turn-secret', 'a secret of sixteen or more']
    const { url } = await open([
      '--turn',
      'external',
      '--turn-external-urls',
      relays.join(),
      ...secret,
    ])
    const room = await makeTestRoom(url)
    const alice = new TestPeer(url, room)
    expect((await alice.join()).iceServers).toMatchObject({ urls: relays })
    alice.send({ type: 'ice-servers' })
    expect((await alice.next('ice-servers')).iceServers).toMatchObject({ urls: relays })
    const bob = await joinTestRoom(url, room)
    alice.send({ type: 'relay', to: bob.id, body: new Uint8Array([1, 2, 3]) })
    expect(await bob.next('relay')).toMatchObject({
      from: alice.id,
      body: new Uint8Array([1, 2, 3]),
    })
    alice.send({ type: 'probe', address: '192.0.2.1', port: 1 })
    expect(await alice.next('probed')).toMatchObject({ otherPort: 'untested' })
  })
})
