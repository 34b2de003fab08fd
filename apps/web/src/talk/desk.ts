// What can be done with a message, and what is open over the conversation. One for each room on the
// screen; draws nothing.
import { signal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { Message } from '../engine.ts'
import { announce } from '../parts/announcer.tsx'
import type { RoomModel } from '../room/model.ts'

/** Where a menu opens, in the window; nowhere on a phone, where it is a sheet. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** What is open over the conversation. */
export type Over =
  | { readonly type: 'nothing' }
  | {
      readonly type: 'menu' | 'emoji' | 'delete' | 'delivery'
      readonly id: string
      readonly place: Place
    }

const NOTHING: Over = { type: 'nothing' }

/** How far back a name is looked for among messages. */
const NAME_REACH = 500

/** Everything done with messages goes through here. */
export class Desk {
  readonly over: Signal<Over> = signal(NOTHING)
  readonly model: RoomModel

  constructor(model: RoomModel) {
    this.model = model
  }

  message(id: string): Message | undefined {
    const { talk } = this.model.room
    return talk.at(talk.indexOf(id))
  }

  open(type: Exclude<Over['type'], 'nothing'>, id: string, place: Place = { x: 0, y: 0 }): void {
    this.over.value = { type, id, place }
  }

  close(): void {
    this.over.value = NOTHING
  }

  reply(to: Message): void {
    this.model.subject.value = { type: 'reply', to }
  }

  edit(message: Message): void {
    this.model.subject.value = { type: 'edit', message }
  }

  /** Puts our emoji under a message, or takes it back. */
  react(message: Message, emoji: string): void {
    const mine = this.hasMine(message, emoji)
    this.model.room.react(message.id, emoji, !mine)
    announce(mine ? `${emoji} taken back` : `${emoji} added`)
  }

  hasMine(message: Message, emoji: string): boolean {
    const { member } = this.model.state.peek().me
    return message.reactions.some((one) => one.emoji === emoji && one.authors.includes(member))
  }

  remove(message: Message): void {
    this.model.room.remove(message.id)
    announce('Message deleted')
  }

  async copy({ text }: Message): Promise<void> {
    const copied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    announce(copied ? 'Text copied' : 'This browser does not let pages copy')
  }

  /** What members are called, as far as this room knows. */
  nameOf(member: string): string {
    const { me, people } = this.model.state.peek()
    if (member === me.member) return 'You'
    const person = people.find((one) => one.member === member)
    return person?.name ?? this.#nameInTalk(member) ?? 'Someone'
  }

  #nameInTalk(member: string): string | undefined {
    const { talk } = this.model.room
    for (let back = 1; back <= Math.min(NAME_REACH, talk.length); back += 1) {
      const message = talk.at(talk.length - back)
      if (message?.author === member) return message.name
    }
    return undefined
  }
}
