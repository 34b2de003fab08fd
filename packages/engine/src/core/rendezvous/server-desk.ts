// What the rendezvous says, handed to those it concerns; keeps the facts of the room that only it knows.
import type { IceServers, ServerFrame } from '@knothole/wire'
import type { DetourDesk } from '../detours/detour-desk.ts'
import type { Introductions } from '../people/introductions.ts'
import type { PeopleTable } from '../people/people-table.ts'
import type { SessionOutput } from '../session-io.ts'

export interface ServerDeskOptions {
  readonly people: PeopleTable
  readonly introductions: Introductions
  readonly desk: DetourDesk
  readonly output: (out: SessionOutput) => void
}

export class ServerDesk {
  readonly #options: ServerDeskOptions
  /** Most people, and when the room ends unless used; known once admitted. */
  capacity: number | undefined
  expiresAtMs: number | undefined
  relays: IceServers | undefined

  constructor(options: ServerDeskOptions) {
    this.#options = options
  }

  handle(frame: ServerFrame, nowMs: number): void {
    const { people, introductions, desk, output } = this.#options
    switch (frame.type) {
      case 'welcome':
        this.capacity = frame.capacity
        this.expiresAtMs = frame.expiresAtMs
        this.#relaysAre(frame.iceServers)
        introductions.welcomed(frame, nowMs)
        return
      case 'people':
        for (const participant of frame.participants) introductions.expect(participant, 'offer')
        return
      case 'joined':
        introductions.expect(frame.participant, 'wait')
        return
      case 'card':
        introductions.openCard(frame.peer, frame.card)
        return
      case 'left':
        people.left(frame.peer, nowMs)
        people.get(frame.peer)?.link.handleDetour({ type: 'absent' }, nowMs)
        output({ type: 'changed' })
        return
      case 'signal': {
        const { from, sealed, toAnyone } = frame
        output({ type: 'open-signal', peer: from, sealed, toAnyone })
        return
      }
      case 'ice-servers':
        this.#relaysAre(frame.iceServers)
        return
      case 'relay':
      case 'relay-full':
      case 'probed':
        desk.handle({ type: 'server', frame }, nowMs)
        return
      default:
    }
  }

  #relaysAre(iceServers: IceServers | undefined): void {
    this.relays = iceServers
    this.#options.desk.relaysAre(iceServers)
  }
}
