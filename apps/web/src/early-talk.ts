// The first words of a conversation, drawn before the page proper is there to draw them, with the same
// classes as its own drawing takes, and handed to it when it comes.
import type { Message } from '@knothole/engine'
import type { Room, RoomEvents } from './engine.ts'

/** Draws what is said in a room until somebody else listens to it. */
export class EarlyTalk {
  readonly #onTalk: () => void
  readonly #said: Message[] = []
  #log: HTMLElement | undefined

  /** @param onTalk called at each message drawn */
  constructor(onTalk: () => void) {
    this.#onTalk = onTalk
  }

  /** The room, which tells its first listener everything said before. */
  listenTo(room: Room): Room {
    const stop = room.on('message', (message) => this.#draw(message))
    return {
      get state() {
        return room.state
      },
      on: <E extends keyof RoomEvents>(event: E, listener: RoomEvents[E]): (() => void) => {
        const off = room.on(event, listener)
        if (event === 'message') {
          stop()
          for (const message of this.#said.splice(0)) (listener as RoomEvents['message'])(message)
        }
        return off
      },
      say: (text) => room.say(text),
      setTyping: (active) => room.setTyping(active),
      rename: (name) => room.rename(name),
      close: () => room.close(),
    }
  }

  #draw(message: Message): void {
    this.#said.push(message)
    this.#log ??= openLog()
    const group = element('article', 'group')
    const head = element('header', 'group-head')
    // Without the time: the first use of `Intl` takes 20 ms, and the page proper is there a moment later.
    head.append(element('strong', '', message.name))
    const bubble = element('div', 'bubble', message.text)
    bubble.dataset['message'] = message.id
    bubble.dir = 'auto'
    group.append(head, bubble)
    this.#log.append(group)
    this.#onTalk()
  }
}

/** An empty conversation over the whole window. */
function openLog(): HTMLElement {
  const inner = element('div', 'log-inner')
  const log = element('main', 'talk early')
  log.append(inner)
  document.getElementById('app')?.replaceChildren(log)
  return inner
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}
