/**
 * Knothole as a user meets it: its server from the command line, its built page, a room by its
 * button, people and messages by the page's `data-` attributes. No module of it is imported.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { BenchError } from '../bench.ts'
import type { Network } from '../network.ts'
import { rendezvousProgram, webPage } from '../places.ts'
import { findFreePort, startServer } from '../server-process.ts'
import type { Contender, Stage } from './contender.ts'
import { greeting } from './contender.ts'

export const knothole: Contender = {
  name: 'knothole',
  what: 'its rendezvous and its page, as built and served for users.',
  open: openKnothole,
}

async function openKnothole(network: Network): Promise<Stage> {
  for (const file of [rendezvousProgram, webPage]) {
    if (!existsSync(file)) throw new BenchError('missing-part', `${file} is not built.`)
  }
  const port = await findFreePort()
  const url = `http://127.0.0.1:${await network.expose(port)}`
  const folder = await mkdtemp(join(tmpdir(), 'knothole-bench-'))
  const server = await startServer({
    program: rendezvousProgram,
    args: Object.entries({
      '--host': '127.0.0.1',
      '--port': String(port),
      '--url': url,
      '--data': folder,
      '--stun-port': String(await findFreePort()),
      '--stun-alt-port': String(await findFreePort()),
    }).flat(),
    port,
  })
  return {
    arrange: (waiter) => arrange(waiter, url),
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function arrange(waiter: Page, url: string): Promise<string> {
  await waiter.addInitScript(greetNewcomer, greeting)
  await waiter.goto(url)
  await waiter.click('button[data-action="create-room"]')
  const room = await waiter.waitForSelector('[data-room-link]', { state: 'attached' })
  const link = await room.getAttribute('data-room-link')
  if (link === null) throw new Error('the room link went away')
  return link
}

/** Runs in the waiter's page: types the greeting and presses Enter once somebody is connected. */
function greetNewcomer(greeting: string): void {
  const type = (): boolean => {
    const composer = document.querySelector<HTMLTextAreaElement>('textarea[data-composer]')
    if (composer === null || composer.disabled) return false
    // The framework listens to `input`, and its own setter would hide the change from it.
    Reflect.set(HTMLTextAreaElement.prototype, 'value', greeting, composer)
    composer.dispatchEvent(new InputEvent('input', { bubbles: true }))
    const key = { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true }
    composer.dispatchEvent(new KeyboardEvent('keydown', key))
    return true
  }
  const observer = new MutationObserver(() => {
    if (document.querySelector('[data-member][data-state="connected"]') === null) return
    if (type()) observer.disconnect()
  })
  observer.observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-state', 'data-member', 'disabled'],
  })
}
