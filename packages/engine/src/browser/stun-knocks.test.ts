import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StunKnocks } from './stun-knocks.ts'

const URLS = ['stun:203.0.113.10:3478', 'stun:203.0.113.11:3478']

/** As much of a connection as a knock needs. */
class FakeConnection extends EventTarget {
  static all: FakeConnection[] = []
  readonly servers: number
  isClosed = false

  constructor({ iceServers }: { readonly iceServers: readonly unknown[] }) {
    super()
    this.servers = iceServers.length
    FakeConnection.all.push(this)
  }

  createDataChannel(): void {}

  async setLocalDescription(): Promise<void> {}

  close(): void {
    this.isClosed = true
  }

  answer(): void {
    const candidate = {
      type: 'srflx',
      protocol: 'udp',
      address: '198.51.100.7',
      port: 7,
      url: URLS[0],
    }
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }))
  }
}

beforeEach(() => {
  FakeConnection.all = []
  vi.useFakeTimers()
  vi.stubGlobal('RTCPeerConnection', FakeConnection)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('knocking at a STUN server', () => {
  test('E436: one connection at a time asks one server, a new one each second', () => {
    const knocks = new StunKnocks(URLS, () => undefined)
    for (let asked = 0; asked < 4; asked += 1) {
      knocks.ask()
      vi.advanceTimersByTime(500)
    }
    expect(FakeConnection.all.map(({ servers }) => servers)).toEqual([1, 1])
    expect(FakeConnection.all.map(({ isClosed }) => isClosed)).toEqual([true, false])
  })

  test('E436: an answer is told at once, and nothing is left open', async () => {
    let answers = 0
    const knocks = new StunKnocks(URLS, () => {
      answers += 1
    })
    knocks.ask()
    FakeConnection.all[0]?.answer()
    expect(answers).toBe(1)
    await vi.advanceTimersByTimeAsync(0)
    expect(FakeConnection.all[0]?.isClosed).toBe(true)
    knocks.ask()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(FakeConnection.all.map(({ isClosed }) => isClosed)).toEqual([true, true])
  })

  test('E436: nobody is asked where there is no server, or who has closed', () => {
    new StunKnocks([], () => undefined).ask()
    expect(FakeConnection.all).toEqual([])
    const knocks = new StunKnocks(URLS, () => undefined)
    knocks.ask()
    knocks.close()
    expect(FakeConnection.all.map(({ isClosed }) => isClosed)).toEqual([true])
  })
})
