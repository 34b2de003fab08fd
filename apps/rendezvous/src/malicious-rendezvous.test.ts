// A rendezvous that lies, against rooms with their real cryptography: peers refuse and say why, no link
// to the liar opens, and honest pairs meet once the lies stop. THREAT-MODEL.md names these tests.
import { Introducer } from '@knothole/engine'
import type { Credentials } from '@knothole/engine'
import { decodeBase64url } from '@knothole/wire'
import type { Bytes, PeerId, ServerFrame } from '@knothole/wire'
import { afterEach, describe, expect, test } from 'vitest'
import { onSignals } from './adversary.testing.ts'
import type { Lie, SignalFrame } from './adversary.testing.ts'
import { faultsOf, personAt, SealedWorld } from './sealed-world.testing.ts'
import type { Guest } from './sealed-world.testing.ts'

/** When the lies have stopped, everyone is linked this soon: two pauses of the repair schedule. */
const RECOVERY_MS = 40_000

let world: SealedWorld

afterEach(() => world.close())

describe('a changed signal', () => {
  test('E70: a signal with any byte changed is refused, and no link opens', async () => {
    const { alice, bob } = await lieToTwo(() =>
      onSignals((frame) => [{ ...frame, sealed: flipOne(frame.sealed) }]),
    )
    expect(faultsOf(alice)).toEqual(new Set(['signal-forged']))
    expect(faultsOf(bob)).toEqual(new Set(['signal-forged']))
    expect(await recovers()).toBe(true)
  })

  test('E70: a signal cut short or made longer is refused', async () => {
    const { alice, bob } = await lieToTwo(() => {
      let count = 0
      return onSignals((frame) => {
        const cut = ++count % 2 === 0 ? frame.sealed.slice(0, -1) : frame.sealed.slice(0, 7)
        return [{ ...frame, sealed: cut }]
      })
    })
    expect(faultsOf(alice)).toEqual(new Set(['signal-forged']))
    expect(faultsOf(bob)).toEqual(new Set(['signal-forged']))
    expect(await recovers()).toBe(true)
  })
})

describe('signals in the wrong order, number or hands', () => {
  test('E71: a repeated signal is taken once, and the repetition told', async () => {
    const { alice, bob } = await twoUnder(onSignals((frame) => [frame, frame]))
    expect(await world.until(() => world.isMesh(), 2_000)).toBe(true)
    expect(faultsOf(alice)).toEqual(new Set(['signal-replayed']))
    expect(faultsOf(bob)).toEqual(new Set(['signal-replayed']))
  })

  test('E71: old signals played again to a linked peer change nothing', async () => {
    const { alice, bob } = await twoUnder(onSignals((frame) => [frame]))
    await world.until(() => world.isMesh(), 2_000)
    const [connection] = alice.page.connections()
    for (const { to, frame } of world.adversary.signals.slice()) {
      if (to !== undefined) world.adversary.invent(to, frame)
    }
    await world.pass(3_000)
    expect(faultsOf(alice)).toEqual(new Set(['signal-replayed']))
    expect(faultsOf(bob)).toEqual(new Set(['signal-replayed']))
    expect(alice.page.connections()).toEqual([connection])
    expect(world.isMesh()).toBe(true)
  })

  test('E71: reversed signals delay the link and no more', async () => {
    const held: SignalFrame[] = []
    const { alice, bob } = await twoUnder(
      onSignals((frame) => {
        held.push(frame)
        return held.length < 3 ? [] : held.splice(0).toReversed()
      }),
    )
    await world.pass(3_000)
    world.adversary.stop()
    expect(await recovers()).toBe(true)
    expect([...faultsOf(alice), ...faultsOf(bob)]).toEqual([])
  })

  test('E71: dropped signals keep two from a path of their own while it lasts', async () => {
    const { alice, bob } = await lieToTwo(() => onSignals(() => []))
    expect([...faultsOf(alice), ...faultsOf(bob)]).toEqual([])
    expect(await recovers()).toBe(true)
  })

  test('E72: a signal delivered to someone else is refused by them', async () => {
    const [alice, bob, carol] = await meet('alice', 'bob', 'carol')
    for (const { to, frame } of world.adversary.signals.slice()) {
      if (to === alice.peer && !frame.toAnyone) world.adversary.invent(carol.peer, frame)
    }
    await world.pass(1_000)
    expect(faultsOf(carol)).toEqual(new Set(['signal-forged']))
    expect([...faultsOf(alice), ...faultsOf(bob)]).toEqual([])
    expect(world.isMesh()).toBe(true)
  })

  test('E72: a signal delivered in the name of another is refused', async () => {
    const [alice, bob, carol] = await meet('alice', 'bob', 'carol')
    const from = carol.peer
    const stolen = world.adversary.signals.filter(
      ({ to, frame }) => to === alice.peer && frame.from === bob.peer,
    )
    for (const { frame } of stolen) world.adversary.invent(alice.peer, { ...frame, from })
    await world.pass(1_000)
    expect(stolen.length).toBeGreaterThan(0)
    expect(alice.faults.length).toBe(stolen.length)
    expect(faultsOf(alice)).toEqual(new Set(['signal-forged']))
    expect(world.isMesh()).toBe(true)
  })

  test('E72: a signal to one passed off as to anyone, or the reverse, is refused', async () => {
    const { alice, bob } = await lieToTwo(() =>
      onSignals((frame) => [{ ...frame, toAnyone: !frame.toAnyone }]),
    )
    expect(faultsOf(alice)).toEqual(new Set(['signal-forged']))
    expect(faultsOf(bob)).toEqual(new Set(['signal-forged']))
    expect(await recovers()).toBe(true)
  })

  test('E73: an offer to anyone that two members are handed makes one link with each', async () => {
    const [alice, bob] = await meet('alice', 'bob')
    const both = [alice.peer, bob.peer]
    world.adversary.lie = (frame, to) => {
      if (frame.type === 'signal' && frame.toAnyone) {
        for (const peer of both) if (peer !== to) world.adversary.invent(peer, frame)
      }
      return [frame]
    }
    const carol = await world.join('carol')
    expect(await world.until(() => world.isMesh(), RECOVERY_MS)).toBe(true)
    await world.pass(5_000)
    for (const guest of world.guests) expect(guest.page.connections().length).toBe(2)
    expect(faultsOf(carol)).toEqual(new Set())
  })

  test('E73: a newcomer told the wrong receiver of its offer still meets everyone', async () => {
    const [alice, bob] = await meet('alice', 'bob')
    const both = [alice.peer, bob.peer]
    world.adversary.lie = (frame) => {
      if (frame.type !== 'welcome') return [frame]
      return [{ ...frame, offeredTo: both.find((peer) => peer !== frame.offeredTo) }]
    }
    await world.join('carol')
    expect(await world.until(() => world.isMesh(), RECOVERY_MS)).toBe(true)
  })
})

describe('forged with keys of its own', () => {
  test('E74: signals sealed with keys the server can make are refused', async () => {
    const [alice, bob] = await meet('alice', 'bob')
    const before = world.isMesh()
    for (const introducer of await forgers(bob.peer)) {
      const sealed = await introducer.sealSignal(alice.peer, anOffer)
      const from = bob.peer
      world.adversary.invent(alice.peer, { type: 'signal', from, sealed, toAnyone: false })
    }
    await world.pass(1_000)
    expect(alice.faults.map(({ code, peer }) => [code, peer])).toEqual([
      ['signal-forged', bob.peer],
      ['signal-forged', bob.peer],
    ])
    expect([before, world.isMesh()]).toEqual([true, true])
  })

  test('E74: invented members are refused: cards with keys of its own', async () => {
    const [alice] = await meet('alice', 'bob')
    const invented = (await world.credentials(world.random.bytes(16))).peer
    for (const introducer of await forgers(invented)) {
      const card = await introducer.sealCard({ name: 'Zed', device: 'desktop' })
      world.adversary.invent(alice.peer, joined(invented, card))
    }
    await world.pass(1_000)
    expect(refusedCards(alice)).toEqual([invented, invented])
  })

  test('E74: invented members are refused: cards of another room or another peer', async () => {
    const [alice, bob] = await meet('alice', 'bob')
    const elsewhere = await world.makeRoom()
    const carol = await world.join('carol', elsewhere)
    const dave = await world.join('dave', elsewhere)
    await world.pass(1_000)
    // Dave's card is good in the other room; bob's is good here, but not as carol's.
    for (const [peer, owner] of [
      [dave.peer, dave],
      [carol.peer, bob],
    ] as const) {
      const card = world.adversary.cards.get(owner.peer)
      if (card === undefined) throw new Error('no card was seen')
      world.adversary.invent(alice.peer, joined(peer, card))
    }
    await world.pass(1_000)
    expect(refusedCards(alice)).toEqual([dave.peer, carol.peer])
    expect(alice.room.state.people.map(({ peer }) => peer)).toEqual([bob.peer])
  })

  test('E74: signals of a peer that was never announced are unexpected', async () => {
    world = await SealedWorld.create('unannounced')
    world.adversary.lie = (frame) => (frame.type === 'joined' ? [] : [frame])
    const alice = await world.join('alice')
    await world.pass(100)
    await world.join('bob')
    await world.pass(2_000)
    expect(faultsOf(alice)).toEqual(new Set(['signal-unexpected']))
    expect(alice.room.state.people).toEqual([])
  })
})

describe('a member who lies, with the server on its side', () => {
  test('E75: nobody who knows another takes a card of a liar for theirs', async () => {
    const [alice, bob, mallory] = await meet('alice', 'bob', 'mallory')
    const card = await introducerOf({ ...mallory.credentials, peer: bob.peer }).sealCard({
      name: 'bob',
      device: 'desktop',
    })
    world.adversary.invent(alice.peer, { type: 'card', peer: bob.peer, card })
    world.adversary.invent(alice.peer, joined(bob.peer, card))
    await world.pass(1_000)
    expect(alice.faults.map(({ code }) => code)).toEqual(['identity-changed', 'identity-changed'])
    expect(personAt(alice, bob)?.member).toBe(bob.credentials.member)
  })

  test('E75: an offer in the name of another is refused, and the pair still meets', async () => {
    world = await SealedWorld.create('in the middle')
    const mallory = await world.join('mallory')
    const alice = await world.join('alice')
    await world.until(() => world.isMesh(), 2_000)
    // Whatever alice and bob signal, they get an offer of mallory's instead.
    const page = world.rtc.openPage(mallory.host)
    world.adversary.lie = (frame, to) => {
      if (frame.type !== 'signal' || to === mallory.peer || frame.from === mallory.peer)
        return [frame]
      if (to !== undefined) void replaceWithOffer({ mallory, from: frame.from, to, page })
      return []
    }
    const bob = await world.join('bob')
    await world.pass(6_000)
    expect([...faultsOf(alice), ...faultsOf(bob)]).toContain('identity-changed')
    const { link } = personAt(alice, bob) ?? {}
    expect(['member-relay', 'ws-relay']).toContain(link?.path)
    expect(page.connections().filter(({ transport }) => transport.isOpen)).toEqual([])
    expect(await recovers()).toBe(true)
  })
})

describe('what the server sees', () => {
  test('E76: no secret, name, message, description, candidate or identity is in any byte', async () => {
    world = await SealedWorld.create('blind')
    const names = ['Alice Liddell', 'Bob Cratchit', 'Carol Danvers'] as const
    const [alice, bob] = [await world.join(names[0]), await world.join(names[1])]
    await world.join(names[2])
    await world.until(() => world.isMesh(), 2_000)
    alice.room.say('the cake is in the larder')
    alice.room.rename('Mad Hatter')
    // A repair makes signals too.
    bob.host.move()
    world.sockets.silence(bob.host)
    await world.pass(6_000)
    expect(world.isMesh()).toBe(true)

    const identities = world.guests.map(({ credentials }) => credentials.identity.publicKey)
    const members = world.guests.map(({ credentials }) => credentials.member)
    const texts = [
      ...names,
      'Mad Hatter',
      'the cake is in the larder',
      'larder',
      'a=ice-ufrag',
      'a=fingerprint',
      'candidate:',
      'typ srflx',
      ...world.guests.map(({ host }) => host.address),
      ...members,
    ]
    const seen = Buffer.concat(world.adversary.fromPeers)
    const found = [...texts.map((text) => Buffer.from(text)), world.room.secret, ...identities]
      .flatMap(formsOf)
      .filter(({ form }) => seen.includes(form))
    expect(found).toEqual([])
    // The search finds what is there: session keys travel openly, room and peer ids as text.
    for (const { credentials } of world.guests)
      expect(seen.includes(Buffer.from(credentials.session.publicKey))).toBe(true)
    expect(seen.length).toBeGreaterThan(5_000)
  })

  test('E77: a visitor with the room id and another secret is refused and learns no more', async () => {
    await meet('alice', 'bob')
    const { id } = world.room
    const visitor = await world.join('mallory', { id, secret: world.random.bytes(16) })
    await world.pass(20_000)
    const { state } = visitor.room
    expect(state.rendezvous).toEqual({ state: 'refused', refusal: 'not-admitted' })
    expect(state.people).toEqual([])
    expect(state.capacity).toBe(undefined)
    const told = world.adversary.told.get(visitor.host.address) ?? []
    expect(told.map(({ type }) => type)).toEqual(['challenge', 'refused'])
    for (const guest of world.guests.filter((guest) => guest !== visitor)) {
      expect(guest.room.state.people.length).toBe(1)
      expect(guest.faults).toEqual([])
    }
  })
})

const anOffer = { type: 'offer', sdp: 'v=0', fresh: true, sequence: 900, attempt: 900 } as const

/** The worst a liar inside can do: a well-formed offer of its own, sealed, signed, and in the wrong name. */
async function replaceWithOffer(attack: {
  mallory: Guest
  from: PeerId
  to: PeerId
  page: ReturnType<SealedWorld['rtc']['openPage']>
}): Promise<void> {
  const { mallory, from, to, page } = attack
  const { credentials } = mallory
  const sdp = await new Promise<string>((resolve) => {
    const connection = page.openRtc((event) => {
      if (event.type === 'local-offer') resolve(event.sdp)
    })
    connection.command({ type: 'offer', restart: false })
  })
  const sequence = world.random.below(1_000)
  const introducer = introducerOf({ ...credentials, peer: from })
  const offer = { type: 'offer', sdp, fresh: true, sequence, attempt: 9 } as const
  const sealed = await introducer.sealSignal(to, offer)
  world.adversary.invent(to, { type: 'signal', from, sealed, toAnyone: false })
}

/** A world in which these meet while nobody lies. */
async function meet<Names extends readonly string[]>(
  ...names: Names
): Promise<{ [Name in keyof Names]: Guest }> {
  world = await SealedWorld.create(names.join())
  for (const name of names) {
    await world.join(name)
    await world.pass(200)
  }
  if (!(await world.until(() => world.isMesh(), 2_000))) throw new Error('they did not meet')
  return [...world.guests] as unknown as { [Name in keyof Names]: Guest }
}

/** Alice and bob join under a lie. */
async function twoUnder(lie: Lie): Promise<{ alice: Guest; bob: Guest }> {
  world = await SealedWorld.create('alice and bob')
  world.adversary.lie = lie
  const alice = await world.join('alice')
  await world.pass(200)
  const bob = await world.join('bob')
  return { alice, bob }
}

/** Alice and bob join under a lie that keeps them apart for as long as it lasts. */
async function lieToTwo(lie: () => Lie): Promise<{ alice: Guest; bob: Guest }> {
  const { alice, bob } = await twoUnder(lie())
  await world.pass(15_000)
  // What the signals cannot do, relays that are sealed for the two alone still do.
  expect(personAt(alice, bob)?.link).toMatchObject({ state: 'connected', path: 'ws-relay' })
  expect(personAt(bob, alice)?.link).toMatchObject({ state: 'connected', path: 'ws-relay' })
  expect(openConnections()).toEqual([])
  return { alice, bob }
}

function openConnections(): unknown[] {
  return world.guests.flatMap(({ page }) =>
    page.connections().filter(({ transport }) => transport.isOpen),
  )
}

/** Once the lies stop, everyone meets. */
async function recovers(): Promise<boolean> {
  world.adversary.stop()
  return world.until(() => world.isMesh(), RECOVERY_MS)
}

function flipOne(bytes: Bytes): Bytes {
  const flipped = new Uint8Array(bytes)
  const at = world.random.below(flipped.length)
  flipped[at] = (flipped[at] ?? 0) ^ (1 << world.random.below(8))
  return flipped
}

function joined(peer: PeerId, card: Bytes): ServerFrame {
  const observed = { address: '198.18.0.1', port: 1 }
  return { type: 'joined', participant: { peer, card, observed } }
}

function introducerOf(credentials: Credentials): Introducer {
  const { subtle, random, room } = world
  return new Introducer({ ...credentials, room: room.id }, { subtle, randomBytes: random.bytes })
}

/** Who seals in a peer's name with what the server has: keys of another secret, and of what it knows. */
async function forgers(peer: PeerId): Promise<Introducer[]> {
  const known = decodeBase64url(world.room.id)
  if (known === undefined) throw new Error('a room id is base64url')
  const secrets = [world.random.bytes(16), known]
  const credentials = await Promise.all(secrets.map((secret) => world.credentials(secret)))
  return credentials.map((own) => introducerOf({ ...own, peer }))
}

/** Whose cards a guest refused; nothing else may be wrong. */
function refusedCards(guest: Guest): (PeerId | undefined)[] {
  expect(faultsOf(guest)).toEqual(new Set(['card-forged']))
  return guest.faults.map(({ peer }) => peer)
}

/** A text or bytes as they could stand in a frame: as they are, and in the usual text forms. */
function formsOf(what: Uint8Array): { as: string; form: Buffer }[] {
  const bytes = Buffer.from(what)
  const forms: { as: string; form: Buffer }[] = [
    { as: 'itself', form: bytes },
    { as: 'hex', form: Buffer.from(bytes.toString('hex')) },
    { as: 'UTF-16', form: Buffer.from(bytes.toString('latin1'), 'utf16le') },
  ]
  // In base64 the same bytes look different at each offset from a multiple of three.
  for (const skipped of [0, 1, 2]) {
    const whole = bytes.subarray(skipped, bytes.length - ((bytes.length - skipped) % 3))
    for (const encoding of ['base64', 'base64url'] as const)
      forms.push({ as: encoding, form: Buffer.from(whole.toString(encoding)) })
  }
  return forms
}
