// The entry of a thread that serves STUN and TURN: opens what it is told, answers questions of the main
// thread, and ends when told so. A fault it does not know ends it; traversal-threads starts another.
import { parentPort, workerData } from 'node:worker_threads'
import type { TransportAddress } from '@knothole/traversal'
import type { ProbeVerdicts } from './filter-probe.ts'
import { ListenError } from '../listen-error.ts'
import type { ListenErrorCode } from '../listen-error.ts'
import type { UdpChoice } from '../udp/udp.ts'
import { openTraversalServer } from './traversal-server.ts'
import type {
  SkippedHost,
  TraversalCounts,
  TraversalOptions,
  TraversalServer,
} from './traversal-server.ts'

/** What the main thread asks; an answer has the number of its question. */
export type ToWorker =
  | { readonly type: 'probe'; readonly number: number; readonly place: TransportAddress }
  | { readonly type: 'counts'; readonly number: number }
  | { readonly type: 'close' }

/** What a thread says. */
export type FromWorker =
  | {
      readonly type: 'open'
      readonly udp: readonly TransportAddress[]
      readonly udpChoice: UdpChoice
      readonly streams: readonly TransportAddress[]
      readonly skipped: readonly SkippedHost[]
    }
  | { readonly type: 'failed'; readonly code: ListenErrorCode; readonly message: string }
  | { readonly type: 'error'; readonly message: string }
  | {
      readonly type: 'probed'
      readonly number: number
      readonly verdicts: ProbeVerdicts | undefined
    }
  | { readonly type: 'counted'; readonly number: number; readonly counts: TraversalCounts }

const port = parentPort
if (port !== null) await run((message) => port.postMessage(message))

async function run(say: (message: FromWorker) => void): Promise<void> {
  let server: TraversalServer
  try {
    server = await openTraversalServer(workerData as TraversalOptions, {
      onError: ({ message }) => say({ type: 'error', message }),
    })
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    say({ type: 'failed', code: error.code, message: error.message })
    return
  }
  port?.on('message', (message: ToWorker) => void hear(message, { server, say }))
  const { udp, udpChoice, streams, skipped } = server
  say({ type: 'open', udp, udpChoice, streams, skipped })
}

async function hear(
  message: ToWorker,
  { server, say }: { readonly server: TraversalServer; readonly say: (one: FromWorker) => void },
): Promise<void> {
  switch (message.type) {
    case 'probe': {
      const verdicts = await server.probe(message.place)
      say({ type: 'probed', number: message.number, verdicts })
      return
    }
    case 'counts':
      say({ type: 'counted', number: message.number, counts: server.counts() })
      return
    case 'close':
      await server.close()
      port?.close()
  }
}
