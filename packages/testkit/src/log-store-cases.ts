// How every LogStore behaves, as cases that run wherever the store does: in Node and in a browser's page,
// under any test runner. A case throws when the store does something else.
import { feedIdOf } from '@knothole/wire'
import type { Bytes, FeedId } from '@knothole/wire'
import type { LogStore, StoredBlock, StoreError, StoreWrite } from '@knothole/engine/ports'
import { LogStoreModel, textOfStored } from './log-store-model.ts'
import { SeededRandom } from './seeded-random.ts'

/** A device without anything on it yet. The case closes what it opens. */
export interface LogStoreWorld {
  /** Opens the log of a room; several openings are as several pages of one browser. */
  open(room: number): Promise<LogStore>
}

export interface LogStoreCase {
  readonly title: string
  readonly run: (world: LogStoreWorld) => Promise<void>
}

/** A feed's id, and whose it is. */
export function testFeed(byte: number): Pick<StoredBlock, 'feed' | 'name'> {
  const name = { author: bytes(32, byte), nonce: bytes(8, byte) }
  return { feed: feedIdOf(bytes(16, byte)), name }
}

/** Entries `from` to `upTo` of a feed, each with a header and a body of its own, and a proof of the last. */
export function testAppend(
  byte: number,
  [from, upTo]: readonly [number, number],
  size = 40,
): { readonly type: 'append' } & StoredBlock {
  const sequences = Array.from({ length: upTo - from + 1 }, (_, index) => from + index)
  return {
    type: 'append',
    ...testFeed(byte),
    from,
    entries: sequences.map((sequence) => ({
      header: numbered(100, byte, sequence),
      body: numbered(size, byte + 1, sequence),
    })),
    proofs: [{ sequence: upTo, proof: numbered(64, byte + 2, upTo) }],
  }
}

function bytes(length: number, byte: number): Bytes {
  return new Uint8Array(length).fill(byte)
}

function numbered(length: number, byte: number, number: number): Bytes {
  const made = bytes(length, byte)
  new DataView(made.buffer).setUint32(0, number)
  return made
}

const feed = (byte: number): FeedId => testFeed(byte).feed

const note = (key: string, order: number, byte: number): StoreWrite => ({
  type: 'note',
  key,
  order,
  value: bytes(10, byte),
})

const FORGET_3: StoreWrite = { type: 'bodies', feed: feed(1), bodies: [[3, undefined]] }

/** Writes, closes, opens again and compares with what the model says. */
async function keeps(
  world: LogStoreWorld,
  batches: readonly (readonly StoreWrite[])[],
): Promise<void> {
  const model = new LogStoreModel()
  const store = await world.open(1)
  for (const writes of batches) {
    await store.write(writes)
    model.write(writes)
  }
  same(textOfStored(await store.load()), model.text())
  await store.close()
  await holds(world, model)
}

async function holds(world: LogStoreWorld, model: LogStoreModel): Promise<void> {
  const again = await world.open(1)
  const stored = await again.load()
  same(textOfStored(stored), model.text())
  same(stored.damaged.length + Number(stored.isDamaged), 0)
  await again.close()
}

/** @throws when they differ; says where. */
function same(got: unknown, expected: unknown): void {
  if (got === expected) return
  const [one, other] = [String(got), String(expected)].map((text) => text.split('\n'))
  const extra = one?.filter((line) => !other?.includes(line)) ?? []
  const missing = other?.filter((line) => !one?.includes(line)) ?? []
  throw new Error(`too much: ${extra.join(' | ')}; missing: ${missing.join(' | ')}`)
}

async function refused(code: StoreError['code'], call: () => Promise<unknown>): Promise<void> {
  const error: unknown = await call().then(
    () => undefined,
    (error: unknown) => error,
  )
  const got = typeof error === 'object' && error !== null && 'code' in error ? error.code : error
  same(got, code)
}

const writing: readonly LogStoreCase[] = [
  {
    title: 'keeps nothing at first',
    run: (world) => keeps(world, []),
  },
  {
    title: 'keeps entries, with and without bodies, proofs and notes',
    run: (world) => {
      const bare = testAppend(3, [1, 2])
      const entries = bare.entries.map(({ header }) => ({ header, body: undefined }))
      return keeps(world, [
        [testAppend(1, [1, 5]), testAppend(2, [1, 1]), note('a', 1, 1)],
        [testAppend(1, [6, 6]), { ...bare, entries }, note('b', 0, 2)],
      ])
    },
  },
  {
    title: 'keeps what it has when the same entries are written again, and what is new of them',
    run: (world) =>
      keeps(world, [
        [testAppend(1, [3, 5])],
        [{ ...testAppend(2, [1, 8]), feed: feed(1) }],
        [testAppend(1, [1, 8])],
      ]),
  },
  {
    title: 'keeps what stands beyond a hole, and fills the hole',
    run: (world) =>
      keeps(world, [[testAppend(1, [1, 2])], [testAppend(1, [9, 12])], [testAppend(1, [2, 9])]]),
  },
  {
    title: 'lets bodies go and takes late ones, in any order with what is written along',
    run: (world) =>
      keeps(world, [
        [testAppend(1, [1, 4]), FORGET_3, testAppend(1, [5, 6])],
        [
          {
            type: 'bodies',
            feed: feed(1),
            bodies: [
              [3, bytes(5, 5)],
              [5, undefined],
              [77, bytes(1, 1)],
            ],
          },
        ],
        [{ type: 'bodies', feed: feed(2), bodies: [[1, undefined]] }, FORGET_3],
      ]),
  },
  {
    title: 'removes entries at the beginning, in the middle, at the end, and all',
    run: (world) =>
      keeps(world, [
        [testAppend(1, [1, 20]), testAppend(2, [1, 5]), testAppend(3, [1, 5])],
        [{ type: 'remove', feed: feed(1), from: 1, upTo: 4 }],
        [{ type: 'remove', feed: feed(1), from: 9, upTo: 11 }],
        [testAppend(1, [21, 22]), { type: 'remove', feed: feed(1), from: 18, upTo: Infinity }],
        [{ type: 'remove', feed: feed(2), from: 1, upTo: 5 }, testAppend(3, [6, 6])],
        [testAppend(1, [3, 10]), testAppend(2, [4, 5])],
      ]),
  },
  {
    title: 'keeps of notes with one key the one of the greatest order',
    run: (world) =>
      keeps(world, [
        [note('a', 5, 1), note('a', 4, 2), note('cut', -7, 1)],
        [note('a', 5, 3), note('b', 1, 1), note('cut', -8, 2)],
        [note('a', 6, 4), note('cut', -3, 3)],
      ]),
  },
  {
    title: 'keeps the longest bodies and headers there are',
    run: (world) => {
      const long = testAppend(1, [1, 9], 20 * 1024)
      const entries = long.entries.map(({ body }) => ({ header: bytes(1024, 7), body }))
      return keeps(world, [[{ ...long, entries }], [testAppend(1, [10, 10], 20 * 1024), FORGET_3]])
    },
  },
  {
    title: 'keeps three hundred entries that came one by one, and lets some of them go',
    run: (world) =>
      keeps(world, [
        ...Array.from({ length: 300 }, (_, at) => [testAppend(1, [at + 1, at + 1])]),
        [FORGET_3, { type: 'remove', feed: feed(1), from: 250, upTo: 270 }],
      ]),
  },
]

const together: readonly LogStoreCase[] = [
  {
    title: 'takes calls that overlap in the order they were made',
    async run(world) {
      const model = new LogStoreModel()
      const store = await world.open(1)
      const batches = [[testAppend(1, [1, 9])], [FORGET_3], [note('a', 1, 1)], [note('a', 2, 2)]]
      const done = batches.map((writes) => store.write(writes))
      for (const writes of batches) model.write(writes)
      const loaded = await store.load()
      same(textOfStored(loaded), model.text())
      await Promise.all(done)
      await store.close()
    },
  },
  {
    title: 'keeps rooms apart',
    async run(world) {
      const [one, other] = [await world.open(1), await world.open(2)]
      await one.write([testAppend(1, [1, 3]), note('a', 1, 1)])
      same(textOfStored(await other.load()), '')
      await other.erase()
      const model = new LogStoreModel()
      model.write([testAppend(1, [1, 3]), note('a', 1, 1)])
      await one.close()
      await holds(world, model)
    },
  },
  {
    title: 'keeps all that two pages write at once, which is partly the same',
    async run(world) {
      const model = new LogStoreModel()
      const stores = [await world.open(1), await world.open(1)]
      const batches = Array.from({ length: 40 }, (_, at) => [
        testAppend(1, [at * 3 + 1, at * 3 + 3]),
        testAppend(2, [at + 1, at + 2]),
        note('a', at, at),
      ])
      for (const writes of batches) model.write(writes)
      await Promise.all(
        stores.flatMap((store, own) => [
          ...batches.map((writes) => store.write(writes)),
          store.write([testAppend(7 + own, [1, 3])]),
        ]),
      )
      model.write([testAppend(7, [1, 3]), testAppend(8, [1, 3])])
      await Promise.all(stores.map((store) => store.close()))
      await holds(world, model)
    },
  },
  {
    title: 'lets a body go while another page writes beside it',
    async run(world) {
      const model = new LogStoreModel()
      const [one, other] = [await world.open(1), await world.open(1)]
      const begin = Array.from({ length: 40 }, (_, at) => testAppend(1, [at + 1, at + 1]))
      await one.write(begin)
      await other.load()
      const forget = begin.map((_, at): StoreWrite => ({
        type: 'bodies',
        feed: feed(1),
        bodies: [[at + 1, undefined]],
      }))
      const more = begin.map((_, at) => testAppend(1, [at + 41, at + 41]))
      await Promise.all([
        ...forget.map((write) => other.write([write])),
        ...more.map((write) => one.write([write])),
      ])
      for (const writes of [begin, forget, more]) model.write(writes)
      await Promise.all([one.close(), other.close()])
      await holds(world, model)
    },
  },
]

const ending: readonly LogStoreCase[] = [
  {
    title: 'has nothing left once it was erased, and closes for everyone who has it open',
    async run(world) {
      const [one, other] = [await world.open(1), await world.open(1)]
      await one.write([testAppend(1, [1, 300]), note('a', 1, 1)])
      await other.load()
      await one.erase()
      await refused('closed', () => other.write([testAppend(1, [301, 301])]))
      await refused('closed', () => one.load())
      await other.close()
      await keeps(world, [[testAppend(1, [301, 301])]])
    },
  },
  {
    title: 'does what was under way before it closes, and nothing after',
    async run(world) {
      const store = await world.open(1)
      const written = store.write([testAppend(1, [1, 3])])
      const closed = store.close()
      await refused('closed', () => store.write([testAppend(1, [4, 4])]))
      await refused('closed', () => store.load())
      await Promise.all([written, closed, store.close()])
      const model = new LogStoreModel()
      model.write([testAppend(1, [1, 3])])
      await holds(world, model)
    },
  },
  {
    title: 'does what the model does, whatever the writes',
    async run(world) {
      for (const seed of [1, 2, 3]) await random(world, seed)
    },
  },
]

/** Writes at random, from two pages in turn, in a room of their own. */
async function random(world: LogStoreWorld, seed: number): Promise<void> {
  const draw = new SeededRandom(seed)
  const upTo = (limit: number): number => Math.floor(draw.next() * limit) + 1
  const model = new LogStoreModel()
  const stores = [await world.open(10 + seed), await world.open(10 + seed)]
  for (let round = 0; round < 60; round += 1) {
    const writes = Array.from({ length: upTo(4) }, () => randomWrite(upTo))
    model.write(writes)
    await stores[upTo(2) - 1]?.write(writes)
  }
  for (const store of stores) same(textOfStored(await store.load()), model.text())
  await Promise.all(stores.map((store) => store.close()))
}

function randomWrite(upTo: (limit: number) => number): StoreWrite {
  const of = upTo(2)
  const from = upTo(120)
  const kind = upTo(10)
  if (kind <= 6) return testAppend(of, [from, from + upTo(30) - 1])
  if (kind === 7) return note(`${upTo(3)}`, upTo(50), upTo(9))
  if (kind === 8) return { type: 'remove', feed: feed(of), from, upTo: from + upTo(40) }
  const bodies = Array.from(
    { length: upTo(5) },
    () => [upTo(150), upTo(2) === 1 ? undefined : bytes(upTo(60), 9)] as const,
  )
  return { type: 'bodies', feed: feed(of), bodies }
}

/** The suite. */
export const logStoreCases: readonly LogStoreCase[] = [...writing, ...together, ...ending]
