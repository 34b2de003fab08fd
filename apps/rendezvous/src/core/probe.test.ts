import { describe, expect, it } from 'vitest'
import { closeCodeOf } from '@knothole/wire'
import { PROBE_RATE } from './limits.ts'
import { RendezvousRig } from './rendezvous.testing.ts'

const place = { address: '198.51.100.7', port: 41_000 }
const untested = { type: 'probed', ...place, otherAddress: 'untested', otherPort: 'untested' }

describe('the filtering probe', () => {
  it('R105 asks for packets to the place, and says what was heard', () => {
    const rig = new RendezvousRig()
    const { socket } = rig.join(rig.makeRoom())
    rig.send(socket, { type: 'probe', ...place })
    expect(rig.of('probe')).toEqual([{ type: 'probe', socket, place }])
    const result = { ...place, otherAddress: 'silent', otherPort: 'answered' } as const
    rig.input({ type: 'probed', socket, result })
    expect(rig.framesOf(socket, 'probed')).toEqual([{ type: 'probed', ...result }])
  })

  it('R105 is for those who have joined, and for no socket that has ended since', () => {
    const rig = new RendezvousRig()
    const room = rig.makeRoom()
    const stranger = rig.open(room)
    rig.send(stranger, { type: 'probe', ...place })
    expect(rig.of('probe')).toEqual([])
    expect(rig.closeCode(stranger)).toBe(closeCodeOf('bad-frame'))
    const { socket } = rig.join(room)
    rig.send(socket, { type: 'probe', ...place })
    rig.send(socket, { type: 'leave' })
    const result = { ...place, otherAddress: 'silent', otherPort: 'silent' } as const
    rig.input({ type: 'probed', socket, result })
    expect(rig.framesOf(socket, 'probed')).toEqual([])
  })

  it('R105 has a rate, and what is beyond it or no place is answered as not tested', () => {
    const rig = new RendezvousRig()
    const { socket } = rig.join(rig.makeRoom())
    rig.send(socket, { type: 'probe', address: 'home', port: 1 })
    expect(rig.framesOf(socket, 'probed')).toEqual([{ ...untested, address: 'home', port: 1 }])
    for (let n = 0; n <= PROBE_RATE.burst; n++) rig.send(socket, { type: 'probe', ...place })
    expect(rig.of('probe')).toHaveLength(PROBE_RATE.burst)
    expect(rig.framesOf(socket, 'probed').slice(1)).toEqual([untested])
    expect(rig.closeCode(socket)).toBeUndefined()
  })
})
