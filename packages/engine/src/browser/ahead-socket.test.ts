import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AHEAD, CHALLENGE, encodeBase64url, joinPath, roomIdOf, withLength } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'
import { AheadSocket } from './ahead-socket.ts'

/** As much of a WebSocket as is listened to; tests let it tell what a browser would. */
class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSED = 3
  readyState: number = FakeSocket.CONNECTING
  readonly sent: unknown[] = []

  send(frame: unknown): void {
    this.sent.push(frame)
  }

  close(): void {
    this.readyState = FakeSocket.CLOSED
  }

  open(): void {
    this.readyState = FakeSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }

  bring(frame: Bytes): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: frame.slice().buffer }))
  }

  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}

/** The answer to the request, which tests write. */
class FakeAnswer {
  request: RequestInit | undefined
  #settle: (response: Promise<Response>) => void = () => {}
  #controller: ReadableStreamDefaultController<Bytes> | undefined
  readonly #body = new ReadableStream<Bytes>({
    start: (controller) => {
      this.#controller = controller
    },
  })

  readonly fetch = (_url: string, init: RequestInit): Promise<Response> => {
    this.request = init
    return new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  accept(): void {
    this.#settle(Promise.resolve(new Response(this.#body)))
  }

  refuse(): void {
    this.#settle(Promise.resolve(new Response('', { status: 409 })))
  }

  break(): void {
    this.#settle(Promise.reject(new TypeError('network error')))
  }

  write(...frames: readonly Bytes[]): void {
    for (const frame of frames) this.#controller?.enqueue(withLength(frame))
  }

  end(): void {
    this.#controller?.close()
  }

  fail(): void {
    this.#controller?.error(new TypeError('network error'))
  }
}

const frame = (...bytes: readonly number[]): Bytes => new Uint8Array(bytes)

const PAGE_CHALLENGE = frame(1)
const JOIN = frame(2)
const SOCKET_CHALLENGE = frame(3)
const WELCOME = frame(4)

function begin(): {
  readonly ahead: AheadSocket
  readonly socket: FakeSocket
  readonly answer: FakeAnswer
  readonly heard: string[]
} {
  const answer = new FakeAnswer()
  vi.stubGlobal('fetch', answer.fetch)
  const socket = new FakeSocket()
  const heard: string[] = []
  const ahead = new AheadSocket(
    socket as unknown as WebSocket,
    {
      challenge: encodeBase64url(PAGE_CHALLENGE),
      token: 'token',
      joinUrl: joinPath(roomIdOf(new Uint8Array(16))),
    },
    {
      onOpen: () => heard.push('open'),
      onFrame: (bytes) => heard.push(bytes.join()),
      onClose: (code) => heard.push(`closed ${code}`),
    },
  )
  return { ahead, socket, answer, heard }
}

beforeEach(() => vi.stubGlobal('WebSocket', FakeSocket))
afterEach(() => vi.unstubAllGlobals())

describe('a socket that is joined before it is open', () => {
  test('E490 the challenge of the page is the first word, and its answer goes as a request', async () => {
    const { ahead, answer, heard, socket } = begin()
    await vi.waitFor(() => expect(heard).toEqual(['1']))
    ahead.send(JOIN)
    const { method, headers, body } = answer.request ?? {}
    expect(method).toBe('POST')
    expect(headers).toMatchObject({
      [CHALLENGE]: encodeBase64url(PAGE_CHALLENGE),
      [AHEAD]: 'token',
    })
    expect(body).toEqual(JOIN)
    expect(socket.sent).toEqual([])
  })

  test('E490 what the answer brings is heard at once, and what is said waits for the socket', async () => {
    const { ahead, answer, heard, socket } = begin()
    ahead.send(JOIN)
    answer.accept()
    answer.write(SOCKET_CHALLENGE, WELCOME)
    await vi.waitFor(() => expect(heard).toContain('4'))
    expect(heard).not.toContain('3')
    ahead.send(frame(7))
    socket.open()
    ahead.send(frame(8))
    expect(socket.sent).toEqual([frame(7), frame(8)])
  })

  test('E490 what the socket brings comes after all that the answer has', async () => {
    const { ahead, answer, heard, socket } = begin()
    ahead.send(JOIN)
    answer.accept()
    answer.write(SOCKET_CHALLENGE)
    socket.open()
    socket.bring(frame(6))
    answer.write(WELCOME, frame(5))
    await vi.waitFor(() => expect(heard).toContain('5'))
    expect(heard).not.toContain('6')
    answer.end()
    await vi.waitFor(() => expect(heard.slice(-3)).toEqual(['4', '5', '6']))
    socket.bring(frame(9))
    expect(heard.at(-1)).toBe('9')
  })

  test('E491 where the socket was first, its challenge is not answered again', async () => {
    const { ahead, answer, heard, socket } = begin()
    ahead.send(JOIN)
    socket.open()
    socket.bring(SOCKET_CHALLENGE)
    socket.bring(WELCOME)
    answer.accept()
    answer.end()
    await vi.waitFor(() => expect(heard).toEqual(['open', '1', '4']))
  })

  test('E491 refused, the join is made again by the socket', async () => {
    const { ahead, answer, heard, socket } = begin()
    ahead.send(JOIN)
    answer.refuse()
    socket.open()
    socket.bring(SOCKET_CHALLENGE)
    await vi.waitFor(() => expect(heard).toEqual(['open', '1', '3']))
    ahead.send(frame(8))
    expect(socket.sent).toEqual([frame(8)])
  })

  test('E491 an answer that breaks is a socket that broke: once, and for good', async () => {
    for (const mishap of ['break', 'fail'] as const) {
      const { ahead, answer, heard, socket } = begin()
      ahead.send(JOIN)
      if (mishap === 'fail') answer.accept()
      answer[mishap]()
      await vi.waitFor(() => expect(heard).toEqual(['1', 'closed 1006']))
      expect(socket.readyState).toBe(FakeSocket.CLOSED)
      socket.bring(frame(5))
      socket.end(1000)
      expect(heard).toHaveLength(2)
    }
  })

  test('E491 a socket that fails ends the request too, and one that is closed says nothing', async () => {
    const failing = begin()
    failing.ahead.send(JOIN)
    await vi.waitFor(() => expect(failing.heard).toEqual(['1']))
    failing.socket.end(1006)
    expect(failing.answer.request?.signal?.aborted).toBe(true)
    expect(failing.heard).toEqual(['1', 'closed 1006'])
    const closed = begin()
    closed.ahead.send(JOIN)
    await vi.waitFor(() => expect(closed.heard).toEqual(['1']))
    closed.ahead.close()
    closed.answer.accept()
    closed.socket.end(1000)
    expect(closed.heard).toEqual(['1'])
    expect(closed.socket.readyState).toBe(FakeSocket.CLOSED)
  })
})
