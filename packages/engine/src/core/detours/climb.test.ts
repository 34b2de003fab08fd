import type { Bytes } from '@knothole/wire'
import { PunchBudget } from '@knothole/traversal/ladder'
import type { LadderMemory, PortSample } from '@knothole/traversal/ladder'
import { describe, expect, test } from 'vitest'
import { Climb } from './climb.ts'
import type { ClimbCommand, ClimbEvent, ClimbView } from './climb.ts'

// Reports as cards carry them: udp open, mapping, filtering, allocation …; see the traversal package.
const KEPT = '11131000 0 0 0 0 0 203.0.113.20'
const WALKS = '11332000 1 0 0 0 0 203.0.113.21'

const DESCRIPTION = {
  fingerprint: `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  credentials: [{ ufrag: 'abcd', password: 'abcdefghijklmnopqrstuvwx' }],
}
const SAMPLE: PortSample = { address: '203.0.113.21', ports: [40_000, 40_001, 40_002, 40_003] }

class Side {
  readonly climb: Climb
  readonly commands: ClimbCommand[] = []
  readonly notes: Bytes[] = []
  readonly sent: string[] = []
  view: ClimbView = {
    isUp: true,
    mine: undefined,
    theirs: undefined,
    seen: undefined,
    settings: { munging: true, hideAddress: false, saveData: false, relays: [] },
  }
  changes = 0
  #connections = 0

  constructor(
    me: string,
    other: string,
    memoryOf: (pair: string) => LadderMemory | undefined = () => undefined,
  ) {
    this.climb = new Climb(
      {
        me,
        other,
        random: () => 0.5,
        newConnection: () => ++this.#connections,
        view: () => this.view,
        memoryOf,
        budget: new PunchBudget(),
      },
      0,
    )
  }

  sees(view: Partial<ClimbView>, nowMs = 0): this {
    this.view = { ...this.view, ...view }
    this.climb.tick(nowMs)
    return this.drain()
  }

  tell(event: ClimbEvent, nowMs = 0): this {
    this.climb.handle({ type: 'climb', event }, nowMs)
    return this.drain()
  }

  hear(note: Bytes, nowMs = 0): this {
    const signal = { type: 'note', note, sequence: 1, attempt: 0 } as const
    this.climb.handle({ type: 'signal', signal }, nowMs)
    return this.drain()
  }

  drain(): this {
    for (let out = this.climb.poll(); out !== undefined; out = this.climb.poll()) {
      if (out.type === 'climb') this.commands.push(out.command)
      else if (out.type === 'note') this.notes.push(out.note)
      else if (out.type === 'changed') this.changes += 1
      else if (out.type === 'rtc-close') this.sent.push(`close ${out.connection}`)
    }
    return this
  }

  take(): ClimbCommand[] {
    return this.commands.splice(0)
  }
}

/** Two sides, both reports known, until each has been told to begin. */
function begin(): { alice: Side; bob: Side } {
  const alice = new Side('a', 'b').sees({ mine: KEPT, theirs: WALKS })
  const bob = new Side('b', 'a').sees({ mine: WALKS, theirs: KEPT })
  const pass = (): void => {
    for (const note of alice.notes.splice(0)) bob.hear(note)
    for (const note of bob.notes.splice(0)) alice.hear(note)
  }
  const ports = { address: '203.0.113.20', ports: [5_000] }
  alice.tell({ type: 'prepared', attempt: 1, description: DESCRIPTION, sample: ports })
  pass()
  bob.tell({ type: 'prepared', attempt: 1, description: DESCRIPTION })
  bob.tell({ type: 'sampled', attempt: 1, sample: SAMPLE })
  pass()
  return { alice, bob }
}

const typesOf = (commands: readonly ClimbCommand[]): string[] => commands.map(({ type }) => type)

describe('a climb', () => {
  test('E200: begins when both cards tell of NATs that plain ICE does not connect', () => {
    const alice = new Side('a', 'b').sees({ mine: KEPT })
    expect(alice.take()).toEqual([])
    alice.sees({ theirs: KEPT })
    expect(typesOf(alice.take())).not.toContain('prepare')
    alice.sees({ theirs: WALKS })
    expect(alice.take()).toMatchObject([
      { type: 'prepare', preparation: { rung: 'predicted', gather: true }, listens: true },
    ])
  })

  test('E200: does not begin for who hides an address, nor while no note arrives', () => {
    const hidden = { munging: true, hideAddress: true, saveData: false, relays: [] }
    const alice = new Side('a', 'b').sees({ settings: hidden, mine: KEPT, theirs: WALKS })
    expect(alice.take()).toEqual([])
    const alone = new Side('a', 'b').sees({ isUp: false, mine: KEPT, theirs: WALKS })
    expect(alone.take()).toEqual([])
    expect(typesOf(alone.sees({ isUp: true }).take())).toEqual(['prepare'])
  })

  test('E201: both sides prepare, learn of the other and begin; the smaller id listens', () => {
    const { alice, bob } = begin()
    expect(typesOf(alice.take())).toEqual(['prepare', 'apply', 'go'])
    const [prepare, apply, , go] = bob.take()
    expect(prepare).toMatchObject({ type: 'prepare', listens: false })
    expect(apply).toMatchObject({ type: 'apply', description: DESCRIPTION })
    expect(go).toMatchObject({ type: 'go', plan: { address: '203.0.113.20', ports: [[5_000]] } })
  })

  test('E202: what opens is a carrier under a number of its own, and the attempt ends', () => {
    const { alice } = begin()
    alice.take()
    alice.tell({ type: 'opened', attempt: 1 }, 300)
    expect(alice.climb.carrier).toMatchObject({ connection: 1, path: 'predicted', usable: true })
    expect(alice.take()).toMatchObject([
      { type: 'adopt', attempt: 1, connection: 1 },
      { type: 'end', attempt: 1 },
      { type: 'remember', memory: { won: 'predicted', failures: 0 } },
    ])
    expect(alice.changes).toBe(1)
    // Nothing more is tried while the link moves over.
    alice.sees({}, 5_000)
    expect(typesOf(alice.take())).not.toContain('prepare')
  })

  test('E203: an attempt that this runtime cannot make is over, and another follows', () => {
    const alice = new Side('a', 'b').sees({ mine: KEPT, theirs: WALKS })
    alice.take()
    alice.tell({ type: 'failed', attempt: 1 }, 10)
    expect(typesOf(alice.take())).toEqual(['end'])
    alice.sees({}, alice.climb.deadlineMs() ?? 0)
    expect(alice.take()).toMatchObject([{ type: 'prepare', preparation: { attempt: 2 } }])
  })

  test('E204: asks what is remembered of the pair of networks, and keeps what was learnt under it', () => {
    const asked: string[] = []
    const alice = new Side('a', 'b', (pair) => {
      asked.push(pair)
      return { failures: 1 }
    }).sees({ mine: KEPT, theirs: WALKS })
    alice.sees({}, 1)
    expect(asked).toEqual(['203.0.113 203.0.113'])
    alice.tell({ type: 'opened', attempt: 1 }, 300)
    expect(alice.take()).toContainEqual(
      expect.objectContaining({ type: 'remember', pair: '203.0.113 203.0.113' }),
    )
  })

  test('E202: closing ends the attempt and the connection, and nothing is heard any more', () => {
    const { alice } = begin()
    alice.tell({ type: 'opened', attempt: 1 }, 300).take()
    alice.climb.close(400)
    alice.drain()
    expect(alice.sent).toEqual(['close 1'])
    expect(alice.climb.deadlineMs()).toBeUndefined()
    alice.sees({ theirs: KEPT }, 500)
    expect(alice.take()).toEqual([])
  })

  test('E206: bytes that are no note change nothing', () => {
    const { alice } = begin()
    alice.take()
    alice.hear(new Uint8Array([1, 2, 3]))
    expect(alice.take()).toEqual([])
  })
})

describe('the doctor of a climb', () => {
  const open = { mine: false, theirs: false }

  test('E56: names the reason once both reports are known, and nothing where the path is direct', () => {
    const alice = new Side('a', 'b').sees({ mine: KEPT })
    expect(alice.climb.diagnose(open)?.reason).toBe('unexplained')
    const blocked = '12000000 0 0 0 0 1'
    expect(alice.sees({ theirs: blocked }).climb.diagnose(open)).toMatchObject({
      reason: 'udp-blocked',
      side: 'theirs',
      help: ['allow-udp', 'other-network'],
    })
    alice.climb.use('direct', 1)
    expect(alice.climb.diagnose(open)).toBeUndefined()
  })

  test('E56: says who hides before anything else', () => {
    const alice = new Side('a', 'b').sees({ mine: KEPT, theirs: WALKS })
    expect(alice.climb.diagnose({ mine: true, theirs: false })).toMatchObject({
      reason: 'hidden',
      side: 'mine',
    })
  })
})
