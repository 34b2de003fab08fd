// What the system test of attempts runs inside the browser: both sides of a pair in one page, over the
// loopback interface. A side knows the other's ports from its descriptions, as a lucky guesser would.
import type { ClimbEvent } from '../core/detours/climb.ts'
import { Attempts } from './attempts.ts'
import { mayChooseCredentials } from './munging.ts'
import type { OpenedConnection } from './open-connection.ts'

export interface PunchOptions {
  readonly connections: number
  readonly credentials: 'own' | 'shared'
}

export interface PunchResult {
  /** What either side told, by type. */
  readonly alice: readonly string[]
  readonly bob: readonly string[]
  /** What each heard on the connection it adopted. */
  readonly heard: readonly string[]
  /** Connections that are not closed when all is over. */
  readonly left: number
}

class Side {
  readonly events: ClimbEvent[] = []
  readonly attempts: Attempts
  readonly adopted: Promise<OpenedConnection>
  #onEvent: () => void = () => undefined

  constructor() {
    let adopt: (opened: OpenedConnection) => void
    this.adopted = new Promise((resolve) => {
      adopt = resolve
    })
    this.attempts = new Attempts({
      stunUrls: [],
      onEvent: (event) => {
        this.events.push(event)
        if (event.type === 'opened')
          this.attempts.command({ type: 'adopt', attempt: event.attempt, connection: 1 })
        this.#onEvent()
      },
      onAdopt: (_connection, opened) => adopt(opened),
      onRemember: () => undefined,
    })
  }

  prepare({ connections, credentials }: PunchOptions, listens: boolean): Promise<ClimbEvent> {
    const rung = 'birthday-shared'
    const preparation = { attempt: 1, rung, connections, credentials, gather: false } as const
    this.attempts.command({ type: 'prepare', preparation, listens })
    return new Promise((resolve) => {
      this.#onEvent = () => {
        const [first] = this.events
        if (first !== undefined) resolve(first)
      }
    })
  }

  go(ports: readonly number[][]): void {
    const plan = { address: '127.0.0.1', ports, gapMs: 1, atOnce: 8, everyMs: 60, lastsMs: 9_000 }
    this.attempts.command({ type: 'go', plan: { attempt: 1, rung: 'birthday-shared', ...plan } })
  }
}

/** All connections of this page, in the order they were made. */
const made: RTCPeerConnection[] = []
const Native = globalThis.RTCPeerConnection
globalThis.RTCPeerConnection = class extends Native {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    made.push(this)
  }
}

/** The local port of a connection, once it is known. */
async function portOf(connection: RTCPeerConnection): Promise<number> {
  for (;;) {
    const [, port] = /typ host/.test(connection.localDescription?.sdp ?? '')
      ? (/a=candidate:\S+ 1 udp \d+ \S+ (\d+) typ host/.exec(
          connection.localDescription?.sdp ?? '',
        ) ?? [])
      : []
    if (port !== undefined) return Number(port)
    await new Promise((resolve) =>
      connection.addEventListener('icecandidate', resolve, { once: true }),
    )
  }
}

async function punch(options: PunchOptions): Promise<PunchResult> {
  made.length = 0
  const [alice, bob] = [new Side(), new Side()]
  const first = await alice.prepare(options, true)
  const aliceMade = made.slice()
  const second = await bob.prepare(options, false)
  const heard: string[] = []
  if (first.type === 'prepared' && second.type === 'prepared') {
    const bobMade = made.slice(aliceMade.length)
    alice.attempts.command({ type: 'apply', attempt: 1, description: second.description })
    bob.attempts.command({ type: 'apply', attempt: 1, description: first.description })
    const [ofAlice, ofBob] = await Promise.all(
      [aliceMade, bobMade].map((side) => Promise.all(side.map(portOf))),
    )
    alice.go(plansFor(options, ofBob ?? []))
    bob.go(plansFor(options, ofAlice ?? []))
    heard.push(...(await talk(await alice.adopted, await bob.adopted)))
  }
  for (const side of [alice, bob]) side.attempts.command({ type: 'end', attempt: 1 })
  const left = made.filter(({ signalingState }) => signalingState !== 'closed').length
  for (const connection of made) connection.close()
  const typesOf = (side: Side): string[] => side.events.map(({ type }) => type)
  return { alice: typesOf(alice), bob: typesOf(bob), heard, left }
}

/** Shared credentials: each connection of a side guesses at another of the other side. */
function plansFor({ credentials }: PunchOptions, ports: readonly number[]): number[][] {
  return ports.map((port, at) => {
    const other = ports[(at + 1) % ports.length] ?? port
    return credentials === 'own' ? [port] : [other]
  })
}

async function talk(one: OpenedConnection, other: OpenedConnection): Promise<string[]> {
  const hearing = Promise.all([hear(one), hear(other)])
  one.channels.talk.send('from alice')
  other.channels.talk.send('from bob')
  return hearing
}

function hear({ channels }: OpenedConnection): Promise<string> {
  return new Promise((resolve) => {
    channels.talk.addEventListener('message', ({ data }) => resolve(String(data)), { once: true })
  })
}

Object.assign(globalThis, { punch, mayChooseCredentials })
