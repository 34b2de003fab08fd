/**
 * The rivals, each in the plainest page its documentation leads to, built by a bundler: a page and a
 * script file. On request each also runs with its script inside the page, as the limit does.
 */
import type { Network } from '../network.ts'
import { bundleRival, rivalProgram } from '../rivals.ts'
import { findFreePort, startServer } from '../server-process.ts'
import type { Contender, Stage } from './contender.ts'
import { relayNostr } from './nostr-relay.ts'
import type { PageStageOptions, Packaging } from './page-stage.ts'
import { openPageStage } from './page-stage.ts'
import { relayWithinRooms } from './signalling.ts'

interface Rival {
  readonly name: string
  readonly what: string
  readonly open: (network: Network, page: PageStageOptions) => Promise<Stage>
}

const rivals: readonly Rival[] = [
  {
    name: 'peerjs',
    what: 'PeerJS 1.5.5 with its own server (peer 1.0.2), ids chosen by the pages.',
    open: openPeerJs,
  },
  {
    name: 'simple-peer',
    what: 'simple-peer 9.11.1 with the minimal WebSocket server of the limit.',
    open: (network, page) => openPageStage(network, { ...page, onSocket: relayWithinRooms() }),
  },
  {
    name: 'trystero',
    what: 'Trystero 0.25.4, nostr strategy, with one small nostr relay of ours.',
    open: (network, page) => openPageStage(network, { ...page, onSocket: relayNostr() }),
  },
]

/** Every rival as usual, then every rival with its script inside the page. */
export const rivalContenders: readonly Contender[] = [
  ...rivals.map((rival) => contend(rival, 'file')),
  ...rivals.map((rival) => contend(rival, 'inline')),
]

function contend({ name, what, open }: Rival, packaging: Packaging): Contender {
  const inline = packaging === 'inline'
  return {
    name: inline ? `${name}-inline` : name,
    what: inline ? `${what} Its script stands inside the page.` : what,
    onRequest: inline,
    open: async (network) => open(network, { script: await bundleRival(name), packaging }),
  }
}

async function openPeerJs(network: Network, page: PageStageOptions): Promise<Stage> {
  const port = await findFreePort()
  const program = rivalProgram('peer/dist/bin/peerjs.js')
  const args = ['--host', '127.0.0.1', '--port', String(port)]
  const server = await startServer({ program, args, port })
  const query = `server=${await network.expose(port)}`
  const stage = await openPageStage(network, { ...page, query })
  return {
    arrange: (waiter) => stage.arrange(waiter),
    async close() {
      await stage.close()
      await server.close()
    },
  }
}
