import { encodeStreamPacket, encodeTalkFrame } from '@knothole/wire'
import type { Bytes, PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import {
  Peer,
  alice,
  carol,
  me,
  member,
  offer,
  ownFeed,
  participant,
  sealed,
  talks,
} from './session.testing.ts'
import type { Talk, TalkInput } from './people/talk-seat.ts'

/** A packet of the talk lane, as an honest or another sender numbers it. */
function numberedPacket(number: number): Bytes {
  const payload = encodeTalkFrame({ type: 'typing', active: true })
  return encodeStreamPacket({ type: 'segment', lane: 'talk', number, ack: 0, more: false, payload })
}

const spareOffered = (peer: Peer): Peer =>
  peer.give({ type: 'rtc', connection: 1, event: { type: 'local-offer', sdp: 'spare' } })

/** What comes of an offer that crosses ours. */
function crossing(other: PeerId): string[] {
  const peer = new Peer({ roomIsNew: true }).challenged().welcomed([other]).card(other)
  peer.give({ type: 'rtc', connection: 1, event: { type: 'local-offer', sdp: 'mine' } })
  peer.out()
  return peer.signal(other, offer).types()
}

describe('joining', () => {
  test('E8: a connection and its offer are made at once, and the join waits for it', () => {
    const peer = new Peer()
    expect(peer.types()).toEqual(['rtc-open', 'offer', 'open-socket'])
    expect(peer.challenged().types()).toEqual([])
    expect(spareOffered(peer).out()).toMatchObject([{ type: 'join', socket: 1, offer: 1 }])
  })

  test('E8: in a new room there is nobody to offer to', () => {
    const peer = new Peer({ roomIsNew: true })
    expect(peer.types()).toEqual(['open-socket'])
    expect(peer.challenged().out()).toMatchObject([{ type: 'join', offer: undefined }])
  })

  test('E8: a connection that fails first is done without', () => {
    const peer = new Peer().challenged()
    peer.out()
    peer.give({ type: 'rtc', connection: 1, event: { type: 'failed' } })
    expect(peer.out()).toMatchObject([
      { type: 'rtc-close', connection: 1 },
      { type: 'join', offer: undefined },
    ])
  })

  test('E8: a join waits until it is known who joins, and by what name', () => {
    const peer = new Peer({ roomIsNew: true, isKnown: false }).challenged()
    expect(peer.types()).toEqual(['open-socket'])
    peer.session.identify({ peer: me, member: member(me), feed: ownFeed, relayKey: sealed }, 'Ana')
    const card = { name: 'Ana', device: 'desktop', relayKey: sealed }
    expect(peer.out()).toMatchObject([{ type: 'join', card }])
  })

  test('E8: a second join carries no offer, and the first offer is dropped', () => {
    const peer = spareOffered(new Peer()).challenged()
    peer.out()
    peer.give({ type: 'socket-closed', socket: 1, code: 1006 }).pass(0)
    expect(peer.types()).toEqual(['rtc-close', 'open-socket'])
    expect(peer.challenged(2).out()).toMatchObject([{ type: 'join', socket: 2, offer: undefined }])
  })

  test('E9: the link to the named member continues with that connection', () => {
    const peer = spareOffered(new Peer()).challenged().welcomed([alice], alice).card(alice)
    const candidate = { candidate: 'candidate:1', ufrag: 'u' }
    expect(peer.opened()).toEqual([1])
    peer.out()
    peer.give({ type: 'rtc', connection: 1, event: { type: 'candidate', candidate } })
    peer.signal(alice, { type: 'answer', sdp: 'answer', offer: 0, sequence: 1, attempt: 1 })
    expect(peer.types()).toEqual(['seal-signal', 'accept-answer'])
  })

  test('E9: candidates gathered before it is known who took the offer go to that member', () => {
    const peer = spareOffered(new Peer()).challenged()
    const candidate = { candidate: 'candidate:1', ufrag: 'u' }
    peer.give({ type: 'rtc', connection: 1, event: { type: 'candidate', candidate } })
    peer.out()
    peer.welcomed([alice], alice).card(alice)
    expect(peer.out().filter(({ type }) => type === 'seal-signal')).toMatchObject([
      { to: alice, signal: { type: 'candidates', candidates: [candidate], attempt: 1 } },
    ])
  })

  test.each([
    ['nobody', undefined],
    ['somebody who is not here', carol],
  ])('E9: when %s took it the connection is closed', (_, offeredTo) => {
    const peer = spareOffered(new Peer()).challenged().welcomed([alice], offeredTo)
    expect(peer.types()).toContain('rtc-close')
  })

  test('E9: nor is it kept for a member whose card is forged', () => {
    const peer = spareOffered(new Peer()).challenged().welcomed([alice], alice)
    peer.out()
    peer.give({ type: 'card-refused', peer: alice })
    expect(peer.types()).toEqual(['rtc-close', 'fault'])
  })
})

describe('introductions', () => {
  test('E10: a newcomer offers to everyone', () => {
    const peer = new Peer({ roomIsNew: true }).challenged().welcomed([alice, carol])
    expect(peer.opened()).toEqual([])
    peer.card(alice).card(carol)
    expect(peer.opened()).toEqual([1, 2])
  })

  test('E10: a member waits for the newcomer', () => {
    const peer = new Peer({ roomIsNew: true }).challenged().welcomed([])
    peer.server({ type: 'joined', participant: participant(alice) }).card(alice)
    expect(peer.opened()).toEqual([])
    peer.pass(5_600)
    expect(peer.opened()).toEqual([1])
  })

  test('E11: someone whose card does not open is not in the room', () => {
    const peer = new Peer().challenged().welcomed([alice])
    expect(peer.people()).toEqual([])
    peer.give({ type: 'card-refused', peer: alice }).signal(alice, offer)
    expect(peer.people()).toEqual([])
    expect(peer.faults()).toEqual([
      ['card-forged', alice],
      ['signal-unexpected', alice],
    ])
  })

  test('E11: a card that nobody asked for brings nobody in', () => {
    const peer = new Peer().challenged().welcomed([])
    peer.server({ type: 'card', peer: alice, card: sealed }).card(alice)
    expect(peer.people()).toEqual([])
  })

  test('E12: the greater peer id yields, the smaller does not', () => {
    expect(crossing(alice)).toEqual(['accept-offer'])
    expect(crossing(carol)).toEqual([])
  })

  test('E17: a signal played again is told and does nothing', () => {
    const peer = new Peer().linkedTo(alice)
    peer.signal(alice, offer)
    expect(peer.faults()).toEqual([['signal-replayed', alice]])
    expect(peer.types()).toEqual(['fault'])
  })

  test('E18: a signal by another identity is told and does nothing', () => {
    const peer = new Peer().linkedTo(alice)
    peer.signal(alice, { ...offer, sequence: 2, attempt: 2 }, member(carol))
    expect(peer.faults()).toEqual([['identity-changed', alice]])
    expect(peer.types()).toEqual(['fault'])
  })

  test('E18: so is another card of someone we know', () => {
    const peer = new Peer().linkedTo(alice)
    peer.card(alice, { name: 'eve' }, member(carol))
    expect(peer.faults()).toEqual([['identity-changed', alice]])
    expect(peer.session.state().people).toMatchObject([{ name: 'them', member: member(alice) }])
  })

  test('E18: one that does not open is told', () => {
    const peer = new Peer().linkedTo(alice).give({ type: 'signal-refused', peer: alice })
    expect(peer.faults()).toEqual([['signal-forged', alice]])
  })

  test('E25: who joins again is offered a repair, if the link needs one', () => {
    const peer = new Peer({ roomIsNew: true }).linkedTo(carol)
    peer
      .server({ type: 'joined', participant: participant(carol) })
      .card(carol)
      .pass(0)
    expect(peer.types()).toEqual(['open-card'])
    peer.give({ type: 'rtc', connection: 1, event: { type: 'troubled' } }).pass(100)
    peer.out()
    peer
      .server({ type: 'joined', participant: participant(carol) })
      .card(carol)
      .pass(0)
    expect(peer.types()).toContain('offer')
  })

  test('E27: a link in trouble probes the rendezvous', () => {
    const peer = new Peer().linkedTo(alice)
    peer.give({ type: 'rtc', connection: 2, event: { type: 'troubled' } })
    expect(peer.out()).toMatchObject([{ type: 'send', frame: { type: 'ping' } }])
  })
})

describe('presence', () => {
  test('E28: a bye removes its sender and closes the connection', () => {
    const peer = new Peer().linkedTo(alice).talk({ type: 'bye' }, 2)
    expect(peer.people()).toEqual([])
    expect(peer.types()).toEqual(['rtc-close'])
  })

  test('E29: a link that works outlives the rendezvous’ word', () => {
    const peer = new Peer().linkedTo(alice).server({ type: 'left', peer: alice })
    expect(peer.session.state().people).toMatchObject([{ peer: alice, present: false }])
    peer.pass(900)
    expect(peer.people()).toEqual([alice])
    peer.pass(9_000)
    expect(peer.people()).toEqual([])
  })

  test('E30: of a thousand announced people a dozen are linked to until the mesh is there', () => {
    const peer = new Peer().challenged().welcomed([])
    for (let i = 0; i < 1_000; i++) {
      const id = `${i}`.padStart(22, 'A') as PeerId
      const last = (id.slice(0, -1) + 'AQgw'.charAt(i % 4)) as PeerId
      peer.server({ type: 'joined', participant: participant(last) }).card(last)
    }
    expect(peer.people().length).toBe(11)
  })

  test('E30: we are not listed', () => {
    const peer = new Peer().challenged().welcomed([me])
    expect(peer.types()).not.toContain('open-card')
  })
})

describe('talking', () => {
  test('E41: our name goes out on every link that opens, and when it changes', () => {
    const peer = new Peer().challenged().welcomed([])
    peer
      .server({ type: 'joined', participant: participant(alice) })
      .card(alice)
      .signal(alice, offer)
    peer.out()
    peer.give({ type: 'rtc', connection: 2, event: { type: 'open' } })
    peer.give({ type: 'rename', name: 'I' })
    expect(talks(peer.out())).toEqual(['me', 'I'].map((name) => ({ type: 'name', name })))
    expect(peer.session.state().me.name).toBe('I')
  })

  test('E41: a renamed peer’s card is taken', () => {
    const peer = new Peer().linkedTo(alice)
    peer.server({ type: 'card', peer: alice, card: sealed }).card(alice, { name: 'Alison' })
    expect(peer.session.state().people).toMatchObject([{ name: 'Alison' }])
  })

  test('E40: what is said and heard of the log waits for its code, each in its turn', () => {
    const peer = new Peer().linkedTo(alice)
    const id = peer.session.write({ type: 'text', text: 'hi' }, 5)
    expect(id).toBe(`${ownFeed.id}.1`)
    peer.talk({ type: 'log', data: sealed }, 2)
    peer.give({ type: 'talk', input: { type: 'people' } })
    const inputs: TalkInput[] = []
    const talk: Talk = {
      handle: (input) => void inputs.push(input),
      tick: () => undefined,
      deadlineMs: () => undefined,
    }
    peer.give({ type: 'talk', input: { type: 'loaded', open: () => talk } })
    expect(peer.session.write({ type: 'text', text: 'there' }, 7)).toBe(`${ownFeed.id}.2`)
    peer.talk({ type: 'bye' }, 2)
    expect(inputs).toEqual([
      { type: 'link-up', peer: alice },
      { type: 'write', sequence: 1, body: { type: 'text', text: 'hi' }, atMs: 5 },
      { type: 'frame', peer: alice, data: sealed },
      { type: 'write', sequence: 2, body: { type: 'text', text: 'there' }, atMs: 7 },
      { type: 'link-down', peer: alice },
    ])
  })

  test('E40: what others send before that is kept up to a limit', () => {
    const peer = new Peer().linkedTo(alice)
    const data = new Uint8Array(14_000)
    for (let i = 0; i < 90; i++) peer.talk({ type: 'log', data }, 2)
    let frames = 0
    const talk: Talk = {
      handle: (input) => void (frames += input.type === 'frame' ? 1 : 0),
      tick: () => undefined,
      deadlineMs: () => undefined,
    }
    peer.give({ type: 'talk', input: { type: 'loaded', open: () => talk } })
    expect(frames).toBe(74)
  })

  test('E42: a frame that cannot be read leaves the link as it is', () => {
    const peer = new Peer().linkedTo(alice)
    peer.talk(new Uint8Array([0xff]), 2)
    const event = { type: 'frame', channel: 'talk', frame: new Uint8Array([0xff]) } as const
    peer.give({ type: 'rtc', connection: 2, event })
    const fault = ['frame-malformed', alice]
    expect(peer.faults()).toEqual([fault, fault])
    expect(peer.types()).toEqual(['fault', 'fault'])
  })
})

test('E43: a flood is told once; what an honest sender may send is not lost', () => {
  const peer = new Peer().linkedTo(alice)
  const send = (number: number): Peer =>
    peer.give({
      type: 'rtc',
      connection: 2,
      event: { type: 'frame', channel: 'talk', frame: numberedPacket(number) },
    })
  for (let number = 0; number < 4_000; number++) send(number)
  expect(peer.faults()).toEqual([['frame-flood', alice]])
  send(9_999)
  expect(peer.faults()).toEqual([['frame-flood', alice]])
})

describe('faults and the end', () => {
  test('E44: a fault is told by its code, and of whom', () => {
    const peer = new Peer().linkedTo(alice).give({ type: 'signal-refused', peer: alice })
    expect(peer.out()).toEqual([{ type: 'fault', fault: { code: 'signal-forged', peer: alice } }])
  })

  test('E36: nonsense of the server is told, of no peer', () => {
    const peer = new Peer().challenged().welcomed([])
    peer.give({ type: 'socket-frame', socket: 1, frame: new Uint8Array([0xff]) })
    expect(peer.faults()).toEqual([['frame-malformed', undefined]])
  })

  test('E55: a page is told the relays and our NAT report', () => {
    const peer = new Peer().challenged().welcomed([])
    const relays = { urls: ['turn:198.51.100.4'], username: 'u', credential: 'c', expiresAtMs: 9 }
    peer.server({ type: 'ice-servers', iceServers: relays })
    expect(peer.session.state()).toMatchObject({ relays, nat: undefined })
    peer.out()
    peer.give({ type: 'nat-measured', nat: 'a report' })
    expect(peer.session.state().nat).toBe('a report')
    expect(peer.drain().map(({ type }) => type)).toContain('changed')
  })

  test('E53: leaving says bye and leave, closes everything, and is the end', () => {
    const peer = new Peer().linkedTo(alice).give({ type: 'leave' })
    const [said, ...out] = peer.out()
    expect(talks(said === undefined ? [] : [said])).toEqual([{ type: 'bye' }])
    expect(out).toEqual([
      { type: 'rtc-close', connection: 2 },
      { type: 'send', socket: 1, frame: { type: 'leave' } },
      { type: 'close-socket', socket: 1 },
    ])
    expect(peer.session.deadlineMs()).toBe(undefined)
    expect(peer.challenged().types()).toEqual([])
  })
})
