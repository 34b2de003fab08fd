// The first words of a conversation, drawn before the page proper is there to draw them, with the same
// classes as its own drawing takes; it reads them again from the room.
import type { Message, Room } from './engine.ts'

/** A window full; whoever gets a long history at once gets it from the page proper. */
const MAX_DRAWN = 20

/** Draws what is said in a room until it is told to stop. */
export class EarlyTalk {
  readonly #onTalk: () => void
  readonly #drawn = new Set<string>()
  #log: HTMLElement | undefined

  /** @param onTalk called at each message drawn */
  constructor(onTalk: () => void) {
    this.#onTalk = onTalk
  }

  /** Listens until the answer is called. */
  listenTo(room: Room): () => void {
    return room.on('message', (message) => {
      if (!this.#drawn.has(message.id) && this.#drawn.size < MAX_DRAWN) this.#draw(message)
    })
  }

  #draw(message: Message): void {
    this.#drawn.add(message.id)
    this.#log ??= openLog()
    const said = element('article', 'said')
    said.dataset['first'] = said.dataset['last'] = 'true'
    const head = element('header', 'said-head')
    // Without the time: the first use of `Intl` takes 20 ms, and the page proper is there a moment later.
    head.append(element('strong', '', message.name))
    const bubble = element('div', 'bubble')
    const words = element('div', 'words', message.text)
    words.dataset['message'] = message.id
    words.dir = 'auto'
    bubble.append(words)
    said.append(head, bubble)
    this.#log.append(said)
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
