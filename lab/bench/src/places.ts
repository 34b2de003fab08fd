/** Where things lie in the checkout, seen from the compiled files in `lab/bench/dist`. */
import { fileURLToPath } from 'node:url'

const root = new URL('../../../', import.meta.url)

function place(path: string): string {
  return fileURLToPath(new URL(path, root))
}

/** The published numbers. */
export const documentFile: string = place('docs/benchmarks.md')
/** The rivals' own package: pinned, with a lockfile, installed by the bench alone. */
export const rivalsFolder: string = place('lab/bench/rivals')
/** Built pages of the rivals; ignored by git. */
export const cacheFolder: string = place('lab/bench/.cache')
/** Knothole's server, which serves its page too. */
export const rendezvousProgram: string = place('apps/rendezvous/dist/shell/main.js')
/** Knothole's built page. */
export const webPage: string = place('apps/web/dist/index.html')
/** Source of the relay bench's load, compiled when the bench runs. */
export const relayLoadSource: string = place('lab/bench/src/relay/load.c')
/** The same in Node, where there is no compiler. */
export const relayNodeLoad: string = place('lab/bench/dist/relay/node-load.js')
/** A UDP forwarder in plain Node. */
export const relayForwarder: string = place('lab/bench/dist/relay/forwarder.js')
/** The NAT laboratory's command, which builds what it needs. */
export const labProgram: string = place('tools/lab.mjs')
