import { expect, test } from 'vitest'
import { FakeInternet } from './fake-internet.ts'
import { FakeSockets } from './fake-sockets.ts'
import type { ServerSocket } from './fake-sockets.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A server that echoes, one host, and a log of what both ends saw. */
class World {
  readonly clock = new VirtualClock()
  readonly internet = new FakeInternet({
    clock: this.clock,
    random: new SeededRandom('sockets'),
    weather: { jitterMs: 20 },
  })
  readonly host = this.internet.addHost('alice')
  readonly sockets = new FakeSockets(this.internet)
  readonly log: string[] = []
  server: ServerSocket | undefined

  constructor({ isUp = true } = {}) {
    if (!isUp) return
    this.sockets.accept = (server) => {
      this.server = server
      server.send(new Uint8Array([100]))
      return {
        onFrame: (frame) => server.send(frame),
        onClose: () => this.log.push('server closed'),
      }
    }
  }

  readonly open = (): ReturnType<ReturnType<FakeSockets['openFrom']>> =>
    this.sockets.openFrom(this.host)('wss://server/', {
      onOpen: () => this.log.push('open'),
      onFrame: (frame) => this.log.push(`frame ${frame[0]}`),
      onClose: (code) => this.log.push(`closed ${code}`),
    })
}

test('opens, then carries frames in order, though each has its own delay', () => {
  const world = new World()
  const socket = world.open()
  socket.send(new Uint8Array([0]))
  expect(world.log).toEqual([])
  world.clock.advance(100)
  expect(world.log).toEqual(['open', 'frame 100'])
  for (const byte of [1, 2, 3, 4, 5]) socket.send(new Uint8Array([byte]))
  world.clock.advance(100)
  const frames = [1, 2, 3, 4, 5].map((byte) => `frame ${byte}`)
  expect(world.log).toEqual(['open', 'frame 100', ...frames])
})

test('where nobody listens it closes with 1006', () => {
  const world = new World({ isUp: false })
  world.open()
  world.clock.advance(100)
  expect(world.log).toEqual(['closed 1006'])
})

test('closed by the client, both ends hear it once', () => {
  const world = new World()
  const socket = world.open()
  world.clock.advance(100)
  world.log.length = 0
  socket.close()
  socket.send(new Uint8Array([1]))
  world.clock.advance(60_000)
  expect(world.log).toEqual(['server closed', 'closed 1005'])
})

test('closed by the server, after what it sent', () => {
  const world = new World()
  world.open()
  world.clock.advance(100)
  world.log.length = 0
  world.server?.send(new Uint8Array([7]))
  world.server?.close(4404)
  world.clock.advance(60_000)
  expect(world.log).toEqual(['frame 7', 'closed 4404'])
})

test('cut, both ends hear it', () => {
  const world = new World()
  world.open()
  world.clock.advance(100)
  world.log.length = 0
  world.sockets.cut(world.internet.addHost('bob'))
  world.clock.advance(100)
  expect(world.log).toEqual([])
  world.sockets.cut(world.host)
  world.clock.advance(100)
  expect(world.log).toEqual(['closed 1006', 'server closed'])
})

test('silent, nobody hears anything, until the client gives up', () => {
  const world = new World()
  const socket = world.open()
  world.clock.advance(100)
  world.log.length = 0
  let pongs = 0
  world.sockets.silence(world.host)
  socket.send(new Uint8Array([1]))
  world.server?.ping(() => (pongs += 1))
  world.clock.advance(60_000)
  expect([world.log, pongs]).toEqual([[], 0])
  socket.close()
  world.clock.advance(10_000)
  expect(world.log).toEqual(['closed 1006'])
})

test('a ping is answered without the program, unless that is gone', () => {
  const world = new World()
  world.open()
  world.clock.advance(100)
  let pongs = 0
  world.server?.ping(() => (pongs += 1))
  world.clock.advance(100)
  expect(pongs).toBe(1)
  world.sockets.abandon(world.host)
  world.clock.advance(100)
  expect(world.log.at(-1)).toBe('server closed')
})
