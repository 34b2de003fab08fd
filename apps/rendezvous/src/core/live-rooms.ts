// The participant table: who is in which room now, in memory only and only while they are there.
// Carries introductions between participants of one room; knows nothing of people who are not in.
import { FULL_MESH_PEERS, MAX_CARDS_PER_FRAME, writeRelay } from '@knothole/wire'
import type {
  Bytes,
  IceServers,
  Observed,
  Participant,
  PeerId,
  RelayView,
  RoomId,
} from '@knothole/wire'
import { GRACE_MS, RELAY_HOLD_MS } from './limits.ts'
import type { Outbox } from './outbox.ts'
import { RelayMeter } from './relay-meter.ts'
import type { SocketId } from './socket-table.ts'

/** A place in a room; without a socket it is kept until `absentUntilMs`. */
interface Place {
  readonly peer: PeerId
  card: Bytes
  /** What others are told; nothing of who hides. */
  shown: Observed | undefined
  socket: SocketId | undefined
  absentUntilMs: number
  /** Made with the first body it relays. */
  relayed: RelayMeter | undefined
  /** How many newcomers' offers it was handed. */
  handed: number
}

/** In order of arrival; who returns keeps the place. */
type LiveRoom = Map<PeerId, Place>

/** Where a peer speaks from. */
export interface Seat {
  readonly room: RoomId
  readonly peer: PeerId
  readonly socket: SocketId
}

/** An admitted join. */
export interface Entry extends Seat {
  readonly card: Bytes
  readonly observed: Observed
  /** Others are not to be told where it is. */
  readonly hidden: boolean
  readonly offer: Bytes | undefined
  readonly expiresAtMs: number
  readonly iceServers: IceServers | undefined
}

export class LiveRooms {
  readonly #outbox: Outbox
  readonly #capacity: number
  readonly #rooms = new Map<RoomId, LiveRoom>()
  readonly #absent = new Map<Place, RoomId>()

  /** @param capacity most peers in one room */
  constructor(outbox: Outbox, capacity: number) {
    this.#outbox = outbox
    this.#capacity = capacity
  }

  /** Rooms with somebody in. */
  rooms(): Iterable<RoomId> {
    return this.#rooms.keys()
  }

  /** Whether anybody's place waits for their return. */
  hasAbsent(): boolean {
    return this.#absent.size > 0
  }

  /** The socket a peer is in by, if it is in and has one. */
  socketOf(room: RoomId, peer: PeerId): SocketId | undefined {
    return this.#rooms.get(room)?.get(peer)?.socket
  }

  /** Whether a room has no place for a peer; whoever has one keeps it. */
  isFull(room: RoomId, peer: PeerId): boolean {
    const places = this.#rooms.get(room)
    return places !== undefined && !places.has(peer) && places.size >= this.#capacity
  }

  /** Welcomes a peer, tells the others, hands the offer on; answers whether the peer returned. */
  enter(entry: Entry): boolean {
    const { room, peer, socket, card, observed, hidden } = entry
    const shown = hidden ? undefined : observed
    const places = this.#rooms.get(room) ?? new Map<PeerId, Place>()
    this.#rooms.set(room, places)
    const others = [...places.values()].filter((place) => place.peer !== peer)
    const old = places.get(peer)
    const place = old ?? { peer, card, shown, socket, ...NEW_PLACE }
    Object.assign(place, { card, shown, socket })
    places.set(peer, place)
    this.#absent.delete(place)
    const receiver = entry.offer === undefined ? undefined : this.#offerReceiver(others)
    this.#welcome(entry, others, receiver)
    this.#tellOthers(entry, { type: 'joined', participant: participantOf(place) })
    if (receiver?.socket !== undefined && entry.offer !== undefined) {
      receiver.handed += 1
      const frame = { type: 'signal', from: peer, sealed: entry.offer, toAnyone: true } as const
      this.#outbox.send(receiver.socket, frame)
    }
    return old !== undefined
  }

  /** Forwards a signal; answers whether there was anybody to take it. */
  signal(from: Seat, to: PeerId, sealed: Bytes): boolean {
    const socket = this.socketOf(from.room, to)
    if (socket === undefined || to === from.peer) return false
    this.#outbox.send(socket, { type: 'signal', from: from.peer, sealed, toAnyone: false })
    return true
  }

  /**
   * Passes a body on; answers 0, or drops it and answers how long its sender should hold the next.
   * What is for nobody costs its sender nothing: the sender may not know yet.
   */
  relay(from: Seat, { to, body }: RelayView, nowMs: number): number {
    const place = this.#placeOf(from)
    const socket = this.socketOf(from.room, to)
    if (place === undefined || socket === undefined || to === from.peer) return RELAY_HOLD_MS
    place.relayed ??= new RelayMeter(nowMs)
    const waitMs = place.relayed.take(to, body.length, nowMs)
    if (waitMs > 0) return waitMs
    return this.#outbox.relay(socket, writeRelay(from.peer, body)) ? 0 : RELAY_HOLD_MS
  }

  /** Keeps a new card and tells the others. */
  updateCard(seat: Seat, card: Bytes): void {
    const place = this.#placeOf(seat)
    if (place === undefined) return
    place.card = card
    this.#tellOthers(seat, { type: 'card', peer: seat.peer, card })
  }

  /** A socket broke: its place is kept for a while. */
  lose(seat: Seat, nowMs: number): void {
    const place = this.#placeOf(seat)
    if (place === undefined) return
    place.socket = undefined
    place.absentUntilMs = nowMs + GRACE_MS
    this.#absent.set(place, seat.room)
  }

  /** A peer leaves for good. */
  leave(seat: Seat): void {
    const place = this.#placeOf(seat)
    if (place !== undefined) this.#remove(seat.room, place)
  }

  /** Ends the places whose grace is over. */
  tick(nowMs: number): void {
    for (const [place, room] of this.#absent) {
      if (place.absentUntilMs > nowMs) continue
      this.#outbox.push({ type: 'event', event: { name: 'left', socket: undefined } })
      this.#remove(room, place)
    }
  }

  /** The place a seat stands for, unless another socket has taken it over. */
  #placeOf(seat: Seat): Place | undefined {
    const place = this.#rooms.get(seat.room)?.get(seat.peer)
    return place?.socket === seat.socket ? place : undefined
  }

  #remove(room: RoomId, place: Place): void {
    const places = this.#rooms.get(room)
    this.#absent.delete(place)
    places?.delete(place.peer)
    for (const other of places?.values() ?? []) other.relayed?.forget(place.peer)
    if (places?.size === 0) this.#rooms.delete(room)
    else this.#tellOthers({ room, peer: place.peer }, { type: 'left', peer: place.peer })
  }

  /** Tells a newcomer who is there: whoever got the offer first, and what one frame does not hold in more. */
  #welcome(entry: Entry, others: readonly Place[], receiver: Place | undefined): void {
    const { socket, peer, observed, expiresAtMs, iceServers } = entry
    const inOrder = receiver === undefined ? others : [...new Set([receiver, ...others])]
    const pieces: Participant[][] = []
    for (let at = 0; at < inOrder.length; at += MAX_CARDS_PER_FRAME) {
      pieces.push(inOrder.slice(at, at + MAX_CARDS_PER_FRAME).map(participantOf))
    }
    const [participants = [], ...more] = pieces
    this.#outbox.send(socket, {
      type: 'welcome',
      peer,
      observed,
      participants,
      later: more.length === 0 ? undefined : more.flat().map((other) => other.peer),
      offeredTo: receiver?.peer,
      expiresAtMs,
      capacity: this.#capacity,
      iceServers,
    })
    for (const piece of more) this.#outbox.send(socket, { type: 'people', participants: piece })
  }

  /**
   * Who is longest in, can be reached and takes what it is sent. In a room that is no full mesh, whoever
   * was handed the fewest: or all newcomers would hang on one.
   */
  #offerReceiver(others: readonly Place[]): Place | undefined {
    const able = others.filter(
      ({ socket }) => socket !== undefined && !this.#outbox.isCongested(socket),
    )
    if (others.length < FULL_MESH_PEERS) return able[0]
    const fewest = Math.min(...able.map(({ handed }) => handed))
    return able.find(({ handed }) => handed === fewest)
  }

  #tellOthers(of: Pick<Seat, 'room' | 'peer'>, frame: Parameters<Outbox['broadcast']>[1]): void {
    const sockets: SocketId[] = []
    for (const place of this.#rooms.get(of.room)?.values() ?? []) {
      if (place.peer !== of.peer && place.socket !== undefined) sockets.push(place.socket)
    }
    this.#outbox.broadcast(sockets, frame)
  }
}

const NEW_PLACE = { absentUntilMs: 0, relayed: undefined, handed: 0 }

function participantOf({ peer, card, shown }: Place): Participant {
  return { peer, card, observed: shown }
}
