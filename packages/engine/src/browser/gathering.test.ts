import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Gatherer } from './gathering.ts'
import { stunServersOf } from './stun-servers.ts'

const URLS = ['stun:203.0.113.10:3478', 'stun:203.0.113.10:3479', 'stun:203.0.113.11:3478']
const SERVERS = stunServersOf(URLS)

/** As much of a connection as gathering needs; tests let it tell what a browser would. */
class FakeConnection extends EventTarget {
  static last: FakeConnection | undefined
  isClosed = false

  constructor() {
    super()
    FakeConnection.last = this
  }

  createDataChannel(): void {}

  async setLocalDescription(): Promise<void> {}

  close(): void {
    this.isClosed = true
  }

  tell(candidate: object | null): this {
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }))
    return this
  }

  host(port: number): this {
    return this.tell({ type: 'host', protocol: 'udp', address: 'x.local', port })
  }

  srflx(port: number, url?: string): this {
    return this.tell({ type: 'srflx', protocol: 'udp', address: '198.51.100.7', port, url })
  }
}

function begin(publicAddress?: string): { gatherer: Gatherer; connection: FakeConnection } {
  const gatherer = new Gatherer(0, SERVERS, { publicAddress })
  const connection = FakeConnection.last
  if (connection === undefined) throw new Error('no connection was opened')
  return { gatherer, connection }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('RTCPeerConnection', FakeConnection)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('gathering', () => {
  test('E214: is over at once when every server saw another place', async () => {
    const { gatherer, connection } = begin()
    URLS.forEach((url, at) => connection.srflx(40_000 + at, url))
    const { candidates, isComplete } = await gatherer.done
    expect(candidates.map(({ server, port }) => [server, port])).toEqual([
      [0, 40_000],
      [1, 40_001],
      [2, 40_002],
    ])
    expect(isComplete).toBe(true)
  })

  test('E214: waits a little for servers that do not answer, and says that it did not end', async () => {
    const { gatherer, connection } = begin()
    connection.host(5_000).srflx(40_000, URLS[0])
    vi.advanceTimersByTime(1_000)
    const gathered = await gatherer.done
    expect(gathered).toMatchObject({ isComplete: false, silent: [], localPort: 5_000 })
  })

  test('E214: a page that was too busy to look has not waited: what came meanwhile is told', async () => {
    const { gatherer, connection } = begin()
    connection.host(5_000)
    // However long the first turn took, the browser tells the page only after it what it heard.
    vi.advanceTimersToNextTimer()
    URLS.forEach((url, at) => connection.srflx(40_000 + at, url))
    const { candidates, silent } = await gatherer.done
    expect([candidates.length, silent]).toEqual([3, []])
  })

  test('E214: nobody answers in 3 s: all are silent', async () => {
    const { gatherer, connection } = begin('198.51.100.7')
    connection.host(5_000)
    vi.advanceTimersByTime(3_000)
    expect(await gatherer.done).toMatchObject({ candidates: [], silent: [0, 1, 2] })
  })

  test('E215: a socket without a NAT is told by its silence, where our address is known', async () => {
    const { gatherer, connection } = begin('198.51.100.7')
    connection.host(5_000).tell(null)
    expect(await gatherer.done).toMatchObject({
      candidates: [{ server: 0, address: '198.51.100.7', port: 5_000 }],
      silent: [],
    })
    const unknown = begin()
    unknown.connection.host(5_000).tell(null)
    const nothing = { candidates: [], silent: [], isComplete: false }
    expect(await unknown.gatherer.done).toMatchObject(nothing)
  })

  test('E215: candidates of a browser that names no server count in the order asked', async () => {
    const { gatherer, connection } = begin()
    connection.srflx(40_000).srflx(40_001).tell(null)
    const { candidates } = await gatherer.done
    expect(candidates.map(({ server }) => server)).toEqual([0, 1])
  })

  test('E214: closing it closes its connection', () => {
    const { gatherer, connection } = begin()
    gatherer.close()
    expect(connection.isClosed).toBe(true)
  })
})
