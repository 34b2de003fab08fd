// A page of the laboratory's own on Knothole's engine: the DOM contract of the product's page, and a
// hook to send bytes and many numbered messages, which the product's page has not. Bytes are a sequence
// that both ends can make, so that any lost, doubled or displaced one shows at once.

import { createRoom, joinRoom, type Room, type RoomState } from '@knothole/engine/browser'

import { fillSequence, type TransferHook, type TransferSeen } from './transfer-sequence.ts'

const CHUNK_BYTES = 64 * 1024

const main = document.createElement('main')
document.body.append(main)
const config = document.querySelector('#knothole-config')?.textContent ?? '{}'
const options = { ...(JSON.parse(config) as { stunUrls: string[] }), name: 'guest' }
const elements = new Map<string, HTMLElement>()

if (location.pathname === '/') showHome()
else enter(joinRoom(location.href, options))

function showHome(): void {
  const button = element('home', 'button')
  button.dataset['action'] = 'create-room'
  button.textContent = 'Create a room'
  button.addEventListener('click', () => {
    main.replaceChildren()
    enter(createRoom({ ...options, origin: location.origin }))
  })
}

function enter(joining: Promise<Room>): void {
  void joining.then(live)
}

function live(room: Room): void {
  const composer = document.createElement('textarea')
  composer.dataset['composer'] = ''
  composer.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    show(room.say(composer.value))
    composer.value = ''
  })
  main.append(composer)
  element('link').dataset['roomLink'] = room.state.link
  room.on('change', draw)
  room.on('message', show)
  draw(room.state)
  hook(room)
}

function draw({ rendezvous, people }: RoomState): void {
  element('rendezvous').dataset['rendezvous'] = rendezvous.state
  for (const { peer, link } of people) {
    const { dataset } = element(peer)
    dataset['member'] = peer
    dataset['state'] = link.state
    dataset['path'] = link.path ?? ''
  }
}

/** A message that comes again, because its fate is known better, stays one message. */
function show(message: { readonly id: string; readonly text: string }): void {
  const shown = element(message.id)
  shown.dataset['message'] = ''
  shown.textContent = message.text
}

function element(key: string, kind: 'p' | 'button' = 'p'): HTMLElement {
  const known = elements.get(key)
  if (known !== undefined) return known
  const made = document.createElement(kind)
  elements.set(key, made)
  main.append(made)
  return made
}

function hook(room: Room): void {
  const seen: TransferSeen = { bytes: 0, firstWrong: null, endedAtMs: null }
  room.on('bytes', (incoming) => void take(incoming, seen))
  const transfer: TransferHook = {
    seen,
    async send(bytes) {
      const [other] = room.state.people
      if (other === undefined) throw new Error('nobody is here')
      return room.sendBytes(other.peer, sequence(bytes))
    },
    async sayNumbers(name, about) {
      for (let number = 1; number <= about.count; number += 1) {
        show(room.say(`${name} says no. ${number}.`))
        await new Promise((resolve) => {
          setTimeout(resolve, about.everyMs)
        })
      }
    },
  }
  Reflect.set(globalThis, 'natlabTransfer', transfer)
}

async function* sequence(bytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes - at))
    fillSequence(chunk, at)
    yield chunk
  }
}

async function take(chunks: AsyncIterable<Uint8Array>, seen: TransferSeen): Promise<void> {
  for await (const chunk of chunks) {
    const expected = new Uint8Array(chunk.length)
    fillSequence(expected, seen.bytes)
    const wrong = chunk.findIndex((byte, index) => byte !== expected[index])
    if (wrong >= 0) seen.firstWrong ??= seen.bytes + wrong
    seen.bytes += chunk.length
  }
  seen.endedAtMs = performance.timeOrigin + performance.now()
}
