// Whoever opens a link joins by the connection that brought the page: here the network holds back its
// WebSocket, and people talk all the same.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../tools/requirements.mjs'
import { buildPage, launchChromium, openWindow } from './story/browser.testing.ts'
import { startRendezvous } from './story/rendezvous.testing.ts'
import type { Rendezvous } from './story/rendezvous.testing.ts'
import { hears, say } from './story/talk.testing.ts'

const reason = missing('chromium')

/** A way to a server that holds back WebSockets until it is told to let them through. */
class HoldingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #held: (() => void)[] = []
  #isOpen = false

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          near.destroy()
          far.destroy()
        })
      }
      far.pipe(near)
      near.on('data', (data: Buffer) => {
        const isUpgrade = data.includes('Upgrade: websocket')
        if (!isUpgrade || this.#isOpen) far.write(data)
        else this.#held.push(() => far.write(data))
      })
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get held(): number {
    return this.#held.length
  }

  letThrough(): void {
    this.#isOpen = true
    for (const pass of this.#held.splice(0)) pass()
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

describe.skipIf(reason !== undefined)(`a link whose WebSocket is late ${reason ?? ''}`, () => {
  let browser: Browser
  let server: Rendezvous
  let proxy: HoldingProxy
  let proxyOrigin: string
  let alice: Page
  let link: string

  beforeAll(async () => {
    server = await startRendezvous(await buildPage('index.html'))
    proxy = new HoldingProxy(Number(new URL(server.origin).port))
    proxyOrigin = await proxy.listen()
    browser = await launchChromium()
    alice = (await openWindow(browser)).page
    await alice.goto(server.origin)
    await alice.locator('button[data-action=create-room]').click()
    await alice.locator('[data-rendezvous=online]').waitFor()
    link = alice.url()
  })

  afterAll(async () => {
    await browser?.close()
    proxy?.close()
    await server?.close()
  })

  it('E490 R37 W29 opens on the conversation all the same, and the WebSocket takes over', async () => {
    const { page: bob, complaints } = await openWindow(browser)
    await bob.goto(link.replace(server.origin, proxyOrigin))
    await links(bob, 1)
    await say(bob, 'I have no WebSocket yet')
    await hears(alice, 'I have no WebSocket yet')
    await say(alice, 'So I see')
    await hears(bob, 'So I see')
    expect(proxy.held).toBe(1)

    proxy.letThrough()
    const { page: carol } = await openWindow(browser)
    await carol.goto(link)
    await links(bob, 2)
    await say(bob, 'Hello both')
    await hears(carol, 'Hello both')
    expect(server.output.join('\n')).not.toMatch(/refused/)
    expect(complaints).toEqual([])
  })
})

async function links(page: Page, count: number): Promise<void> {
  const linked = page.locator('[data-member][data-state=connected]')
  await expect.poll(() => linked.count()).toBe(count)
}
