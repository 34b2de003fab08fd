import { decodeMeshNote, encodeMeshFrame, encodeMeshNote, encodeTalkFrame } from '@knothole/wire'
import type { MeshFrame, MeshNote, PeerId, Signal } from '@knothole/wire'
import { expect, test } from 'vitest'
import { BulkDesk } from '../bulk/bulk-desk.ts'
import { DetoursOfRoom } from '../detours/detours-of-room.ts'
import { MeshOfRoom } from './mesh.ts'
import { offer, participant, Peer, talks } from '../session.testing.ts'
import type { SessionOutput } from '../session-io.ts'

/** Ids in order, all greater than ours (`M…`). */
const others = Array.from('abcdefghijklmnopqrst', (letter) => letter.padEnd(22, 'A') as PeerId)
const [first, second] = others as [PeerId, PeerId]

function load(peer: Peer): Peer {
  return peer.give({
    type: 'detours-loaded',
    open: (host) => new DetoursOfRoom(host),
    openBulk: (host) => new BulkDesk(host),
    openMesh: (host, nowMs) => new MeshOfRoom(host, nowMs),
  })
}

/** We come into a room of so many others. */
function inRoomOf(count: number): Peer {
  const peer = new Peer({ roomIsNew: true })
    .challenged()
    .welcomed(others.slice(0, Math.min(count, 12)))
  const later = others.slice(12, count)
  if (later.length > 0) peer.server({ type: 'people', participants: later.map(participant) })
  for (const other of others.slice(0, count)) peer.card(other, { device: 'desktop' })
  return peer
}

function notesOf(outs: readonly SessionOutput[]): [PeerId, MeshNote][] {
  return outs.flatMap((out) => {
    if (out.type !== 'seal-signal' || out.signal.type !== 'mesh') return []
    const note = decodeMeshNote(out.signal.note)
    return note.ok ? [[out.to, note.value] as [PeerId, MeshNote]] : []
  })
}

let sequence = 100
const mesh = (note: MeshNote): Signal => ({
  type: 'mesh',
  sequence: sequence++,
  attempt: 0,
  note: encodeMeshNote(note),
})

/** They ask, we offer, they answer, the link is up; answers its connection. */
function linkTo(peer: Peer, other: PeerId): number {
  peer.signal(other, mesh({ type: 'ask', links: 0, isUrgent: true }))
  const connection = peer.opened().at(-1) ?? -1
  peer.give({ type: 'rtc', connection, event: { type: 'open' } })
  return connection
}

const isLinked = (peer: Peer, other: PeerId): boolean =>
  peer.session.state().people.some((one) => one.peer === other && one.link.state === 'connected')

test('E450: a room of twelve is a full mesh, and its newcomer offers to all', () => {
  const peer = load(inRoomOf(11))
  expect(peer.opened().length).toBe(11)
  expect(peer.people().length).toBe(11)
})

test('E450: cards of a larger room wait for the code, and then are people without a link', () => {
  const peer = inRoomOf(20)
  expect(peer.people()).toEqual([])
  expect(peer.out().map(({ type }) => type)).toContain('load-detours')
  load(peer)
  expect(peer.people().length).toBe(20)
  expect(peer.session.state().people.every(({ link }) => link.state === 'through')).toBe(true)
  expect(peer.opened(), 'nobody gets an offer').toEqual([])
})

test('E451: whoever has too few links asks, three at once, and makes no connection by that', () => {
  const peer = load(inRoomOf(20)).pass(100)
  const asks = notesOf(peer.drain())
  expect(asks.length).toBe(3)
  expect(new Set(asks.map(([to]) => to)).size).toBe(3)
  expect(asks.every(([, note]) => note.type === 'ask' && note.isUrgent)).toBe(true)
  expect(peer.opened()).toEqual([])
})

test('E451: whoever is asked offers, until there are enough links; then says no', () => {
  const peer = load(inRoomOf(20))
  const asked = others.slice(0, 9)
  for (const other of asked) linkTo(peer, other)
  peer.out()
  peer.signal(others[15] ?? first, mesh({ type: 'ask', links: 6, isUrgent: false }))
  expect(notesOf(peer.out())).toEqual([[others[15], { type: 'no', others: [] }]])
  peer.signal(others[16] ?? first, mesh({ type: 'ask', links: 1, isUrgent: false }))
  expect(peer.opened().length, 'whoever has too few is taken all the same').toBe(1)
})

test('E451: of two that ask each other the lesser offers, which is us', () => {
  const peer = load(inRoomOf(20)).pass(100)
  const [[asked]] = notesOf(peer.out()) as [[PeerId, MeshNote]]
  peer.signal(asked, mesh({ type: 'ask', links: 2, isUrgent: false }))
  expect(peer.opened().length).toBe(1)
})

test('E451: a refusal that names others sends us to them', () => {
  const peer = load(inRoomOf(20)).pass(100)
  const asked = notesOf(peer.out()).map(([to]) => to)
  const named = others.filter((other) => !asked.includes(other)).slice(0, 1)
  for (const one of asked) peer.signal(one, mesh({ type: 'no', others: named }))
  peer.pass(1_000)
  expect(notesOf(peer.drain()).map(([to]) => to)).toContain(named[0])
})

test('E458: an offer is taken of whom we asked or never met, and refused of whom we parted from', () => {
  const peer = load(inRoomOf(20))
  const connection = linkTo(peer, first)
  const data = encodeMeshFrame({ type: 'part' })
  peer.talk({ type: 'mesh', data }, connection)
  expect(isLinked(peer, first)).toBe(false)
  expect(peer.people(), 'parted, and still here').toContain(first)
  peer.out()
  peer.signal(first, { ...offer, sequence: 900, attempt: 2 })
  expect(notesOf(peer.out()).map(([to, { type }]) => [to, type])).toEqual([[first, 'no']])
  peer.signal(second, { ...offer, sequence: 900 })
  expect(peer.opened().length).toBe(1)
})

test('E454: a link that does not come up in six seconds is given up while another works', () => {
  const peer = load(inRoomOf(20))
  const connection = linkTo(peer, first)
  peer.signal(second, mesh({ type: 'ask', links: 0, isUrgent: true }))
  const stateAfter = (ms: number): string | undefined => {
    // The first one is heard all the while.
    for (let passed = 0; passed < ms; passed += 500)
      peer.talk({ type: 'typing', active: false }, connection).pass(500)
    return peer.session.state().people.find((one) => one.peer === second)?.link.state
  }
  expect(stateAfter(5_500)).toBe('connecting')
  expect(stateAfter(1_500)).toBe('through')
})

test('E456: a word is passed on to other neighbours, and shown', () => {
  const peer = load(inRoomOf(20))
  const [one] = [linkTo(peer, first), linkTo(peer, second)]
  peer.out()
  const far = others[10] ?? first
  const word: MeshFrame = { type: 'typing', of: far, number: 1, active: true }
  const frame = { type: 'mesh', data: encodeMeshFrame(word) } as const
  peer.talk(frame, one)
  expect(talks(peer.out())).toContainEqual(frame)
  const shown = peer.session.state().people.find(({ peer: id }) => id === far)
  expect(shown).toMatchObject({ typing: true, link: { state: 'through', via: first } })
  expect(encodeTalkFrame(frame).length).toBeLessThan(100)
  peer.pass(7_000)
  expect(peer.session.state().people.find(({ peer: id }) => id === far)?.typing).toBe(false)
})

test('E456: a goodbye that a neighbour made up takes nobody out of the room', () => {
  const peer = load(inRoomOf(20))
  const connection = linkTo(peer, first)
  const far = others[10] ?? first
  const data = encodeMeshFrame({ type: 'bye', of: far, number: 1 })
  peer.talk({ type: 'mesh', data }, connection).pass(1_000)
  expect(peer.people()).toContain(far)
  peer.server({ type: 'left', peer: far }).pass(1_000)
  expect(peer.people()).not.toContain(far)
})

test('E457: without the rendezvous we say that we are here, and who is not heard of is gone', () => {
  const peer = load(inRoomOf(20))
  linkTo(peer, first)
  peer.give({ type: 'socket-closed', socket: 1, code: 1006 }).out()
  peer.pass(41_000)
  const said = talks(peer.drain()).filter((frame) => (frame as { type: string }).type === 'mesh')
  expect(said.length).toBeGreaterThan(1)
  expect(peer.people().length).toBe(20)
  peer.pass(12_000)
  expect(peer.people()).not.toContain(others[10])
})
