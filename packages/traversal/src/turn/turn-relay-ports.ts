// Relayed transport addresses (RFC 8656 section 7.2): picks ports nobody can guess, has the shell bind
// them and keeps the odd neighbours of even ones until their token is used or runs out. Who gets one,
// and what passes through it, is decided elsewhere.
import type { AddressFamily, TransportAddress } from '../address.ts'
import type {
  PortRange,
  TurnIcmp,
  TurnRelay,
  TurnRelaySocket,
  TurnRemote,
} from './turn-interface.ts'
import { MAX_PORT_ATTEMPTS } from './turn-limits.ts'

/** Takes what comes to a relayed address. */
export interface RelayReceiver {
  receive(payload: Uint8Array, peer: TurnRemote, nowMs: number): void
  receiveIcmp(icmp: TurnIcmp, peer: TurnRemote, nowMs: number): void
}

/** A relayed address with its socket. Without a receiver what comes is dropped. */
export interface RelayPort {
  readonly address: TransportAddress
  readonly socket: TurnRelaySocket
  receiver: RelayReceiver | undefined
  close(): void
}

/** `even`: an even port; `pair`: an even port and the next one (EVEN-PORT, section 7.2). */
export type RelayPortWish = 'any' | 'even' | 'pair'

export interface RelayWish {
  readonly family: AddressFamily
  readonly ports: RelayPortWish
}

/** Bound ports, as many as were wished for, or none when none could be had. */
export type RelayPortsDone = (ports: readonly RelayPort[], nowMs: number) => void

export interface RelayPorts {
  /** Calls back once, at once or later. */
  open(wish: RelayWish, nowMs: number, done: RelayPortsDone): void
  /** The open port of ours behind a relayed address. */
  find(family: AddressFamily, port: number): RelayPort | undefined
  close(): void
}

export interface RelayPortsOptions {
  readonly range: PortRange
  readonly addressOf: (family: AddressFamily, port: number) => TransportAddress
  readonly openRelay: (relay: TurnRelay) => void
  readonly randomBytes: (count: number) => Uint8Array
}

/** Ports being opened and open, by number; undefined while the shell has not answered. */
type PortTable = Map<number, RelayPort | undefined>

export function createRelayPorts(options: RelayPortsOptions): RelayPorts {
  const tables: Record<AddressFamily, PortTable> = { IPv4: new Map(), IPv6: new Map() }
  let isClosed = false

  function bind(
    family: AddressFamily,
    port: number,
    done: (port: RelayPort | null, nowMs: number) => void,
  ): void {
    const table = tables[family]
    table.set(port, undefined)
    let bound: RelayPort | null | undefined
    const settle = (result: RelayPort | null, nowMs: number): void => {
      bound = result
      if (result === null) table.delete(port)
      else table.set(port, result)
      done(result, nowMs)
    }
    options.openRelay({
      family,
      port,
      opened(socket, nowMs) {
        if (bound !== undefined || isClosed) return socket.close()
        settle(relayPort(socket, options.addressOf(family, port), table), nowMs)
      },
      failed(nowMs) {
        if (bound === undefined && !isClosed) settle(null, nowMs)
      },
      receive: (payload, peer, nowMs) => bound?.receiver?.receive(payload, peer, nowMs),
      receiveIcmp: (icmp, peer, nowMs) => bound?.receiver?.receiveIcmp(icmp, peer, nowMs),
    })
  }

  return {
    open({ family, ports }, nowMs, done) {
      const attempt = (left: number, nowMs: number): void => {
        const numbers = left === 0 ? null : pickPorts(options, tables[family], ports)
        if (numbers === null) return done([], nowMs)
        bindAll(
          numbers,
          (port, then) => bind(family, port, then),
          (bound, nowMs) => {
            if (bound === null) attempt(left - 1, nowMs)
            else done(bound, nowMs)
          },
        )
      }
      attempt(MAX_PORT_ATTEMPTS, nowMs)
    },
    find: (family, port) => tables[family].get(port),
    close() {
      isClosed = true
      for (const table of Object.values(tables)) for (const port of table.values()) port?.close()
    },
  }
}

function relayPort(
  socket: TurnRelaySocket,
  address: TransportAddress,
  table: PortTable,
): RelayPort {
  const port: RelayPort = {
    address,
    socket,
    receiver: undefined,
    close() {
      port.receiver = undefined
      if (table.delete(address.port)) socket.close()
    },
  }
  return port
}

/** Binds all of them, or closes those that opened and gives null. */
function bindAll(
  numbers: readonly number[],
  bind: (port: number, done: (port: RelayPort | null, nowMs: number) => void) => void,
  done: (ports: readonly RelayPort[] | null, nowMs: number) => void,
): void {
  const bound: (RelayPort | null)[] = []
  for (const [index, number] of numbers.entries()) {
    bind(number, (port, nowMs) => {
      bound[index] = port
      if (Object.keys(bound).length < numbers.length) return
      const open = bound.filter((one) => one !== null)
      if (open.length === numbers.length) return done(open, nowMs)
      for (const one of open) one.close()
      done(null, nowMs)
    })
  }
}

/** Free port numbers as wished for, at random (RFC 6056); null when the range has none. */
function pickPorts(
  { range, randomBytes }: RelayPortsOptions,
  taken: PortTable,
  wish: RelayPortWish,
): readonly number[] | null {
  const step = wish === 'any' ? 1 : 2
  const first = wish === 'any' ? range.first : range.first + (range.first % 2)
  const last = wish === 'pair' ? range.last - 1 : range.last
  const count = Math.floor((last - first) / step) + 1
  const [high = 0, middle = 0, low = 0] = randomBytes(3)
  const start = ((high << 16) | (middle << 8) | low) % Math.max(1, count)
  for (let tried = 0; tried < count; tried++) {
    const port = first + step * ((start + tried) % count)
    const numbers = wish === 'pair' ? [port, port + 1] : [port]
    if (numbers.every((number) => !taken.has(number))) return numbers
  }
  return null
}
