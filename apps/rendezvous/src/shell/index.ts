// The rendezvous as a library, for tests: the command is main.ts.
export { createLogger } from './logger.ts'
export type { Logger } from './logger.ts'
export { readOptions } from './options/options.ts'
export type { ServerOptions } from './options/options.ts'
export { openServer } from './server.ts'
export type { RunningServer } from './server.ts'
