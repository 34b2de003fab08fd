// A member who carries signals for two others, with the real cryptography, and is not to be trusted: what
// it can read, change and hold back of them.
import { Introducer } from '@knothole/engine'
import type { OpenRtc, RtcCommand } from '@knothole/engine'
import {
  decodeBetweenFrame,
  decodeStreamPacket,
  decodeTalkFrame,
  encodeBetweenFrame,
  encodeStreamPacket,
  encodeTalkFrame,
} from '@knothole/wire'
import type { BetweenFrame, Bytes } from '@knothole/wire'
import { expect, test } from 'vitest'
import { faultsOf, personAt, SealedWorld } from './sealed-world.testing.ts'
import type { Guest } from './sealed-world.testing.ts'

type Carried = BetweenFrame & { type: 'carry' }

/** What a member does to a signal that it passes on. */
type Deed = (frame: Carried) => Carried | undefined

/** Connections of somebody who does something to every signal they pass on. */
function tampering(deed: () => Deed): (open: OpenRtc) => OpenRtc {
  return (open) => (onEvent, options) => {
    const connection = open(onEvent, options)
    return {
      command: (command) => connection.command(changed(command, deed())),
      localSdp: () => connection.localSdp(),
      close: () => connection.close(),
    }
  }
}

/** A command with the deed done to the signal in it; a signal that is held back becomes a word of nothing. */
function changed(command: RtcCommand, deed: Deed): RtcCommand {
  if (command.type !== 'send' || command.channel !== 'talk') return command
  const packet = decodeStreamPacket(command.frame)
  if (packet?.type !== 'segment') return command
  const talk = decodeTalkFrame(packet.payload)
  if (!talk.ok || talk.value.type !== 'between') return command
  const between = decodeBetweenFrame(talk.value.data)
  if (!between.ok || between.value.type !== 'carry') return command
  const frame = deed(between.value)
  const payload = encodeTalkFrame(
    frame === undefined
      ? { type: 'typing', active: false }
      : { type: 'between', data: encodeBetweenFrame(frame) },
  )
  return { ...command, frame: encodeStreamPacket({ ...packet, payload }) }
}

interface Trio {
  readonly world: SealedWorld
  readonly alice: Guest
  readonly bob: Guest
  readonly carol: Guest
}

/** Alice, bob and carol, linked; the server is gone, and carol does something to what she carries. */
async function trio(seed: string, deed: () => Deed): Promise<Trio> {
  const world = await SealedWorld.create(seed)
  const alice = await world.join('alice')
  const bob = await world.join('bob')
  const carol = await world.join('carol', world.room, { tamper: tampering(deed) })
  expect(await world.until(() => world.isMesh(), 10_000)).toBe(true)
  await world.pass(4_000)
  world.server.kill()
  return { world, alice, bob, carol }
}

function breakLink(one: Guest, other: Guest): void {
  for (const { transport } of one.page.connections())
    if (transport.peer?.host === other.host) transport.flush()
}

/** Whether the two are linked on a path of their own. */
function isDirect(one: Guest, other: Guest): boolean {
  const works = one.page
    .connections()
    .some(({ transport }) => transport.works && transport.peer?.host === other.host)
  return works && personAt(one, other)?.link.state === 'connected'
}

test('E421: an honest member heals the link of two others, and can read nothing of what it carries', async () => {
  const carried: Carried[] = []
  const { world, alice, bob, carol } = await trio('honest', () => (frame) => {
    carried.push(frame)
    return frame
  })
  breakLink(alice, bob)
  expect(await world.until(() => isDirect(alice, bob) && isDirect(bob, alice), 6_000)).toBe(true)
  expect(carried.length).toBeGreaterThan(1)
  const crypto = { subtle: world.subtle, randomBytes: world.random.bytes }
  const { room } = world
  for (const { from, to, body } of carried) {
    // With the room's keys, and as if it were meant for her.
    const eyes = new Introducer({ room: room.id, ...carol.credentials, peer: to }, crypto)
    for (const part of [body, body.slice(8)] as Bytes[])
      expect((await eyes.openSignal(from, part, false)).type).toBe('signal-refused')
    expect(Buffer.from(body).toString('latin1')).not.toContain('candidate')
  }
  expect([alice, bob, carol].flatMap((guest) => [...faultsOf(guest)])).toEqual([])
  await world.close()
})

test('E421: a member that changes what it carries is told on, and opens no link', async () => {
  const { world, alice, bob } = await trio('changes', () => (frame) => ({
    ...frame,
    body: frame.body.with(20, (frame.body[20] ?? 0) ^ 1),
  }))
  breakLink(alice, bob)
  await world.pass(6_000)
  expect([isDirect(alice, bob), isDirect(bob, alice)]).toEqual([false, false])
  expect(new Set([...faultsOf(alice), ...faultsOf(bob)])).toEqual(new Set(['relay-forged']))
  await world.close()
})

test('E423: one that plays old signals again changes nothing', async () => {
  const old: Carried[] = []
  let isReplaying = false
  const { world, alice, bob } = await trio('replays', () => (frame) => {
    old.push(frame)
    return isReplaying ? (old[0] ?? frame) : frame
  })
  breakLink(alice, bob)
  expect(await world.until(() => isDirect(alice, bob) && isDirect(bob, alice), 6_000)).toBe(true)
  isReplaying = true
  breakLink(alice, bob)
  await world.pass(5_000)
  expect(isDirect(alice, bob)).toBe(false)
  isReplaying = false
  expect(await world.until(() => isDirect(alice, bob) && isDirect(bob, alice), 20_000)).toBe(true)
  expect([alice, bob].flatMap((guest) => [...faultsOf(guest)])).toEqual([])
  await world.close()
})
