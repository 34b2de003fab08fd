import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { RendezvousRig } from './rendezvous.testing.ts'
import type { Visitor } from './rendezvous.testing.ts'

/** What a run has: a rig, its room and everybody who ever came. */
interface Run {
  readonly rig: RendezvousRig
  readonly room: ReturnType<RendezvousRig['makeRoom']>
  readonly visitors: Visitor[]
}

type Step = (run: Run) => void

const socket = fc.integer({ min: 0, max: 6 })
const offer = new Uint8Array([2])

const clientFrame = fc.oneof(
  fc.constant({ type: 'ping' }),
  fc.constant({ type: 'leave' }),
  fc.constant({ type: 'ice-servers' }),
  fc.record({
    type: fc.constantFrom('card', 'signal', 'join'),
    card: fc.uint8Array(),
    sealed: fc.uint8Array(),
  }),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(socket, fc.uint8Array({ maxLength: 300 }), fc.boolean())
    .map(([socket, data, isBinary]): Step => {
      return ({ rig }) => rig.input({ type: 'message', socket, data, isBinary })
    }),
  fc.tuple(socket, clientFrame).map(([socket, frame]): Step => {
    return ({ rig }) => rig.send(socket, frame as never)
  }),
  fc.tuple(socket, socket).map(([from, index]): Step => {
    return ({ rig, visitors }) => {
      const to = visitors[index % visitors.length]?.peer
      if (to !== undefined) rig.send(from, { type: 'signal', to, sealed: offer })
    }
  }),
  fc.tuple(socket, socket, fc.uint8Array({ minLength: 1 })).map(([from, index, body]): Step => {
    return ({ rig, visitors }) => {
      const to = visitors[index % visitors.length]?.peer
      if (to !== undefined) rig.send(from, { type: 'relay', to, body: Uint8Array.from(body) })
    }
  }),
  fc.tuple(socket, fc.constantFrom('192.0.2.1', '::', 'nowhere')).map(([from, address]): Step => {
    return ({ rig }) => rig.send(from, { type: 'probe', address, port: 1 })
  }),
  fc.constant<Step>(({ rig }) => {
    for (const { socket, place } of rig.of('probe')) {
      const result = { ...place, otherAddress: 'silent', otherPort: 'answered' } as const
      rig.input({ type: 'probed', socket, result })
    }
  }),
  fc.constant<Step>(({ rig, room, visitors }) => visitors.push(rig.join(room, { offer }))),
  fc.constant<Step>(({ rig, room, visitors }) => {
    const [alice] = visitors
    if (alice !== undefined) visitors.push(rig.join(room, { keys: alice.keys, offer }))
  }),
  fc.constant<Step>(({ rig, room }) => rig.open(room)),
  fc.constantFrom('socket-closed', 'sign-of-life', 'room-look-up-failed').chain((type) =>
    socket.map((socket): Step => {
      return ({ rig }) => rig.input({ type, socket })
    }),
  ),
  fc.integer({ min: 0, max: 60_000 }).map(
    (ms): Step =>
      ({ rig }) =>
        rig.advance(ms),
  ),
  fc.tuple(socket, fc.constantFrom(0, 50_000, 1_000_000)).map(([socket, bytes]): Step => {
    return ({ rig }) => rig.backlog.set(socket, bytes)
  }),
)

/** Sockets for which there was an output after their end. */
function spokenToAfterEnd({ outputs }: RendezvousRig): number[] {
  const ended = new Set<number>()
  return outputs.flatMap((output) => {
    if (!('socket' in output)) return []
    const isAfterEnd = ended.has(output.socket)
    if (output.type === 'close' || output.type === 'drop') ended.add(output.socket)
    return isAfterEnd ? [output.socket] : []
  })
}

it('R23 never throws, speaks to no socket that ended, and sends sound frames only', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rig = new RendezvousRig({ turnSecret: 'sesame' })
      const room = rig.makeRoom()
      const run: Run = { rig, room, visitors: [rig.join(room), rig.join(room)] }
      for (const act of steps) act(run)
      expect(spokenToAfterEnd(rig)).toEqual([])
      // Decodes, and throws at a frame that wire would not take.
      for (const visitor of run.visitors) rig.frames(visitor.socket)
    }),
    { numRuns: 150 },
  )
})
