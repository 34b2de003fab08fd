import { testAppend, textOfStored, VirtualClock } from '@knothole/testkit'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../../ports/index.ts'
import type { LogStore, StoredLog, StoreTrouble, StoreWrite } from '../../ports/index.ts'
import { MemoryLog, MemoryLogStore } from './memory-log-store.ts'
import { StoreDesk } from './store-desk.ts'

const HALF_MINUTE_MS = 30_000
const KEEP: StoreWrite = { type: 'note', key: 'keep', order: 1, value: new Uint8Array([1]) }

/** A device that makes the trouble it is told to. */
class Device {
  readonly log = new MemoryLog()
  readonly clock = new VirtualClock()
  readonly states: string[] = []
  readonly late: StoredLog[] = []
  openTrouble: StoreTrouble | undefined
  writeTrouble: StoreTrouble | undefined
  isDamaged = false
  opened = 0
  readonly written: (readonly StoreWrite[])[] = []
  readonly desk = new StoreDesk({
    open: () => this.open(),
    clock: this.clock,
    onState: (state) => this.states.push(state),
    onLate: (stored) => this.late.push(stored),
  })

  async open(): Promise<LogStore> {
    if (this.openTrouble !== undefined) throw new StoreError(this.openTrouble, 'as the test wants')
    this.opened += 1
    const store = new MemoryLogStore(this.log)
    return {
      load: async () => ({ ...(await store.load()), isDamaged: this.isDamaged }),
      write: async (writes) => {
        if (this.writeTrouble !== undefined) throw new StoreError(this.writeTrouble, 'so it is')
        this.written.push(writes)
        await store.write(writes)
      },
      erase: () => store.erase(),
      close: () => store.close(),
    }
  }

  /** What is kept, as the conformance suite writes it. */
  async kept(): Promise<string> {
    return textOfStored(await new MemoryLogStore(this.log).load())
  }

  /** What should be kept after some writes. */
  static async textOf(writes: readonly StoreWrite[]): Promise<string> {
    const store = new MemoryLogStore()
    await store.write(writes)
    return textOfStored(await store.load())
  }

  async later(ms: number): Promise<void> {
    this.clock.advance(ms)
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  }
}

describe('the desk of a store', () => {
  it('E371 keeps what it is given and says so', async () => {
    const device = new Device()
    const { desk } = device
    expect((await desk.load())?.blocks).toEqual([])
    expect(await desk.write([testAppend(1, [1, 3])])).toBe('durable')
    expect(device.states).toEqual(['durable'])
    expect(await device.kept()).toBe(await Device.textOf([testAppend(1, [1, 3])]))
    await desk.close()
    expect(await desk.write([testAppend(1, [4, 4])])).toBe('memory')
  })

  it('E371 says that something of it is damaged, and goes on keeping', async () => {
    const device = new Device()
    device.isDamaged = true
    await device.desk.load()
    expect(await device.desk.write([testAppend(1, [1, 3])])).toBe('durable')
    expect(device.states).toEqual(['damaged'])
  })

  it('E372 holds what a full disk refuses, in order, and keeps all of it when there is room', async () => {
    const device = new Device()
    const { desk } = device
    await desk.load()
    device.writeTrouble = 'full'
    const forget: StoreWrite = {
      type: 'bodies',
      feed: testAppend(1, [1, 1]).feed,
      bodies: [[2, undefined]],
    }
    expect(await desk.write([testAppend(1, [1, 3])])).toBe('memory')
    expect(await desk.write([forget])).toBe('memory')
    await device.later(HALF_MINUTE_MS)
    expect(device.states).toEqual(['durable', 'full'])
    expect(await device.kept()).toBe('')
    device.writeTrouble = undefined
    expect(await desk.write([testAppend(1, [4, 4])])).toBe('memory')
    await device.later(HALF_MINUTE_MS)
    expect(device.states).toEqual(['durable', 'full', 'durable'])
    const all = [testAppend(1, [1, 3]), forget, testAppend(1, [4, 4])]
    expect(await device.kept()).toBe(await Device.textOf(all))
    expect(device.written[0], 'what shall be gone goes first').toEqual([forget])
    expect(await desk.write([testAppend(1, [5, 5])])).toBe('durable')
  })

  it('E373 holds what a store that is blocked cannot take yet, and tells late what it had kept', async () => {
    const device = new Device()
    await new MemoryLogStore(device.log).write([testAppend(1, [1, 3])])
    device.openTrouble = 'blocked'
    const { desk } = device
    expect(await desk.load()).toBeUndefined()
    expect(await desk.write([testAppend(1, [4, 4])])).toBe('memory')
    expect(device.states).toEqual(['blocked'])
    device.openTrouble = undefined
    await device.later(HALF_MINUTE_MS)
    expect(device.states).toEqual(['blocked', 'durable'])
    expect(device.late.map(textOfStored)).toEqual([await Device.textOf([testAppend(1, [1, 3])])])
    const all = [testAppend(1, [1, 3]), testAppend(1, [4, 4])]
    expect(await device.kept()).toBe(await Device.textOf(all))
  })

  it.each([
    ['unavailable', 'memory'],
    ['damaged', 'damaged'],
  ] as const)('E374 keeps in memory where a store is %s, and asks again', async (code, state) => {
    const device = new Device()
    device.openTrouble = code
    expect(await device.desk.load()).toBeUndefined()
    expect(await device.desk.write([testAppend(1, [1, 1])])).toBe('memory')
    expect(device.states).toEqual([state])
    device.openTrouble = undefined
    await device.later(HALF_MINUTE_MS)
    expect(device.states).toEqual([state, 'durable'])
    expect(await device.kept()).not.toBe('')
  })

  it('E374 opens a store anew that failed without a known reason', async () => {
    const device = new Device()
    await device.desk.load()
    device.writeTrouble = 'unavailable'
    await device.desk.write([testAppend(1, [1, 1])])
    device.writeTrouble = undefined
    await device.later(HALF_MINUTE_MS)
    expect(device.opened).toBe(2)
    expect(device.states).toEqual(['durable', 'memory', 'durable'])
  })

  it.each([
    ['newer', 'newer'],
    ['closed', 'memory'],
  ] as const)('E375 never writes again to a store that is %s', async (code, state) => {
    const device = new Device()
    await device.desk.load()
    device.writeTrouble = code
    expect(await device.desk.write([testAppend(1, [1, 1])])).toBe('memory')
    device.writeTrouble = undefined
    expect(await device.desk.write([testAppend(1, [1, 1])])).toBe('memory')
    await device.later(10 * HALF_MINUTE_MS)
    expect(device.states).toEqual(['durable', state])
    expect(await device.kept()).toBe('')
  })

  it('E376 lets all go at once but a note, and keeps nothing until it is told to', async () => {
    const device = new Device()
    const { desk } = device
    await desk.load()
    await desk.write([testAppend(1, [1, 3])])
    expect(await desk.erase([KEEP])).toBe(true)
    expect(device.states).toEqual(['durable', 'memory'])
    expect(await desk.write([testAppend(1, [4, 4])])).toBe('memory')
    await device.later(HALF_MINUTE_MS)
    expect(await device.kept()).toBe(await Device.textOf([KEEP]))
    desk.reopen()
    expect(await desk.write([testAppend(1, [1, 4])])).toBe('durable')
    expect(device.states).toEqual(['durable', 'memory', 'durable'])
  })

  it('E376 lets go what another window has written since it was erased there', async () => {
    const device = new Device()
    await device.desk.load()
    await new MemoryLogStore(device.log).erase()
    await new MemoryLogStore(device.log).write([testAppend(1, [1, 3])])
    expect(await device.desk.erase()).toBe(true)
    expect(await device.kept()).toBe('')
  })

  it('E376 says when not even that is possible', async () => {
    const device = new Device()
    device.openTrouble = 'newer'
    await device.desk.load()
    expect(await device.desk.erase()).toBe(false)
    expect(device.states).toEqual(['newer'])
  })
})
