// Relays that lie, against rooms with the real cryptography: a server and a member that drop, repeat,
// reorder, change and make up what they pass on. Nothing they do is heard as a word of anyone.
import type { OpenRtc, RtcCommand } from '@knothole/engine'
import { decodeStreamPacket, encodeStreamPacket } from '@knothole/wire'
import type { Bytes, ServerFrame } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import type { Lie } from './adversary.testing.ts'
import { SealedWorld, faultsOf, personAt } from './sealed-world.testing.ts'
import type { Guest } from './sealed-world.testing.ts'

type RelayFrame = Extract<ServerFrame, { type: 'relay' }>

/** Two whose computers cannot reach each other, linked through the rendezvous. */
async function relayedPair(world: SealedWorld): Promise<{ alice: Guest; bob: Guest }> {
  const hosts = [world.internet.addHost('alice'), world.internet.addHost('bob')] as const
  world.internet.block(...hosts)
  const alice = await world.join('alice', world.room, { host: hosts[0] })
  const bob = await world.join('bob', world.room, { host: hosts[1] })
  expect(await world.until(() => world.isMesh(), 5_000)).toBe(true)
  expect(personAt(alice, bob)?.link.path).toBe('ws-relay')
  return { alice, bob }
}

async function talk(world: SealedWorld, from: Guest, count = 30): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, number) => `${from.name} says ${number}`)
  for (const text of texts) {
    from.room.say(text)
    await world.pass(40)
  }
  return texts
}

const heard = (guest: Guest): string[] =>
  guest.messages.filter(({ mine }) => !mine).map(({ text }) => text)

function onRelayed(change: (frame: RelayFrame) => ServerFrame[]): Lie {
  return (frame) => (frame.type === 'relay' ? change(frame) : [frame])
}

function withByte(bytes: Bytes, at: number): Bytes {
  return bytes.with(at % bytes.length, (bytes[at % bytes.length] ?? 0) ^ 255)
}

describe('a server that relays', () => {
  test('E114: sees no word, and not even the same bytes for the same words', async () => {
    const world = await SealedWorld.create('blind')
    const { alice, bob } = await relayedPair(world)
    for (let i = 0; i < 5; i++) alice.room.say('the treasure is under the oak')
    await world.pass(1_000)
    expect(heard(bob).length).toBe(5)
    const seen = world.adversary.fromPeers.map((bytes) => Buffer.from(bytes).toString('latin1'))
    expect(seen.filter((text) => text.includes('treasure'))).toEqual([])
    const bodies = seen.filter((text) => text.includes('relay')).map((text) => text.slice(40, 90))
    expect(new Set(bodies).size).toBe(bodies.length)
    await world.close()
  })

  test.each<[string, (world: SealedWorld) => Lie, boolean]>([
    [
      'drops a third',
      (world) => onRelayed((frame) => (world.random.chance(0.33) ? [] : [frame])),
      false,
    ],
    ['repeats everything', () => onRelayed((frame) => [frame, frame]), true],
    [
      'changes a fifth',
      (world) =>
        onRelayed((frame) =>
          world.random.chance(0.2)
            ? [{ ...frame, body: withByte(frame.body, world.random.below(1_000)) }]
            : [frame],
        ),
      true,
    ],
    [
      'reorders',
      (world) => {
        const late: ServerFrame[] = []
        return onRelayed((frame) => {
          late.push(frame)
          return late.length < 3 ? [] : world.random.shuffle(late.splice(0))
        })
      },
      false,
    ],
    [
      'makes up half',
      (world) => onRelayed((frame) => [{ ...frame, body: world.random.bytes(40) }, frame]),
      true,
    ],
    [
      'plays old ones again',
      (world) => {
        const old: RelayFrame[] = []
        return onRelayed((frame) => {
          old.push(frame)
          return [frame, world.random.pick(old)]
        })
      },
      true,
    ],
  ])('E114: that %s delays words and no more', async (name, lie, isTold) => {
    const world = await SealedWorld.create(`lie ${name}`)
    const { alice, bob } = await relayedPair(world)
    world.adversary.lie = lie(world)
    const said = await talk(world, alice)
    const answered = await talk(world, bob)
    await world.pass(5_000)
    world.adversary.stop()
    expect(
      await world.until(() => heard(bob).length >= 30 && heard(alice).length >= 30, 30_000),
    ).toBe(true)
    await world.pass(3_000)
    expect([heard(bob), heard(alice)]).toEqual([said, answered])
    expect(faultsOf(bob)).toEqual(new Set(isTold ? ['relay-forged'] : []))
    await world.close()
  })

  test('E114: that hands packets to others, or in other names, is told on', async () => {
    const world = await SealedWorld.create('misdirect')
    const { alice, bob } = await relayedPair(world)
    const carol = await world.join('carol')
    expect(await world.until(() => world.isMesh(), 5_000)).toBe(true)
    world.adversary.lie = (frame, to) => {
      if (frame.type === 'relay' && to === bob.peer)
        world.adversary.invent(carol.peer, { ...frame, from: bob.peer })
      return frame.type === 'relay' ? [frame, { ...frame, from: carol.peer }] : [frame]
    }
    const said = await talk(world, alice, 5)
    await world.pass(1_000)
    expect([heard(bob), heard(carol)]).toEqual([said, said])
    expect(faultsOf(carol)).toEqual(new Set(['relay-forged']))
    expect(faultsOf(bob)).toEqual(new Set(['relay-forged']))
    await world.close()
  })

  test('E114: a page that was loaded anew does not open what was for the old one', async () => {
    const world = await SealedWorld.create('reloaded')
    const { alice, bob } = await relayedPair(world)
    const old: ServerFrame[] = []
    world.adversary.lie = (frame, to) => {
      if (frame.type === 'relay' && to === bob.peer) old.push(frame)
      return [frame]
    }
    const said = await talk(world, alice, 5)
    await bob.room.close()
    const again = await world.join('bob', world.room, { host: bob.host })
    expect(await world.until(() => personAt(again, alice)?.link.state === 'connected', 8_000)).toBe(
      true,
    )
    for (const frame of old) world.adversary.invent(again.peer, frame)
    await world.pass(1_000)
    // What was said before comes by the log, sealed for the new page; the old packets are refused.
    expect(heard(again)).toEqual(said)
    expect(faultsOf(again)).toEqual(new Set(['relay-forged']))
    await world.close()
  })
})

describe('a member that relays', () => {
  test('E116: two who reach it and not each other talk through it, and it hears nothing of that', async () => {
    const { world, alice, bob, carol } = await triangle('honest')
    const passed: string[] = []
    const said = await talk(world, alice)
    const answered = await talk(world, bob)
    await world.pass(1_000)
    expect([heard(bob), heard(alice)]).toEqual([said, answered])
    // Everyone talks to everyone, so carol hears each once, on her own links.
    expect(heard(carol)).toEqual([...said, ...answered])
    expect([...faultsOf(alice), ...faultsOf(bob), ...faultsOf(carol)]).toEqual(passed)
    await world.close()
  })

  test.each<[string, (world: SealedWorld, body: Bytes) => Bytes[], boolean]>([
    ['drops a third', (world, body) => (world.random.chance(0.33) ? [] : [body]), false],
    ['repeats everything', (_, body) => [body, body], true],
    [
      'changes a fifth',
      (world, body) => [world.random.chance(0.2) ? withByte(body, world.random.below(999)) : body],
      true,
    ],
    ['makes up half', (world, body) => [world.random.bytes(50), body], true],
  ])('E114: that %s delays words and no more', async (name, change, isTold) => {
    const { world, alice, bob } = await triangle(`member ${name}`, change)
    const said = await talk(world, alice)
    expect(await world.until(() => heard(bob).length >= 30, 60_000)).toBe(true)
    await world.pass(3_000)
    expect(heard(bob)).toEqual(said)
    expect(faultsOf(bob)).toEqual(new Set(isTold ? ['relay-forged'] : []))
    await world.close()
  })
})

/** Alice and bob reach carol and not each other; what carol passes on goes through `change`. */
async function triangle(
  seed: string,
  change: (world: SealedWorld, body: Bytes) => Bytes[] = (_, body) => [body],
): Promise<{ world: SealedWorld; alice: Guest; bob: Guest; carol: Guest }> {
  const world = await SealedWorld.create(seed)
  const hosts = [world.internet.addHost('alice'), world.internet.addHost('bob')] as const
  world.internet.block(...hosts)
  const carol = await world.join('carol', world.room, {
    card: { relays: true },
    tamper: tampering((body) => change(world, body)),
  })
  const alice = await world.join('alice', world.room, { host: hosts[0] })
  const bob = await world.join('bob', world.room, { host: hosts[1] })
  const isRelayed = (): boolean =>
    [personAt(alice, bob), personAt(bob, alice)].every(
      (person) => person?.link.path === 'member-relay',
    )
  expect(await world.until(isRelayed, 6_000)).toBe(true)
  return { world, alice, bob, carol }
}

/** Changes what is passed on over this guest's connections, and nothing else. */
function tampering(change: (body: Bytes) => Bytes[]): (open: OpenRtc) => OpenRtc {
  return (open) => (onEvent, options) => {
    const connection = open(onEvent, options)
    const command = (wanted: RtcCommand): void => {
      const packet = wanted.type === 'send' ? decodeStreamPacket(wanted.frame) : undefined
      if (wanted.type !== 'send' || packet?.type !== 'passing') connection.command(wanted)
      else
        for (const body of change(packet.body))
          connection.command({ ...wanted, frame: encodeStreamPacket({ ...packet, body }) })
    }
    return { command, localSdp: () => connection.localSdp(), close: () => connection.close() }
  }
}
