// One value of every structure, made of counting bytes, and where its bytes are kept: golden.json. A
// change there is a change of the format, and asks for a new PROTOCOL_VERSION.
import {
  PROTOCOL_VERSION,
  encodeBetweenFrame,
  encodeBulkFrame,
  encodeCard,
  encodeClientFrame,
  encodeMeshFrame,
  encodeMeshNote,
  encodePaper,
  encodePulseFrame,
  encodeServerFrame,
  encodeSignal,
  encodeSigned,
  encodeStreamPacket,
  encodeTalkFrame,
  envelopeBytes,
  joinBytes,
  peerIdOf,
  relayBytes,
  roomIdOf,
  signedBytes,
} from './index.ts'
import type {
  BetweenFrame,
  BulkFrame,
  Bytes,
  Card,
  ClientFrame,
  MeshFrame,
  MeshNote,
  Paper,
  PulseFrame,
  ServerFrame,
  Signal,
  Signed,
  StreamPacket,
  TalkFrame,
} from './index.ts'

/** `length` bytes that count up from `first`. */
export function counting(length: number, first = 0): Bytes {
  return Uint8Array.from({ length }, (_, i) => first + i)
}

export const ROOM = roomIdOf(counting(16))
export const ALICE = peerIdOf(counting(32, 0x40))
export const BOB = peerIdOf(counting(32, 0x80))

const observed = { address: '2001:db8::1', port: 50000 }
const participant = { peer: BOB, card: counting(3), observed }

export const CLIENT_FRAMES: Readonly<Record<string, ClientFrame>> = {
  join: {
    type: 'join',
    version: PROTOCOL_VERSION,
    session: counting(32),
    card: counting(3),
    admission: counting(64),
    proof: counting(64, 0x40),
  },
  joinWithOffer: {
    type: 'join',
    version: PROTOCOL_VERSION,
    session: counting(32),
    card: counting(3),
    offer: counting(4),
    admission: counting(64),
    proof: counting(64, 0x40),
  },
  joinHidden: {
    type: 'join',
    version: PROTOCOL_VERSION,
    session: counting(32),
    card: counting(3),
    hidden: true,
    admission: counting(64),
    proof: counting(64, 0x40),
  },
  signal: { type: 'signal', to: BOB, sealed: counting(5) },
  card: { type: 'card', card: counting(3) },
  ping: { type: 'ping' },
  leave: { type: 'leave' },
  iceServers: { type: 'ice-servers' },
  relay: { type: 'relay', to: BOB, body: counting(30) },
  probe: { type: 'probe', address: '192.0.2.7', port: 50000 },
}

const iceServers = {
  urls: ['turn:k.example:3478', 'turns:k.example:443?transport=tcp'],
  username: '1800003600:c2Vzc2lvbg',
  credential: 'AAECAwQFBgcICQoLDA0ODxAREhM=',
  expiresAtMs: 1_800_003_600_000,
}

export const SERVER_FRAMES: Readonly<Record<string, ServerFrame>> = {
  challenge: { type: 'challenge', version: PROTOCOL_VERSION, nonce: counting(32) },
  welcome: {
    type: 'welcome',
    peer: ALICE,
    observed: { address: '192.0.2.7', port: 1 },
    participants: [participant],
    offeredTo: BOB,
    expiresAtMs: 1_800_000_000_000,
    capacity: 12,
  },
  welcomeAlone: {
    type: 'welcome',
    peer: ALICE,
    observed: { address: '192.0.2.7', port: 1 },
    participants: [],
    expiresAtMs: 1_800_000_000_000,
    capacity: 12,
  },
  welcomeToMany: {
    type: 'welcome',
    peer: ALICE,
    observed: { address: '192.0.2.7', port: 1 },
    participants: [participant],
    later: [ALICE],
    offeredTo: BOB,
    expiresAtMs: 1_800_000_000_000,
    capacity: 128,
  },
  people: { type: 'people', participants: [participant] },
  joined: { type: 'joined', participant },
  joinedHidden: { type: 'joined', participant: { peer: BOB, card: counting(3) } },
  left: { type: 'left', peer: BOB },
  card: { type: 'card', peer: BOB, card: counting(3) },
  signal: { type: 'signal', from: BOB, sealed: counting(5), toAnyone: false },
  offerToAnyone: { type: 'signal', from: BOB, sealed: counting(5), toAnyone: true },
  pong: { type: 'pong' },
  welcomeWithIceServers: {
    type: 'welcome',
    peer: ALICE,
    observed: { address: '192.0.2.7', port: 1 },
    participants: [],
    expiresAtMs: 1_800_000_000_000,
    capacity: 12,
    iceServers,
  },
  iceServers: { type: 'ice-servers', iceServers },
  noIceServers: { type: 'ice-servers' },
  relay: { type: 'relay', from: BOB, body: counting(30) },
  relayFull: { type: 'relay-full', to: BOB, waitMs: 250 },
  probed: {
    type: 'probed',
    address: '192.0.2.7',
    port: 50000,
    otherAddress: 'untested',
    otherPort: 'answered',
  },
  refused: { type: 'refused', code: 'room-full', message: 'the room is full' },
}

export const TALK_FRAMES: Readonly<Record<string, TalkFrame>> = {
  typing: { type: 'typing', active: true },
  name: { type: 'name', name: 'Ana' },
  bye: { type: 'bye' },
  log: { type: 'log', data: counting(3) },
  between: { type: 'between', data: counting(3) },
  mesh: { type: 'mesh', data: counting(3) },
  relayAsk: { type: 'relay-ask', peer: BOB },
  relayReady: { type: 'relay-ready', peer: BOB, channel: 7, rttMs: 40, load: 2 },
  relayEnd: { type: 'relay-end', peer: BOB },
  relayFull: { type: 'relay-full', peer: BOB, waitMs: 250 },
}

export const BETWEEN_FRAMES: Readonly<Record<string, BetweenFrame>> = {
  links: { type: 'links', peers: [ALICE, BOB] },
  noLinks: { type: 'links', peers: [] },
  wantCard: { type: 'want-card', peer: BOB },
  card: { type: 'card', peer: BOB, card: counting(3) },
  carry: { type: 'carry', from: ALICE, to: BOB, hops: 3, body: counting(30) },
}

export const MESH_FRAMES: Readonly<Record<string, MeshFrame>> = {
  beat: { type: 'beat', root: BOB, number: 3, links: 7 },
  part: { type: 'part' },
  here: { type: 'here', of: BOB, number: 4 },
  typing: { type: 'typing', of: BOB, number: 5, active: true },
  bye: { type: 'bye', of: BOB, number: 6 },
  card: { type: 'card', of: BOB, card: counting(3) },
}

export const MESH_NOTES: Readonly<Record<string, MeshNote>> = {
  ask: { type: 'ask', links: 2, isUrgent: true },
  no: { type: 'no', others: [ALICE, BOB] },
  noOthers: { type: 'no', others: [] },
}

export const PULSE_FRAMES: Readonly<Record<string, PulseFrame>> = {
  ping: { type: 'ping', number: 0 },
  pong: { type: 'pong', number: 256 },
  pingOfTheCarrierInUse: { type: 'ping', number: 7, using: true },
  largePing: { type: 'ping', number: 8, pad: new Uint8Array(4) },
}

const payload = counting(5, 0x61)

export const STREAM_PACKETS: Readonly<Record<string, StreamPacket>> = {
  passing: { type: 'passing', channel: 300, body: payload },
  talk: { type: 'segment', lane: 'talk', number: 0, ack: 0, more: false, payload },
  bulk: { type: 'segment', lane: 'bulk', number: 300, ack: 127, more: true, payload },
  empty: {
    type: 'segment',
    lane: 'talk',
    number: 2 ** 53 - 1,
    ack: 128,
    more: false,
    payload: counting(0),
  },
  ack: {
    type: 'ack',
    talk: { upTo: 3, ranges: [] },
    bulk: {
      upTo: 200,
      ranges: [
        [201, 205],
        [1_000, 1_001],
      ],
    },
  },
}

export const BULK_FRAMES: Readonly<Record<string, BulkFrame>> = {
  begin: { type: 'begin', label: 'Ferien.jpg' },
  bytes: { type: 'bytes', bytes: payload },
  end: { type: 'end' },
  stop: { type: 'stop' },
  refuse: { type: 'refuse', number: 3 },
}

export const SIGNALS: Readonly<Record<string, Signal>> = {
  offer: { type: 'offer', sequence: 0, attempt: 1, sdp: 'v=0\r\n', fresh: true },
  answer: { type: 'answer', sequence: 24, attempt: 2, sdp: 'v=0\r\n', offer: 23 },
  candidates: {
    type: 'candidates',
    sequence: 65536,
    attempt: 1,
    candidates: [
      { candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host', ufrag: 'abcd' },
      { candidate: '', ufrag: 'abcd' },
    ],
  },
  offerOfAnotherWay: {
    type: 'offer',
    sequence: 1,
    attempt: 1,
    way: 1,
    sdp: 'v=0\r\n',
    fresh: true,
  },
  note: { type: 'note', sequence: 2, attempt: 0, note: counting(3) },
  mesh: { type: 'mesh', sequence: 3, attempt: 0, note: counting(3) },
}

export const CARD: Card = { name: 'Ana', device: 'phone' }

export const WIDE_CARD: Card = {
  ...CARD,
  relayKey: counting(32),
  relays: true,
  nat: 'eim apdf',
  hidden: false,
}

export const PAPERS: Readonly<Record<string, Paper>> = {
  invite: {
    type: 'invite',
    id: counting(8),
    expiresAtMs: 1_800_000_000_000,
    card: counting(3),
    ufrag: 'abcd',
    password: 'abcdefghijklmnopqrstuvwx',
    fingerprint: counting(32),
    setup: 'actpass',
    candidates: [
      { kind: 'host', address: '192.0.2.1', port: 50_000 },
      { kind: 'srflx', address: '2001:db8::1', port: 50_001 },
    ],
  },
  answer: {
    type: 'answer',
    id: counting(8),
    expiresAtMs: 1_800_000_000_000,
    card: counting(3),
    ufrag: 'ab+/',
    password: 'abcdefghijklmnopqrstuv',
    fingerprint: counting(32),
    setup: 'active',
    candidates: [],
  },
}

export const SIGNED: Signed = {
  identity: counting(32),
  signature: counting(64, 0x40),
  payload: counting(3),
}

const cardEnvelope = { purpose: 'card', room: ROOM, from: ALICE } as const
const signalEnvelope = { purpose: 'signal', room: ROOM, from: ALICE, to: BOB } as const
const anyoneEnvelope = { purpose: 'signal', room: ROOM, from: ALICE } as const
const join = { room: ROOM, nonce: counting(32), session: counting(32, 0x20), card: counting(3) }

/** Bytes of everything above, by name. */
export function goldenBytes(): Record<string, Bytes> {
  return {
    ...named('client', CLIENT_FRAMES, encodeClientFrame),
    ...named('server', SERVER_FRAMES, encodeServerFrame),
    ...named('talk', TALK_FRAMES, encodeTalkFrame),
    ...named('between', BETWEEN_FRAMES, encodeBetweenFrame),
    ...named('mesh', MESH_FRAMES, encodeMeshFrame),
    ...named('mesh note', MESH_NOTES, encodeMeshNote),
    ...named('pulse', PULSE_FRAMES, encodePulseFrame),
    ...named('signal', SIGNALS, encodeSignal),
    ...named('paper', PAPERS, encodePaper),
    ...named('stream', STREAM_PACKETS, encodeStreamPacket),
    ...named('bulk', BULK_FRAMES, encodeBulkFrame),
    card: encodeCard(CARD),
    wideCard: encodeCard(WIDE_CARD),
    signed: encodeSigned(SIGNED),
    'envelope.card': envelopeBytes(cardEnvelope),
    'envelope.signal': envelopeBytes(signalEnvelope),
    'envelope.offerToAnyone': envelopeBytes(anyoneEnvelope),
    'signedBytes.signal': signedBytes(signalEnvelope, counting(3)),
    relayBytes: relayBytes({
      room: ROOM,
      from: ALICE,
      to: BOB,
      fromKey: counting(32),
      toKey: counting(32, 0x20),
    }),
    'joinBytes.join': joinBytes(join),
    'joinBytes.joinWithOffer': joinBytes({ ...join, offer: counting(4) }),
  }
}

function named<Value>(
  prefix: string,
  values: Readonly<Record<string, Value>>,
  encode: (value: Value) => Bytes,
): Record<string, Bytes> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, encode(value)]),
  )
}

/** Bytes as hexadecimal text. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Bytes of a hexadecimal text; spaces do not count. */
export function fromHex(text: string): Bytes {
  const digits = text.replaceAll(/\s/g, '')
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
}
