import { encodePulseFrame } from '@knothole/wire'
import type { PeerId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { PunchBudget } from '@knothole/traversal/ladder'
import { Climb } from './climb.ts'
import type { ClimbView } from './climb.ts'
import type { LinkDetourOutput, LinkSituation } from './detours.ts'
import { ICE_SERVERS, TestHost, alice, carol } from './detours.testing.ts'
import { DetoursOfLink } from './detours-of-link.ts'
import type { Path } from '../room-state.ts'

const pulse = Uint8Array.from([2, ...encodePulseFrame({ type: 'ping', number: 1 })])
const down = (sinceMs: number): LinkSituation => ({
  downSinceMs: sinceMs,
  path: undefined,
  standing: 'connecting',
})
const up = (path: Path): LinkSituation => ({ downSinceMs: undefined, path, standing: 'connected' })

class Side {
  readonly host = new TestHost().add(alice).add(carol)
  readonly detours: DetoursOfLink
  readonly wanted: PeerId[] = []
  readonly done: PeerId[] = []
  nowMs = 0
  #count = 0

  constructor({ polite = false, climb = undefined as Climb | undefined } = {}) {
    const next = (): number => ++this.#count
    const ice = { polite, newConnection: next, nextSequence: next, random: () => 0 }
    const memberRelays = {
      want: (peer: PeerId) => void this.wanted.push(peer),
      done: (peer: PeerId) => void this.done.push(peer),
    }
    this.detours = new DetoursOfLink({ peer: alice, host: this.host, ice, memberRelays, climb }, 0)
  }

  update(situation: LinkSituation): this {
    this.detours.update(situation, this.nowMs)
    return this
  }

  pass(ms: number): this {
    const untilMs = this.nowMs + ms
    for (
      let due = this.detours.deadlineMs();
      due !== undefined && due <= untilMs;
      due = this.detours.deadlineMs()
    ) {
      this.nowMs = Math.max(this.nowMs, due)
      this.detours.tick(this.nowMs)
    }
    this.nowMs = untilMs
    return this
  }

  out(): LinkDetourOutput[] {
    const outs: LinkDetourOutput[] = []
    for (let out = this.detours.poll(); out !== undefined; out = this.detours.poll()) outs.push(out)
    return outs
  }

  types(): string[] {
    return this.out().map(({ type }) => type)
  }

  paths(): (Path | undefined)[] {
    return this.detours.carriers.map(({ path }) => path)
  }
}

/** What one side says by relays, and what is said back, until nobody says anything; or too much was said. */
function talkOf(from: Side, to: Side): number {
  let said = 0
  for (const sides = [from, to] as const; said < 100;) {
    const outs = sides.map((side) => side.out().filter(({ type }) => type === 'seal-relayed'))
    if (outs.every(({ length }) => length === 0)) break
    for (const [index, packets] of outs.entries()) {
      for (const out of packets) {
        if (out.type !== 'seal-relayed') continue
        said += 1
        sides[1 - index]?.detours.relayed(out.via, out.plain, 20_000)
      }
      sides[1 - index]?.pass(0)
    }
  }
  return said
}

/** A link that was down, was relayed in every way, and then found a path. */
function relayedThen(path: Path): Side {
  const side = new Side().update(down(0)).pass(1_000)
  side.detours.relayed('rendezvous', pulse, side.nowMs)
  side.detours.relayed(carol, pulse, side.nowMs)
  side.update(up(path))
  side.out()
  return side
}

describe('a link that is down', () => {
  test('E110: after a second the rendezvous, TURN and members are tried', () => {
    const side = new Side().update(down(0)).pass(999)
    expect([side.out(), side.paths()]).toEqual([[], []])
    side.pass(1)
    expect(side.paths()).toEqual(['turn', 'ws-relay'])
    expect(side.out()).toMatchObject([
      { type: 'seal-relayed', via: 'rendezvous' },
      {
        type: 'rtc-open',
        connection: 1,
        options: { iceServers: ICE_SERVERS, relayOnly: true },
      },
      { type: 'rtc', command: { type: 'offer' } },
    ])
    expect(side.wanted).toEqual([alice])
  })

  test('E110: at once where both cards say that plain ICE finds none, and no sooner', () => {
    let view: ClimbView = {
      isUp: true,
      mine: '11332000 1 0 0 0 0 203.0.113.21',
      theirs: undefined,
      seen: undefined,
      settings: { munging: true, hideAddress: false, saveData: false, relays: [] },
    }
    const climb = new Climb(
      {
        me: carol,
        other: alice,
        random: () => 0.5,
        newConnection: () => 9,
        view: () => view,
        memoryOf: () => undefined,
        budget: new PunchBudget(),
      },
      0,
    )
    const side = new Side({ climb }).update(down(0)).pass(300)
    expect(side.paths()).toEqual([])
    view = { ...view, theirs: '11332000 1 0 0 0 0 203.0.113.20' }
    side.detours.tick(side.nowMs)
    expect(side.paths()).toEqual(['turn', 'ws-relay'])
  })

  test('E110: the polite side waits for the TURN offer, and answers with all its candidates', () => {
    const side = new Side({ polite: true }).update(down(0)).pass(1_000)
    expect(side.paths()).toEqual(['ws-relay'])
    side.out()
    const steps = { sequence: 1, attempt: 1, way: 1 }
    const signal = { type: 'offer', sdp: 'sdp', fresh: true, ...steps } as const
    side.detours.handle({ type: 'signal', signal }, side.nowMs)
    expect(side.out()).toMatchObject([
      { type: 'rtc-open', options: { iceServers: ICE_SERVERS, relayOnly: false } },
      { type: 'rtc', command: { type: 'accept-offer' } },
    ])
    expect(side.detours.owns(1)).toBe(true)
  })

  test('E110: without TURN servers, without the rendezvous, or without keys the rest is tried', () => {
    const noTurn = new Side()
    noTurn.host.iceServers = undefined
    expect(noTurn.update(down(0)).pass(1_000).paths()).toEqual(['ws-relay'])
    const offline = new Side()
    offline.host.isOnline = false
    expect(offline.update(down(0)).pass(1_000).paths()).toEqual(['turn'])
    const keyless = new Side()
    keyless.host.add(alice, { relayKey: undefined })
    expect(keyless.update(down(0)).pass(1_000).paths()).toEqual(['turn'])
  })

  test('E113: at a change of the network at once', () => {
    const side = new Side()
    side.host.isOnline = false
    side.update(down(0)).pass(1_500)
    side.host.isOnline = true
    expect(side.paths()).toEqual(['turn'])
    side.detours.handle({ type: 'network-changed' }, side.nowMs)
    expect(side.paths()).toEqual(['turn', 'ws-relay'])
  })

  test('E112: a relay that does not answer for 10 s is given up, and tried again', () => {
    const side = new Side()
    side.host.iceServers = undefined
    side.update(down(0)).pass(1_000)
    const [first] = side.detours.carriers
    side.pass(9_000)
    expect(side.detours.carriers).toEqual([first])
    side.pass(6_000)
    expect(side.paths()).toEqual(['ws-relay'])
    expect(side.detours.carriers[0]).not.toBe(first)
  })
})

describe('relays', () => {
  test('E110: one that brings a packet is a carrier, whoever opened it', () => {
    const side = new Side({ polite: true })
    side.detours.relayed(carol, pulse, 0)
    expect(side.detours.carriers).toMatchObject([
      { path: 'member-relay', kind: 'relayed', usable: true },
    ])
    expect(side.types()).toEqual(['seal-relayed', 'seal-relayed', 'changed'])
  })

  test('E110: what is no packet makes none of it usable', () => {
    const side = new Side()
    side.detours.relayed('rendezvous', new Uint8Array(), 0)
    side.detours.relayed('rendezvous', new Uint8Array([9, 1]), 0)
    side.detours.relayed('rendezvous', new Uint8Array([2, 255]), 0)
    expect(side.detours.carriers.map(({ usable }) => usable)).toEqual([false])
  })

  test('E115: word that one is full holds the stream, if it goes there', () => {
    const side = new Side()
    side.detours.relayed('rendezvous', pulse, 0)
    side.out()
    side.detours.full('rendezvous', 250, 1_000)
    side.detours.full(carol, 250, 1_000)
    expect(side.types()).toEqual([])
    side.detours.carriers[0]?.use(true, 1_000)
    side.out()
    side.detours.full('rendezvous', 250, 1_000)
    expect(side.out()).toEqual([{ type: 'hold', untilMs: 1_250 }])
  })

  test('E112: the rendezvous relays nothing to whom it no longer has', () => {
    const side = new Side()
    side.detours.relayed('rendezvous', pulse, 0)
    side.detours.relayed(carol, pulse, 0)
    side.detours.handle({ type: 'absent' }, 0)
    expect(side.paths()).toEqual(['member-relay'])
  })

  test('E112: they are asked for signs of life at ease, and silent ones told within 4.5 s', () => {
    const side = new Side()
    side.detours.relayed('rendezvous', pulse, 0)
    side.update(up('ws-relay'))
    side.out()
    expect(side.pass(1_900).types()).not.toContain('seal-relayed')
    expect(side.pass(2_600).types()).toContain('changed')
    expect(side.detours.carriers[0]?.usable).toBe(false)
  })
})

describe('a link that is up', () => {
  test.each<[Path, (Path | undefined)[]]>([
    ['direct', []],
    ['predicted', []],
    ['member-relay', ['member-relay']],
    ['turn', ['turn', 'member-relay']],
  ])('E112: on %s for 10 s closes what is worse', (path, left) => {
    const side = relayedThen(path)
    const open = (): (Path | undefined)[] =>
      side.detours.carriers
        .filter((carrier) => carrier.open || left.length > 0)
        .map((one) => one.path)
    side.pass(9_000)
    expect(side.paths()).toEqual(['turn', 'ws-relay', 'member-relay'])
    for (const via of ['rendezvous', carol] as const) side.detours.relayed(via, pulse, side.nowMs)
    side.pass(1_000)
    const isTurnLeft = left.includes('turn')
    expect(open().filter((one) => one !== 'turn' || isTurnLeft)).toEqual(left)
    expect(side.types().includes('rtc-close')).toBe(!isTurnLeft)
  })

  test('E112: on the way to it a change begins the 10 s anew', () => {
    const side = relayedThen('direct').pass(8_000)
    side.update(down(side.nowMs)).pass(500)
    side.update(up('direct')).pass(9_000)
    expect(side.paths()).toContain('ws-relay')
  })

  test.each<Path>(['direct', 'member-relay'])(
    'E119: on %s two who closed a relay do not call each other back to it',
    (path) => {
      const sides = [relayedThen(path).pass(19_000), relayedThen(path).pass(19_000)] as const
      for (const side of sides) {
        side.out()
        expect(side.paths()).not.toContain('ws-relay')
      }
      sides[0].detours.relayed('rendezvous', pulse, 20_000)
      expect(talkOf(...sides)).toBe(1)
      for (const side of sides) expect(side.paths()).not.toContain('ws-relay')
    },
  )

  test('E119: who sends the packets of a link by a closed relay has it opened, and kept while it does', () => {
    const side = relayedThen('direct').pass(19_000)
    side.out()
    const hear = (using?: true): (Path | undefined)[] => {
      const frame = encodePulseFrame({ type: 'ping', number: 1, using })
      side.detours.relayed('rendezvous', Uint8Array.from([2, ...frame]), side.nowMs)
      return side
        .pass(100)
        .paths()
        .filter((path) => path !== 'turn')
    }
    expect(hear()).toEqual([])
    expect(side.types()).toEqual(['seal-relayed'])
    expect(hear(true)).toEqual(['ws-relay'])
    expect(side.types()).toContain('changed')
    side.pass(2_000)
    expect(hear(true)).toEqual(['ws-relay'])
    expect(hear()).toEqual([])
    side.out()
    side.detours.relayed('rendezvous', Uint8Array.from([0, 7]), side.nowMs)
    expect(side.types()).toContain('packet')
  })

  test('E113: on a relay better ones are still looked for', () => {
    const side = relayedThen('ws-relay')
    side.wanted.splice(0)
    side.pass(10_000)
    expect(side.wanted.length).toBeGreaterThan(0)
    const good = relayedThen('direct')
    good.wanted.splice(0)
    good.pass(60_000)
    expect(good.wanted).toEqual([])
  })
})

describe('the end', () => {
  test('E53: closed detours leave no deadline and no connection', () => {
    const side = new Side().update(down(0)).pass(1_000)
    side.out()
    side.detours.close(side.nowMs)
    expect(side.types()).toEqual(['rtc-close'])
    expect(side.detours.deadlineMs()).toBe(undefined)
    side.detours.relayed('rendezvous', pulse, side.nowMs)
    expect(side.types()).toEqual([])
    expect(side.done).toEqual([alice])
  })
})

describe('why a path is not direct', () => {
  test('E110: is known as long as it is not', () => {
    const side = new Side().update({ ...up('ws-relay'), standing: 'connecting' })
    expect(side.detours.hindrance).toBe('trying')
    side.update({ ...up('ws-relay'), standing: 'unreachable' })
    expect(side.detours.hindrance).toBe('no-path')
    side.host.add(alice, { hidden: true })
    expect(side.detours.hindrance).toBe('they-hide')
    side.host.card = { ...side.host.card, hidden: true }
    expect(side.detours.hindrance).toBe('hiding')
    side.update(up('direct'))
    expect(side.detours.hindrance).toBe(undefined)
  })
})
